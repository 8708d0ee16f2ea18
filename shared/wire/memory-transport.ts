/**
 * Connections within one process, for a run without sockets. Each message is copied as it is sent, and heard
 * in a later turn of the event loop, in order: what a socket would do, without its time.
 */
import { EventEmitter } from "node:events";
import type { Connection, Dial, Door, Enter } from "./transport.ts";

/** What WebSocket reports where no close frame came. */
const BROKEN = 1006;

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
  readonly left: (error?: Error) => void;
}

export class MemoryTransport {
  #enter: Enter | undefined;

  /** The coordinator's end: from now on clients come in. */
  open(enter: Enter): Door {
    this.#enter = enter;
    const close = () => {
      this.#enter = undefined;
      return Promise.resolve();
    };
    return { port: 0, known: () => {}, failed: () => {}, close };
  }

  /** A client's end. Its owner is there first: the coordinator speaks as soon as it has the other. */
  readonly dial: Dial = async (_, opened) => {
    const enter = this.#enter;
    if (!enter) throw new Error("no coordinator is in this process");
    const [near, far] = connectedPair();
    const owner = opened(near);
    enter(far, "this process");
    return owner;
  };
}

/** Two ends of one connection. */
export function connectedPair(): readonly [Connection, Connection] {
  const [a, b] = [new MemoryConnection(), new MemoryConnection()];
  a.peer = b;
  b.peer = a;
  return [a, b];
}

class MemoryConnection extends EventEmitter implements Connection {
  peer: MemoryConnection | undefined;
  bufferedAmount = 0;
  isPaused = false;
  /** Sent by the peer and not heard yet. */
  readonly #arrived: Message[] = [];
  #isScheduled = false;
  /** The peer has closed: said once all that came before is heard. */
  #farewell: readonly [code: number, reason: string] | undefined;
  #isClosed = false;

  send(data: string | Buffer, left: (error?: Error) => void): void {
    const { peer } = this;
    if (this.#isClosed || !peer || peer.#isClosed)
      return void setImmediate(left, new Error("the connection is closed"));
    // A copy: what the sender writes into its own memory later is none of the hearer's business.
    const copy = Buffer.from(data as Buffer);
    this.bufferedAmount += copy.length;
    peer.#arrived.push({ data: copy, isBinary: typeof data !== "string", left });
    peer.#schedule();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.#schedule();
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    for (const end of [this, this.peer]) {
      if (!end) continue;
      end.#farewell ??= [code, reason];
      end.#schedule();
    }
  }

  terminate(): void {
    for (const end of [this, this.peer]) {
      if (!end || end.#isClosed) continue;
      end.#arrived.length = 0;
      end.#farewell ??= [BROKEN, ""];
      end.isPaused = false;
      end.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#hear();
    });
  }

  #hear(): void {
    let heard = false;
    while (!this.isPaused) {
      const message = this.#arrived.shift();
      if (!message) break;
      heard = true;
      if (this.peer) this.peer.bufferedAmount -= message.data.length;
      message.left();
      this.emit("message", message.data, message.isBinary);
    }
    if (this.#arrived.length > 0 || !this.#farewell || this.#isClosed) return;
    // What waits for the last message goes on before it hears of the end, as where that comes from a socket.
    if (heard) this.#schedule();
    else this.#close(...this.#farewell);
  }

  #close(code: number, reason: string): void {
    this.#isClosed = true;
    this.emit("close", code, Buffer.from(reason));
  }
}
