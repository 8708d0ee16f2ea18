/** IO: a host's connection to the coordinator. Bytes in, orders out; updates in, frames out. */
import type { WebSocket } from "ws";
import type { Anchor } from "../../shared/accounting/chain.ts";
import type { ByAdversary } from "../../shared/accounting/event.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import type { Timing } from "../../shared/timing.ts";
import { VERSION } from "../../shared/version.ts";
import { Channel } from "../../shared/wire/channel.ts";
import type { ChannelHandler, End } from "../../shared/wire/channel-handler.ts";
import { CLOSE } from "../../shared/wire/close-codes.ts";
import { ALL_CLIENTS, encodeObject } from "../../shared/wire/codec.ts";
import type { Egress } from "../../shared/wire/egress.ts";
import { answerHello, checkPlanBytes, checkWelcome } from "../../shared/wire/handshake.ts";
import { LIMITS, type Messages } from "../../shared/wire/protocol.ts";
import {
  fromWire,
  hashFromWire,
  hashToWire,
  packNames,
  unpackNumbers,
} from "../../shared/wire/wire-values.ts";
import { Arrivals, asBytes } from "./arrivals.ts";
import { awaited } from "./awaited.ts";
import { type Address, dialSocket } from "./dial.ts";
import { OrderBook, type ReleasedAttempt } from "./order-book.ts";
import { type Order, OrderQueue } from "./order-queue.ts";

type FromServer = Messages["server"];

/** How a connection ended. */
export interface LinkEnd {
  /** Why the coordinator, or this side, said goodbye; undefined: nobody did. */
  readonly said: string | undefined;
  /** The same as a refusal, for whoever had not expected it. */
  readonly lost: ProtocolError;
}

export class Link {
  /** Resolves with the plan's bytes, their hash right, and that hash. */
  readonly plan: Promise<{ readonly bytes: Buffer; readonly hash: string }>;
  readonly #address: Address;
  readonly #channel: Channel<"server">;
  readonly #plan = awaited<{ bytes: Buffer; hash: string }>();
  readonly #admitted = awaited<number[]>();
  readonly #arrivals = new Arrivals();
  readonly #orders = new OrderQueue();
  #transcript: Buffer = Buffer.alloc(0);
  #planHash = "";
  #runId = "";
  #seen: Anchor | undefined;
  #spent: ByAdversary<number | null> | undefined;
  /** Of the attempts that this host was asked for, those released since somebody last asked. */
  #released: ReleasedAttempt[] = [];
  /** Clients whose update is in the sum of the last attempt: heard of each before its end. */
  #counted: number[] = [];
  #end: LinkEnd | undefined;
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
      judge: (put) => this.#arrivals.judge(put, this.#channel.where),
      object: (object) => this.#arrivals.take(object),
      closed: (end) => this.#close(end),
      bug: (error) =>
        process.stderr.write(`bug: ${error instanceof Error ? error.stack : error}\n`),
    };
    this.#channel = new Channel(socket, "server", handler, { where: address.audience, timing });
  }

  /** @throws ProtocolError if nobody answers there */
  static dial(address: Address, timing: Timing): Promise<Link> {
    return dialSocket(address, timing, (socket) => new Link(socket, address, timing));
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

  /** What that ledger said was spent by then, null where there is no bound; undefined: nothing yet. */
  get spent(): ByAdversary<number | null> | undefined {
    return this.#spent;
  }

  /** The next attempt to take part in; undefined once the coordinator has said goodbye. */
  nextOrder(): Promise<Order | undefined> {
    return this.#orders.next();
  }

  /** Attempts asked of this host that were released since this was last called: at most one an order. */
  takeReleased(): readonly ReleasedAttempt[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  /** undefined while it lasts. */
  get end(): LinkEnd | undefined {
    return this.#end;
  }

  /** Ends it because this side will not go on: the coordinator is told why. */
  refuse(error: ProtocolError): void {
    this.#channel.fail(error);
  }

  /** Ends it politely, before the coordinator does. */
  leave(): void {
    this.#channel.bye("leaving");
  }

  /** A scripted fault: the socket is destroyed without a word, as a network does it. */
  breakLink(): void {
    this.#channel.cut();
  }

  /** All that has left by this connection, of all its clients together. */
  get egress(): Egress {
    return this.#channel.egress;
  }

  /**
   * Sends one client's update: int32[parameters], lattice steps.
   *
   * @returns once it is known what became of it: its bytes, frame headers not counted
   */
  async send(order: Order, vclient: number, update: Int32Array): Promise<number> {
    const { round, attempt } = order;
    const ids = { vclient, round, attempt, stream: this.#stream++ };
    this.#channel.send({ t: "update", ...ids });
    await this.#channel.sendObject(encodeObject({ kind: "update", values: update }, ids));
    return update.byteLength;
  }

  /**
   * Says that a client sends nothing in this attempt: its own ledger does not hold it, and never will;
   * it is lost to this attempt alone; or it is gone for good.
   */
  decline({ round, attempt }: Order, vclient: number, reason: "budget" | "lost" | "leaving"): void {
    this.#channel.send({ t: "decline", vclient, round, attempt, reason });
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
        const { audience } = this.#address;
        this.#planHash = checkWelcome(message, this.#transcript, this.#address, audience);
        const arrived = await this.#arrivals.expect(message.planStream, LIMITS.blob);
        const bytes = Buffer.from(asBytes(arrived));
        checkPlanBytes(bytes, this.#planHash, audience);
        return this.#plan.resolve({ bytes, hash: this.#planHash });
      }
      case "admitted": {
        const arrived = await this.#arrivals.expect(message.clientsStream, LIMITS.blob);
        return this.#admitted.resolve(unpackNumbers(asBytes(arrived), this.#address.audience));
      }
      case "round":
        return this.#round(message);
      case "close":
        this.#seen = { seq: message.ledger.seq, hash: hashFromWire(message.ledger.hash) };
        this.#spent = message.spent;
        if (message.outcome === "released" && this.#book?.isLast(message)) {
          const { round, attempt } = message;
          this.#released.push({ round, attempt, counted: this.#counted });
        }
        this.#channel.send({ t: "closeAck", round: message.round, attempt: message.attempt });
        return;
      case "updateAck":
        if (message.status === "counted" && this.#book?.isLast(message))
          this.#counted.push(message.vclient);
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
    this.#counted = [];
    // Both are expected before either is waited for: they follow at once.
    const arrivals = [
      this.#arrivals.expect(cohortStream, LIMITS.blob),
      this.#arrivals.expect(modelStream, this.#modelBytes),
    ] as const;
    this.#channel.send({ t: "accept", round, attempt });
    const [cohort, model] = await Promise.all(arrivals);
    if (model.kind !== "model" || 4 * model.values.length !== this.#modelBytes) {
      throw fault("model.shape", this.#channel.where, model.values.length, "the plan's parameters");
    }
    if (!model.values.every(Number.isFinite)) {
      throw fault("model.non-finite", this.#channel.where, "NaN or Infinity", "a finite model");
    }
    const numbers = unpackNumbers(asBytes(cohort), this.#channel.where);
    this.#orders.put({ round, attempt, cohort: numbers, task, clipNorm, parameters: model.values });
  }

  #close({ code, reason, problem }: End): void {
    const { audience: where } = this.#address;
    const lost = problem
      ? new ProtocolError({ ...problem, where })
      : fault("link", where, `the end: ${code} ${reason}`, "a connection that lasts");
    this.#end = { said: code === CLOSE.bye ? reason : undefined, lost };
    this.#plan.reject(lost);
    this.#admitted.reject(lost);
    this.#arrivals.lose(lost);
    this.#orders.end();
  }
}

function fault(what: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Look at the coordinator's log for its side of it.";
  return new ProtocolError({ what, where, got, expected, fix });
}
