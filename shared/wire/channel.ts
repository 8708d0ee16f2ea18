/**
 * One connection, either side of it: numbered messages, objects in frames, heartbeat and end. It
 * knows no rounds; what arrives goes to its handler. Whatever its handler throws ends this socket
 * and nothing else.
 */
import { type Problem, ProtocolError } from "../errors.ts";
import type { Timing } from "../timing.ts";
import type { ChannelHandler, ChannelSettings, End } from "./channel-handler.ts";
import { CLOSE, closeCode } from "./close-codes.ts";
import { type EncodedObject, type ObjectHeader, readFrame } from "./codec.ts";
import type { Egress } from "./egress.ts";
import { headerOf, Inbox } from "./incoming.ts";
import { Liveness } from "./liveness.ts";
import { type Delivery, Outbox } from "./outgoing.ts";
import { PingLimit } from "./ping-limit.ts";
import {
  type CommonMessage,
  LIMITS,
  type Outgoing,
  type OutgoingCommon,
  parseMessage,
  type Side,
  wireProblem,
} from "./protocol.ts";
import type { Connection } from "./transport.ts";

/** The code that WebSocket itself reports when no close frame came. */
const BROKEN = 1006;

interface Opposite {
  readonly server: "client";
  readonly client: "server";
}

/** @typeParam Peer whose messages come in */
export class Channel<Peer extends Side> {
  /** The peer's name in refusals; better known after `auth`. */
  where: string;
  readonly #socket: Connection;
  readonly #peer: Peer;
  readonly #handler: ChannelHandler<Peer>;
  readonly #timing: Timing;
  readonly #outbox: Outbox;
  readonly #inbox = new Inbox();
  readonly #liveness: Liveness;
  readonly #pingLimit: PingLimit;
  readonly #heartbeat: NodeJS.Timeout;
  #closeTimer: NodeJS.Timeout | undefined;
  #state: "shut" | "asked" | "open" | "ended" = "shut";
  #sent = 0;
  #received = 0;
  #pings = 0;
  #end: Omit<End, "problem"> | undefined;
  #problem: Problem | undefined;

  /** @param socket opened in this very tick: what came before has no listener */
  constructor(
    socket: Connection,
    peer: Peer,
    handler: ChannelHandler<Peer>,
    { where, timing }: ChannelSettings,
  ) {
    this.where = where;
    this.#socket = socket;
    this.#peer = peer;
    this.#handler = handler;
    this.#timing = timing;
    this.#liveness = new Liveness(timing);
    this.#pingLimit = new PingLimit(timing.heartbeatMs, performance.now());
    this.#outbox = new Outbox(socket, (error) => this.fail(error));
    socket.on("error", (error) =>
      this.#endWith(BROKEN, "code" in error ? `${error.code}` : error.message),
    );
    socket.on("close", (code, reason) => this.#closed(code, reason.toString()));
    socket.on("message", (data, isBinary) => this.#guard(() => this.#take(data, isBinary)));
    // ws answers those of WebSocket itself.
    socket.on("ping", () => this.#guard(() => this.#pinged()));
    this.#heartbeat = setInterval(() => this.#guard(() => this.#beat()), timing.heartbeatMs);
  }

  /**
   * Lets everything in, and begins to ping. Before, one text of at most 2 KiB is read and no more:
   * the server opens once `auth` has passed, the client on `hello`.
   */
  open(): void {
    if (this.#state !== "ended") this.#state = "open";
  }

  /** All that has left by this connection. */
  get egress(): Egress {
    return this.#outbox.egress;
  }

  get isEnded(): boolean {
    return this.#state === "ended";
  }

  /** Nothing happens once the connection has ended: its owner has been told, or will be. */
  send(message: Outgoing<Opposite[Peer]>): void {
    this.#guard(() => this.#write(message));
  }

  /**
   * Sends an object after those before it. `taken`: the peer has it whole; `refused`: its hash was
   * wrong there; `lost`: the connection ended first. A message that names its stream goes before.
   *
   * Streams are unique on a socket and direction. A side that numbers all its objects by one
   * counter, on whichever socket, can send one encoded broadcast on all of them.
   */
  sendObject(object: EncodedObject): Promise<Delivery> {
    const { header, sha256 } = object;
    return this.#outbox.object(object, () => {
      // Numbered as a message is, so that one that is lost or doubled on its way shows.
      if (sha256 === undefined) this.#sent += 1;
      else this.#write({ t: "put", ...header, sha256 });
    });
  }

  /** Asks the peer for a sign of life, beside those of each heartbeat. */
  ping(): void {
    if (this.#state === "open") this.#guard(() => this.#writePing());
  }

  /** Stops reading, so that the peer's next objects wait with the peer. */
  pause(): void {
    if (this.#state !== "ended") this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection as a throw in the handler does. */
  fail(error: unknown): void {
    if (!(error instanceof ProtocolError)) {
      this.#handler.bug(error);
      this.close(CLOSE.bug, "internal error");
      return;
    }
    if (this.#state === "ended") return;
    const problem = wireProblem(error);
    this.#problem = error.problem;
    const code = closeCode(problem.what);
    // A slow peer would not read it.
    if (code !== CLOSE.slow) this.#guard(() => this.#write({ t: "error", problem }));
    this.close(code, problem.what);
  }

  /** Ends it as agreed. Objects not yet taken are lost. */
  bye(reason: string): void {
    this.#guard(() => this.#write({ t: "bye", reason }));
    this.close(CLOSE.bye, reason);
  }

  /** Closes politely, for at most `Timing.closeMs`. */
  close(code: number, reason: string): void {
    if (this.#state === "ended") return;
    this.#endWith(code, reason);
    // WebSocket allows 123 bytes; 40 characters are at most 120.
    this.#socket.close(code, reason.slice(0, 40));
    this.#socket.resume();
  }

  /** Destroys the socket without a word: what a network does, and a scripted fault. */
  cut(): void {
    this.#socket.terminate();
  }

  #take(data: Buffer, isBinary: boolean): unknown {
    if (!Buffer.isBuffer(data)) throw new TypeError("ws gives Buffers unless told otherwise");
    this.#liveness.heard(isBinary);
    this.#handler.heard?.();
    if (this.#state !== "open") this.#takeFirst(data.length, isBinary);
    return isBinary ? this.#takeFrame(data) : this.#takeMessage(data.toString());
  }

  #takeFirst(bytes: number, isBinary: boolean): void {
    if (this.#state !== "shut" || isBinary) throw this.#early(isBinary ? "a frame" : "a message");
    if (!(bytes <= LIMITS.firstMessage)) {
      const expected = `at most ${LIMITS.firstMessage} before auth`;
      throw this.#fault("json.size", `${bytes} bytes`, expected);
    }
    this.#state = "asked";
  }

  #takeMessage(text: string): unknown {
    const parsed = parseMessage(text, this.#peer, this.where);
    const { seq } = parsed.message;
    if (seq !== this.#received) throw this.#fault("json.seq", seq, `${this.#received}`);
    this.#received += 1;
    return parsed.common ? this.#takeCommon(parsed.message) : this.#handler.message(parsed.message);
  }

  #takeCommon(message: CommonMessage): void {
    const handshake = message.t === "error" || message.t === "bye";
    if (this.#state !== "open" && !handshake) throw this.#early(message.t);
    switch (message.t) {
      case "put":
        this.#announce(message, message.sha256);
        break;
      case "have":
        this.#outbox.have(message.stream, message.ok, this.where);
        break;
      case "ping":
        this.#pinged();
        this.#write({ t: "pong", id: message.id, sentAt: message.sentAt });
        break;
      case "pong":
        this.#pinged();
        break; // that it came is enough
      case "bye":
        this.close(CLOSE.bye, message.reason);
        break;
      case "error":
        this.#problem = message.problem;
    }
  }

  /** Or an answer to one: nobody is asked more often. */
  #pinged(): void {
    if (this.#pingLimit.take(performance.now())) return;
    throw this.#fault("rate.pings", "pings without end", "one in a heartbeat");
  }

  #takeFrame(data: Buffer): unknown {
    const frame = readFrame(data, this.where);
    if (frame.alone) {
      this.#received += 1;
      this.#announce(headerOf(frame.header));
    }
    const arrived = this.#inbox.take(frame, this.where);
    if (arrived === undefined) return;
    this.#write(arrived.have);
    return arrived.object === undefined ? undefined : this.#handler.object(arrived.object);
  }

  /** @param sha256 that a `put` tells */
  #announce(header: ObjectHeader, sha256?: string): void {
    const judge = () => this.#handler.judge(header, sha256 === undefined);
    this.#inbox.announce(header, sha256, judge, this.where);
  }

  #beat(): void {
    const state = this.#liveness.beat(this.#socket.isPaused, this.#inbox.isAmid);
    if (state === "stalled") throw this.#fault("stream.order", "nothing", "the rest of an object");
    if (state === "silent") {
      this.#endWith(BROKEN, `silent for ${this.#timing.silenceMs} ms`);
      this.#socket.terminate();
      return;
    }
    this.#outbox.beat(this.#liveness.beats);
    if (this.#state === "open") this.#writePing();
  }

  #writePing(): void {
    this.#write({ t: "ping", id: this.#pings++, sentAt: performance.now() });
  }

  #write(message: Outgoing<Opposite[Peer]> | OutgoingCommon): void {
    const text = JSON.stringify({ ...message, seq: this.#sent });
    if (Buffer.byteLength(text) > LIMITS.json) throw new RangeError(`too long: ${message.t}`);
    this.#sent += 1;
    this.#outbox.write(text, message.t);
  }

  /** Whatever a step throws, at once or later, ends this connection and reaches nobody else. */
  #guard(step: () => unknown): void {
    if (this.#state !== "ended") void this.#watch(step);
  }

  async #watch(step: () => unknown): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.fail(error);
    }
  }

  #endWith(code: number, reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#end = { code, reason };
    clearInterval(this.#heartbeat);
    this.#outbox.end();
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), this.#timing.closeMs);
  }

  #closed(code: number, reason: string): void {
    this.#endWith(code, reason);
    clearTimeout(this.#closeTimer);
    const end = this.#end ?? { code, reason };
    void this.#watch(() => this.#handler.closed({ ...end, problem: this.#problem }));
  }

  #early(got: string): ProtocolError {
    return this.#fault("auth.early", got, "nothing before the handshake is done");
  }

  #fault(what: string, got: unknown, expected: string): ProtocolError {
    const fix = "Follow version 1 of the wire protocol.";
    return new ProtocolError({ what, where: this.where, got, expected, fix });
  }
}
