/** IO: one connection to the coordinator. Bytes in, round requests out; updates in, frames out. A session outlives it. */

import { type Problem, ProtocolError } from "../../shared/errors.ts";
import { entriesBefore } from "../../shared/noise/rotation.ts";
import { boundsTail } from "../../shared/privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { mostBytesDown, type StepUp } from "../../shared/secagg/wire-steps.ts";
import type { Timing } from "../../shared/timing.ts";
import { VERSION } from "../../shared/version.ts";
import { type Admitted, unpackAdmitted } from "../../shared/wire/admitted.ts";
import { Channel } from "../../shared/wire/channel.ts";
import type { ChannelHandler, End } from "../../shared/wire/channel-handler.ts";
import { CLOSE } from "../../shared/wire/close-codes.ts";
import { ALL_CLIENTS, encodeObject, encodeUpdate } from "../../shared/wire/codec.ts";
import type { Egress } from "../../shared/wire/egress.ts";
import { answerHello, checkPlanBytes, checkWelcome } from "../../shared/wire/handshake.ts";
import type { Delivery } from "../../shared/wire/outgoing.ts";
import { LIMITS, type Messages } from "../../shared/wire/protocol.ts";
import type { Connection } from "../../shared/wire/transport.ts";
import { fromWire, hashToWire, packNames } from "../../shared/wire/wire-values.ts";
import { Arrivals, asBytes } from "./arrivals.ts";
import type { ClientWork, Line } from "./client-work.ts";
import { deferred } from "./deferred.ts";
import { type Address, dialSocket } from "./dial.ts";
import type { ConnectionEnd } from "./host-connection.ts";
import {
  type AttemptName,
  type Decline,
  type RoundMessage,
  requestOf,
  ticketOf,
} from "./round-request.ts";

/** What a coordinator hears of a client that goes before the run does. */
export const LEAVING = "leaving";

type FromServer = Messages["server"];

/** Of one socket, which may be followed by another. */
export interface SocketEnd extends ConnectionEnd {
  /** Ours if we closed it, else the peer's. */
  readonly code: number;
  readonly lost: ProtocolError;
  /** The refusal that ended it. */
  readonly problem: Problem | undefined;
}

export class Link implements Line {
  /** Resolves with the plan's bytes, their hash right, and that hash. */
  readonly plan: Promise<{ readonly bytes: Buffer; readonly hash: string }>;
  /** Resolves however it ends. */
  readonly ended: Promise<SocketEnd>;
  readonly #address: Address;
  readonly #work: ClientWork;
  readonly #channel: Channel<"server">;
  readonly #plan = deferred<{ bytes: Buffer; hash: string }>();
  readonly #admitted = deferred<readonly Admitted[]>();
  readonly #ended = deferred<SocketEnd>();
  readonly #arrivals = new Arrivals();
  #transcript: Buffer = Buffer.alloc(0);
  #planHash = "";
  #runId = "";
  #stream = 0;
  #modelBytes: number | undefined;

  private constructor(socket: Connection, address: Address, timing: Timing, work: ClientWork) {
    this.#address = address;
    this.#work = work;
    this.plan = this.#plan.promise;
    this.ended = this.#ended.promise;
    // Each is waited for in its turn; the end of the link rejects the others too.
    for (const { promise } of [this.#plan, this.#admitted]) promise.catch(() => {});
    const handler: ChannelHandler<"server"> = {
      message: (message) => this.#message(message),
      judge: (put) => this.#arrivals.judge(put, this.#channel.where),
      object: (object) => this.#arrivals.take(object),
      closed: (end) => this.#close(end),
      bug: (error) => work.notes.bug?.(error),
    };
    this.#channel = new Channel(socket, "server", handler, { where: address.audience, timing });
  }

  /** @throws ProtocolError if nobody answers there */
  static dial(address: Address, timing: Timing, work: ClientWork): Promise<Link> {
    const opened = (socket: Connection) => new Link(socket, address, timing, work);
    return address.dial?.(timing, opened) ?? dialSocket(address, timing, opened);
  }

  /** Says that these clients are here, their data prepared: their numbers, in the same order. */
  async ready(names: readonly string[], plan: PrivacyPlan): Promise<readonly Admitted[]> {
    this.#modelBytes = 4 * (entriesBefore(plan) + boundsTail(plan));
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

  /** Ends it because this side will not go on: the coordinator is told why. Nothing, once it has ended. */
  refuse(error: unknown): void {
    this.#channel.fail(error);
  }

  /** Ends it politely, before the coordinator does. */
  leave(reason: string): void {
    this.#channel.bye(reason);
  }

  /** A scripted fault: the socket is destroyed without a word, as a network does it. */
  breakLink(): void {
    this.#channel.cut();
  }

  /** All that has left by this socket, of all its clients together. */
  get egress(): Egress {
    return this.#channel.egress;
  }

  /**
   * Sends one client's update: int32[updateLength], lattice steps; masked, uint32.
   *
   * @returns once it is known what became of it here
   */
  send(
    { round, attempt }: AttemptName,
    clientIndex: number,
    update: Int32Array | Uint32Array,
  ): Promise<Delivery> {
    const ids = { vclient: clientIndex, round, attempt, stream: this.#stream++ };
    const object =
      update instanceof Uint32Array
        ? ({ kind: "masked", values: update } as const)
        : ({ kind: "update", values: update } as const);
    const encoded = encodeUpdate(object, ids);
    if (encoded.sha256 !== undefined) this.#channel.send({ t: "update", ...ids });
    return this.#channel.sendObject(encoded);
  }

  /** One client's answer to a step of a masked attempt. */
  sendStep(
    { round, attempt }: AttemptName,
    clientIndex: number,
    step: StepUp,
    bytes: Buffer,
  ): void {
    const ids = { vclient: clientIndex, round, attempt, stream: this.#stream++ };
    this.#channel.send({ t: "step", ...ids, step });
    // One that is lost with its link shows in the step's end.
    void this.#channel.sendObject(encodeObject({ kind: "blob", values: bytes }, ids));
  }

  /** Says that a client sends nothing in this attempt. */
  decline({ round, attempt }: AttemptName, clientIndex: number, decline: Decline): void {
    this.#channel.send({ t: "decline", vclient: clientIndex, round, attempt, ...decline });
  }

  /** What it refuses it refuses before it returns: objects that follow at once would be nobody's. */
  #message(message: FromServer): Promise<void> | void {
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
        return this.#arrivals.expect(message.planStream, LIMITS.blob).then((arrived) => {
          const bytes = Buffer.from(asBytes(arrived));
          checkPlanBytes(bytes, this.#planHash, audience);
          this.#plan.resolve({ bytes, hash: this.#planHash });
        });
      }
      case "admitted":
        return this.#arrivals.expect(message.clientsStream, LIMITS.blob).then((arrived) => {
          this.#admitted.resolve(unpackAdmitted(asBytes(arrived), this.#address.audience));
        });
      case "round":
        return this.#round(message);
      case "step":
        return this.#step(message);
      case "close":
        this.#work.closed(message);
        this.#channel.send({ t: "closeAck", round: message.round, attempt: message.attempt });
        return;
      case "updateAck":
        this.#work.judged(message);
    }
  }

  #round(message: RoundMessage): Promise<void> {
    const { round, attempt, cohortStream, modelStream, secagg } = message;
    const { where } = this.#channel;
    const modelBytes = this.#modelBytes;
    if (modelBytes === undefined) throw fault("message.order", where, "round", "admitted first");
    this.#work.asked(ticketOf(message), this);
    // All are expected before any is waited for: they follow at once.
    const arrivals = [
      this.#arrivals.expect(cohortStream, LIMITS.blob),
      this.#arrivals.expect(modelStream, modelBytes),
      secagg && this.#arrivals.expect(secagg.rosterStream, LIMITS.blob),
    ] as const;
    this.#channel.send({ t: "accept", round, attempt });
    return Promise.all(arrivals).then((arrived) =>
      this.#work.request(requestOf(message, arrived, modelBytes, where)),
    );
  }

  async #step(message: Extract<FromServer, { t: "step" }>): Promise<void> {
    const { round, attempt, vclient: clientIndex, step, stream } = message;
    const limit = mostBytesDown(step, LIMITS.clientsPerSocket);
    const arrived = await this.#arrivals.expect(stream, limit);
    const bytes = Buffer.from(asBytes(arrived));
    this.#work.step({ round, attempt, clientIndex, step, bytes });
  }

  #close({ code, reason, problem }: End): void {
    const { audience: where } = this.#address;
    const lost = problem
      ? new ProtocolError({ ...problem, where })
      : code === CLOSE.full
        ? full(where)
        : fault("link", where, `the end: ${code} ${reason}`, "a connection that lasts");
    this.#plan.reject(lost);
    this.#admitted.reject(lost);
    this.#arrivals.lose(lost);
    this.#ended.resolve({ said: code === CLOSE.bye ? reason : undefined, lost, code, problem });
  }
}

/** It came while others stood at the door who had not shown a key either. */
function full(where: string): ProtocolError {
  const got = "1013: its door is full of connections that have shown no key";
  const fix = "Wait: it is dialled again.";
  return new ProtocolError({ what: "link.full", where, got, expected: "a free place", fix });
}

function fault(what: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Look at the coordinator's log for its side of it.";
  return new ProtocolError({ what, where, got, expected, fix });
}
