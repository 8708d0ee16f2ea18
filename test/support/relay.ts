/**
 * A TCP relay between clients and a coordinator that does what lines do: cut, go silent, crawl,
 * and, as no line should, lose, double and swap whole WebSocket messages. It listens on 127.0.0.2 at the
 * coordinator's own port, so that the address dialled is one that the coordinator can be told it has.
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { MessageCutter } from "./web-socket-messages.ts";

export const RELAY_HOST = "127.0.0.2";

export type Direction = "up" | "down";
/** What happens to a message: `swap` holds it back behind the next. */
export type InjectedFault = "pass" | "drop" | "twice" | "swap";

export class Relay {
  /** Connections taken so far. */
  connections = 0;
  /** Judges each message after the HTTP head, counted from 0 on each connection. */
  fate: (direction: Direction, index: number, connection: number) => InjectedFault = () => "pass";
  /** Bytes that have gone up, on all connections. */
  passedUp = 0;
  /** When so many have gone up, all connections are cut, once. */
  cutAt = Number.POSITIVE_INFINITY;
  /** Bytes that pass upwards every 10 ms. */
  upPerTick = Number.POSITIVE_INFINITY;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isDown = false;
  #isSilent = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port of the coordinator on 127.0.0.1, and of this on 127.0.0.2 */
  static async open(port: number): Promise<Relay> {
    const server = createServer((client) => relay.#relay(client, port));
    const relay = new Relay(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, RELAY_HOST, resolve);
    });
    return relay;
  }

  /** Cuts every connection; new ones are refused until `heal`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Cuts every connection; new ones pass. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Half-open: connections stay, and nothing passes any more. New ones pass. */
  silence(): void {
    this.#isSilent = true;
  }

  heal(): void {
    this.#isDown = false;
    this.#isSilent = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(client: Socket, port: number): void {
    if (this.#isDown) {
      client.on("error", () => {});
      client.destroy();
      return;
    }
    const server = createConnection(port, "127.0.0.1");
    const connection = this.connections++;
    // A connection made while all is silent is one that was dialled anew.
    const wasSilent = this.#isSilent;
    const isSilent = () => this.#isSilent && !wasSilent;
    this.#pipe(client, server, "up", connection, isSilent);
    this.#pipe(server, client, "down", connection, isSilent);
  }

  #pipe(
    from: Socket,
    to: Socket,
    direction: Direction,
    connection: number,
    isSilent: () => boolean,
  ): void {
    this.#open.add(from);
    const cutter = new MessageCutter();
    let index = 0;
    let held: Buffer | undefined;
    let last = Promise.resolve();
    const pass = (bytes: Buffer) => {
      last = last.then(async () => {
        const isUp = direction === "up";
        const room = isUp ? this.cutAt - this.passedUp : Number.POSITIVE_INFINITY;
        for (let at = 0; at < Math.min(bytes.length, room); ) {
          const tick = isUp ? this.upPerTick : Number.POSITIVE_INFINITY;
          const part = bytes.subarray(at, Math.min(bytes.length, room, at + tick));
          if (tick < Number.POSITIVE_INFINITY)
            await new Promise((resolve) => setTimeout(resolve, 10));
          if (isSilent() || to.destroyed) return;
          to.write(part);
          at += part.length;
          if (isUp) this.passedUp += part.length;
        }
        if (bytes.length <= room) return;
        this.cutAt = Number.POSITIVE_INFINITY;
        this.cut();
      });
    };
    from.on("data", (bytes) => {
      if (isSilent()) return;
      for (const piece of cutter.take(bytes)) {
        const fate = piece.isHead ? "pass" : this.fate(direction, index++, connection);
        if (fate === "swap") held = piece.bytes;
        else if (fate !== "drop") {
          pass(piece.bytes);
          if (fate === "twice") pass(piece.bytes);
          if (held) pass(held);
          held = undefined;
        }
      }
    });
    from.on("error", () => {});
    from.once("close", () => {
      this.#open.delete(from);
      if (!isSilent()) void last.then(() => to.destroy());
    });
  }
}
