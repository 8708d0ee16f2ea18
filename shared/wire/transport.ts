/**
 * What carries whole messages between a coordinator and its hosts: a connection, and the two ends at which
 * connections begin. A WebSocket is one such connection, a pair in memory the other. Whatever travels has been
 * through the codec: bytes, never objects, and never memory that both sides could write to.
 */
import type { Timing } from "../timing.ts";

/** One end of a connection, as `ws` has it; what comes before a listener is there is lost. */
export interface Connection {
  on(event: "message", hear: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "close", hear: (code: number, reason: Buffer) => void): unknown;
  on(event: "error", hear: (error: Error) => void): unknown;
  /** Of the carrier itself, which answers it. */
  on(event: "ping", hear: () => void): unknown;
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  readonly isPaused: boolean;
  /** @param left called once they have left, or with why they will not */
  send(data: string | Buffer, left: (error?: Error) => void): void;
  /** Hears no message until `resume`. */
  pause(): void;
  resume(): void;
  /** Politely, once what was sent has left. @param reason at most 123 bytes */
  close(code: number, reason: string): void;
  /** At once and without a word. */
  terminate(): void;
}

/** Where a coordinator's connections come in. */
export interface Door {
  /** Behind the coordinator's name in what clients sign; 0: no port is involved. */
  readonly port: number;
  /** That connection has shown a key. */
  known(connection: Connection): void;
  /** That one could not. */
  failed(connection: Connection): void;
  close(): Promise<void>;
}

/** Called with each connection that comes in. @param from where it comes from, in words */
export type Enter = (connection: Connection, from: string) => void;

/**
 * How a client comes by a connection. `opened` is called in the very tick in which it opens: later, the
 * coordinator's first message would find no listener. Rejects with a ProtocolError where nobody answers.
 */
export type Dial = <T>(timing: Timing, opened: (connection: Connection) => T) => Promise<T>;
