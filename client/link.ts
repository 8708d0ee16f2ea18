/** IO: a host's connection to the coordinator. Bytes in, orders out; updates in, frames out. */
import { WebSocket } from "ws";
import type { Anchor } from "../shared/accounting/chain.ts";
import type { Task } from "../shared/accounting/event.ts";
import { ProtocolError } from "../shared/errors.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Timing } from "../shared/timing.ts";
import { VERSION } from "../shared/version.ts";
import { Channel } from "../shared/wire/channel.ts";
import type { ChannelHandler, End } from "../shared/wire/channel-handler.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import {
  answerHello,
  type Credentials,
  checkPlanBytes,
  checkWelcome,
} from "../shared/wire/handshake.ts";
import type { Received, Verdict } from "../shared/wire/incoming.ts";
import {
  LIMITS,
  type Messages,
  PROTOCOL_PATH,
  type Put,
  SOCKET_LIMITS,
  SUBPROTOCOL,
} from "../shared/wire/protocol.ts";
import {
  fromWire,
  hashFromWire,
  hashToWire,
  packNames,
  unpackNumbers,
} from "../shared/wire/wire-values.ts";
import { type Awaited, awaited } from "./awaited.ts";
import { OrderBook } from "./order-book.ts";

type FromServer = Messages["server"];

/** How to reach a coordinator, and how to know it. */
export interface Address {
  /** "host:port". */
  readonly audience: string;
  readonly credentials: Credentials;
  /** The coordinator's public key, 32 bytes. */
  readonly serverKey: Uint8Array;
}

/** One attempt to take part in. */
export interface Order {
  readonly round: number;
  readonly attempt: number;
  /** This host's clients in the cohort, by number. */
  readonly cohort: readonly number[];
  readonly task: Task;
  /** In force in this round. */
  readonly clipNorm: number;
  /** float32[parameters]. */
  readonly parameters: Float32Array;
}

export class Link {
  /** Resolves with the plan's bytes, their hash right, and that hash. */
  readonly plan: Promise<{ readonly bytes: Buffer; readonly hash: string }>;
  readonly #address: Address;
  readonly #channel: Channel<"server">;
  readonly #plan = awaited<{ bytes: Buffer; hash: string }>();
  readonly #admitted = awaited<number[]>();
  /** Objects that a message has named and that are still to come, by stream. */
  readonly #expected = new Map<number, { limitBytes: number; arrived: Awaited<Received> }>();
  readonly #orders: Order[] = [];
  #waiting: ((order: Order | undefined) => void) | undefined;
  #ended: End | undefined;
  #transcript: Buffer = Buffer.alloc(0);
  #planHash = "";
  #runId = "";
  #seen: Anchor | undefined;
  #stream = 0;
  #modelBytes: number = LIMITS.tensor;
  #book: OrderBook | undefined;

  private constructor(socket: WebSocket, address: Address, timing: Timing) {
    this.#address = address;
    this.plan = this.#plan.promise;
    // Each is waited for in its turn; the end of the link rejects the others too.
    for (const { promise } of [this.#plan, this.#admitted]) promise.catch(() => {});
    const handler: ChannelHandler<"server"> = {
      message: (message) => this.#message(message),
      judge: (put) => this.#judge(put),
      object: (object) => this.#object(object),
      closed: (end) => this.#close(end),
      bug: (error) =>
        process.stderr.write(`bug: ${error instanceof Error ? error.stack : error}\n`),
    };
    this.#channel = new Channel(socket, "server", handler, { where: address.audience, timing });
  }

  /** @throws ProtocolError if nobody answers there */
  static dial(address: Address, timing: Timing): Promise<Link> {
    const socket = new WebSocket(`ws://${address.audience}${PROTOCOL_PATH}`, SUBPROTOCOL, {
      ...SOCKET_LIMITS,
      handshakeTimeout: timing.authMs,
    });
    return new Promise((resolve, reject) => {
      // Within this very tick, or the coordinator's first message finds no listener.
      socket.once("open", () => resolve(new Link(socket, address, timing)));
      socket.once("error", (cause) =>
        reject(fault("connect", address.audience, cause.message, "a coordinator")),
      );
    });
  }

  /** Says that these clients are here, their data prepared: their numbers, in the same order. */
  async ready(names: readonly string[], plan: PrivacyPlan): Promise<readonly number[]> {
    this.#modelBytes = 4 * plan.parameters;
    this.#book = new OrderBook(plan);
    const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: this.#stream++ };
    this.#channel.send({
      t: "ready",
      planHash: hashToWire(this.#planHash),
      clientsStream: ids.stream,
    });
    await this.#channel.sendObject(encodeObject({ kind: "blob", values: packNames(names) }, ids));
    return this.#admitted.promise;
  }

  /** 32 hex digits, once the coordinator has said hello. */
  get runId(): string {
    return this.#runId;
  }

  /** Where the coordinator's ledger stood when it last closed an attempt. */
  get seen(): Anchor | undefined {
    return this.#seen;
  }

  /** The next attempt to take part in; undefined once the coordinator has said goodbye. */
  async nextOrder(): Promise<Order | undefined> {
    const next = this.#orders.shift();
    if (next || this.#ended) return next;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Sends one client's update: int32[parameters], lattice steps. */
  async send(order: Order, vclient: number, update: Int32Array): Promise<void> {
    const { round, attempt } = order;
    const ids = { vclient, round, attempt, stream: this.#stream++ };
    this.#channel.send({ t: "update", ...ids });
    await this.#channel.sendObject(encodeObject({ kind: "update", values: update }, ids));
  }

  /** Says that a client sends nothing in this attempt, since its own ledger does not hold it. */
  decline({ round, attempt }: Order, vclient: number): void {
    this.#channel.send({ t: "decline", vclient, round, attempt, reason: "budget" });
  }

  async #message(message: FromServer): Promise<void> {
    switch (message.t) {
      case "hello": {
        const { credentials, audience } = this.#address;
        this.#runId = fromWire(message.runId).toString("hex");
        const software = `murmur ${VERSION}`;
        const { auth, transcript } = answerHello(message, { audience, credentials, software });
        this.#transcript = transcript;
        this.#channel.open();
        this.#channel.send(auth);
        return;
      }
      case "welcome": {
        const { serverKey, audience } = this.#address;
        const pins = { serverKey, planHash: undefined };
        this.#planHash = checkWelcome(message, this.#transcript, pins, audience);
        const { values } = await this.#arrival(message.planStream, LIMITS.blob);
        checkPlanBytes(asBytes(values), this.#planHash, audience);
        return this.#plan.resolve({ bytes: Buffer.from(asBytes(values)), hash: this.#planHash });
      }
      case "admitted": {
        const { values } = await this.#arrival(message.clientsStream, LIMITS.blob);
        return this.#admitted.resolve(unpackNumbers(asBytes(values), this.#address.audience));
      }
      case "round":
        return this.#round(message);
      case "close":
        this.#seen = { seq: message.ledger.seq, hash: hashFromWire(message.ledger.hash) };
        this.#channel.send({ t: "closeAck", round: message.round, attempt: message.attempt });
        return;
      case "updateAck":
        if (message.status === "refused") {
          process.stderr.write(
            `update of client ${message.vclient} refused: ${message.problem.what}\n`,
          );
        }
    }
  }

  async #round(message: Extract<FromServer, { t: "round" }>): Promise<void> {
    const { round, attempt, task, clipNorm, cohortStream, modelStream } = message;
    if (!this.#book) throw fault("message.order", this.#channel.where, "round", "admitted first");
    this.#book.take(message);
    // Both are expected before either is waited for: they follow at once.
    const arrivals = [
      this.#arrival(cohortStream, LIMITS.blob),
      this.#arrival(modelStream, this.#modelBytes),
    ] as const;
    this.#channel.send({ t: "accept", round, attempt });
    const [cohort, model] = await Promise.all(arrivals);
    if (model.kind !== "model" || 4 * model.values.length !== this.#modelBytes) {
      throw fault("model.shape", this.#channel.where, model.values.length, "the plan's parameters");
    }
    if (!model.values.every(Number.isFinite)) {
      throw fault("model.non-finite", this.#channel.where, "NaN or Infinity", "a finite model");
    }
    const numbers = unpackNumbers(asBytes(cohort.values), this.#channel.where);
    this.#hand({ round, attempt, cohort: numbers, task, clipNorm, parameters: model.values });
  }

  #hand(order: Order): void {
    if (this.#waiting) this.#waiting(order);
    else this.#orders.push(order);
    this.#waiting = undefined;
  }

  /** Expects an object that a message has named. */
  #arrival(stream: number, limitBytes: number): Promise<Received> {
    const arrived = awaited<Received>();
    arrived.promise.catch(() => {});
    this.#expected.set(stream, { limitBytes, arrived });
    return arrived.promise;
  }

  #judge(put: Put): Verdict {
    const expected = this.#expected.get(put.stream);
    if (!expected)
      throw fault("stream.unknown", this.#channel.where, put.stream, "a stream announced");
    return { limitBytes: expected.limitBytes, keep: true };
  }

  #object(object: Received): void {
    this.#expected.get(object.put.stream)?.arrived.resolve(object);
    this.#expected.delete(object.put.stream);
  }

  #close(end: End): void {
    this.#ended = end;
    const { what = "link", expected = "a connection that lasts" } = end.problem ?? {};
    const lost = fault(
      what,
      this.#address.audience,
      `the end: ${end.code} ${end.reason}`,
      expected,
    );
    this.#plan.reject(lost);
    this.#admitted.reject(lost);
    for (const { arrived } of this.#expected.values()) arrived.reject(lost);
    this.#waiting?.(undefined);
  }
}

/** A BLOB's bytes; another kind's as they lie in memory, for whoever checks them next. */
function asBytes(values: Received["values"]): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function fault(what: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Look at the coordinator's log for its side of it.";
  return new ProtocolError({ what, where, got, expected, fix });
}
