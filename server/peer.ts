/**
 * One host's socket at the coordinator: hello → auth → welcome → ready → admitted, then updates. It
 * decides nothing of rounds; the desk behind it does.
 */
import type { WebSocket } from "ws";
import { ProtocolError, stackOf } from "../shared/errors.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { longestUpdate } from "../shared/privacy-plan.ts";
import type { RunEvent } from "../shared/run-event.ts";
import type { Timing } from "../shared/timing.ts";
import { Channel } from "../shared/wire/channel.ts";
import type { ChannelHandler } from "../shared/wire/channel-handler.ts";
import { CLOSE } from "../shared/wire/close-codes.ts";
import { ALL_CLIENTS, type EncodedObject, encodeObject } from "../shared/wire/codec.ts";
import type { Egress } from "../shared/wire/egress.ts";
import {
  type Authenticated,
  checkAuth,
  hello,
  type ServerPart,
  welcome,
} from "../shared/wire/handshake.ts";
import type { Received, Verdict } from "../shared/wire/incoming.ts";
import type { SigningKey } from "../shared/wire/proofs.ts";
import { LIMITS, type Messages, type Put, wireProblem } from "../shared/wire/protocol.ts";
import { hashFromWire, packNumbers, unpackNames } from "../shared/wire/wire-values.ts";
import { Announced } from "./announced.ts";
import type { ArrivedUpdate, Attempt, Broadcast, UpdateStatus } from "./attempt.ts";
import { disorder, endText, late, refusal, strangeNames } from "./peer-refusals.ts";
import type { Turns } from "./upload-turns.ts";

type FromClient = Messages["client"];
type Declined = Extract<FromClient, { t: "decline" }>;

/** What a peer asks of the registry. */
export interface Desk {
  readonly sealed: SealedPlan;
  readonly serverKey: SigningKey;
  readonly timing: Timing;
  /** Of updates, over all sockets. */
  readonly turns: Turns;
  /** What this socket's `auth` is held against. */
  serverPart(): ServerPart;
  /** The next number of an object, unique over all sockets, so that a broadcast has one. */
  nextStream(): number;
  /**
   * @returns the names of clients that it may bring; undefined: any that are awaited
   * @throws ProtocolError for a token that was spent meanwhile
   */
  authenticated(who: Authenticated, socket: WebSocket): readonly string[] | undefined;
  /** Gives each name its number, in order. @throws ProtocolError */
  admit(peer: Peer, names: readonly string[]): number[];
  /** @throws ProtocolError for an update that cannot be taken */
  offer(update: ArrivedUpdate): UpdateStatus;
  /** These send nothing in the open attempt. */
  lose(vclients: readonly number[]): void;
  decline(message: Declined): void;
  gone(peer: Peer, why: string): void;
  observe(event: RunEvent): void;
}

export class Peer {
  /** This host's clients, once admitted. */
  vclients: readonly number[] = [];
  #own: ReadonlySet<number> = new Set();
  /** The attempt that it last accepted. */
  accepted = "";
  readonly #desk: Desk;
  readonly #part: ServerPart;
  readonly #socket: WebSocket;
  readonly #channel: Channel<"client">;
  readonly #authTimer: NodeJS.Timeout;
  #state: "auth" | "ready" | "naming" | "admitted" = "auth";
  #namesStream = -1;
  /** undefined: any. */
  #mayBring: readonly string[] | undefined;
  readonly #announced: Announced;

  constructor(socket: WebSocket, desk: Desk, where: string) {
    this.#desk = desk;
    this.#part = desk.serverPart();
    this.#socket = socket;
    const handler: ChannelHandler<"client"> = {
      message: (message) => this.#message(message),
      judge: (put) => this.#judge(put),
      object: (object) => this.#object(object),
      closed: ({ code, reason, problem }) => {
        clearTimeout(this.#authTimer);
        this.#announced.end();
        desk.gone(this, problem ? `${problem.what}: ${problem.expected}` : endText(code, reason));
      },
      bug: (error) => desk.observe({ event: "bug", where: "connection", stack: stackOf(error) }),
    };
    this.#channel = new Channel(socket, "client", handler, { where, timing: desk.timing });
    this.#announced = new Announced(desk.turns, this.#channel);
    this.#authTimer = setTimeout(() => this.#channel.fail(late(where)), desk.timing.authMs);
    this.#channel.send(hello(this.#part, desk.timing.heartbeatMs));
  }

  get where(): string {
    return this.#channel.where;
  }

  /** All that has left by this socket. */
  get egress(): Egress {
    return this.#channel.egress;
  }

  /** Sends the attempt's broadcast to this host; its own clients of the cohort are told apart. */
  startRound(
    { round, attempt }: Attempt,
    mine: readonly number[],
    terms: Pick<Broadcast, "task" | "clipNorm">,
    model: EncodedObject,
  ): void {
    const { acceptMs, trainMs } = this.#desk.timing;
    const ids = { vclient: ALL_CLIENTS, round, attempt, stream: this.#desk.nextStream() };
    const cohort = encodeObject({ kind: "blob", values: packNumbers(mine) }, ids);
    const streams = { cohortStream: ids.stream, modelStream: model.header.stream };
    this.#channel.send({
      t: "round",
      round,
      attempt,
      deadlines: { acceptMs, trainMs },
      ...terms,
      ...streams,
    });
    this.#deliver(cohort);
    this.#deliver(model);
  }

  send(message: Parameters<Channel<"client">["send"]>[0]): void {
    this.#channel.send(message);
  }

  bye(reason: string): void {
    this.#channel.bye(reason);
  }

  /** The coordinator ends before the run does. */
  leave(reason: string): void {
    this.#channel.close(CLOSE.goingAway, reason);
  }

  #message(message: FromClient): void {
    const order = (due: string) => {
      if (this.#state !== due) throw disorder(this.where, message.t, this.#state);
    };
    switch (message.t) {
      case "auth":
        order("auth");
        this.#authenticate(checkAuth(message, this.#part, this.where));
        return;
      case "ready":
        order("ready");
        this.#ready(message.planHash, message.clientsStream);
        return;
      case "accept":
        order("admitted");
        this.accepted = `${message.round}/${message.attempt}`;
        return;
      case "decline":
        order("admitted");
        if (this.#owns(message.vclient, "decline")) this.#desk.decline(message);
        return;
      case "update":
        order("admitted");
        if (this.#owns(message.vclient, "update"))
          this.#announced.add(message, this.vclients.length, this.where);
        return;
      case "closeAck":
        order("admitted");
    }
  }

  #authenticate(who: Authenticated): void {
    clearTimeout(this.#authTimer);
    this.#mayBring = this.#desk.authenticated(who, this.#socket);
    this.#channel.open();
    const { sealed, serverKey } = this.#desk;
    const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: this.#desk.nextStream() };
    this.#channel.send(welcome(who.transcript, sealed.hash, ids.stream, serverKey));
    this.#deliver(encodeObject({ kind: "blob", values: sealed.bytes }, ids));
    this.#state = "ready";
  }

  #ready(planHash: string, stream: number): void {
    if (hashFromWire(planHash) !== this.#desk.sealed.hash) {
      throw refusal("plan.hash", this.where, "another plan's hash", "the hash in welcome");
    }
    this.#namesStream = stream;
    this.#state = "naming";
  }

  #judge(put: Put): Verdict {
    if (this.#state === "naming" && put.stream === this.#namesStream) {
      return { limitBytes: LIMITS.blob, keep: true };
    }
    const limitBytes = 4 * longestUpdate(this.#desk.sealed.plan.privacy);
    return this.#announced.judge(put, limitBytes, this.where);
  }

  #object(object: Received): void {
    if (object.kind === "blob" && object.put.stream === this.#namesStream) {
      this.vclients = this.#desk.admit(this, this.#named(unpackNames(object.values, this.where)));
      this.#own = new Set(this.vclients);
      this.#state = "admitted";
      const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: this.#desk.nextStream() };
      this.#channel.send({ t: "admitted", clientsStream: ids.stream });
      this.#deliver(encodeObject({ kind: "blob", values: packNumbers(this.vclients) }, ids));
      return;
    }
    const announced = this.#announced.take(object.put.stream);
    if (announced === undefined) return;
    const { vclient, round, attempt } = announced;
    try {
      if (object.kind !== "update") throw refusal("update.shape", this.where, object.kind, "i32");
      const update = object.values;
      const status = this.#desk.offer({
        vclient,
        round,
        attempt,
        update,
        sha256: object.put.sha256,
      });
      this.#channel.send({ t: "updateAck", vclient, round, attempt, status });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refused(error);
      if (error.problem.what === "update.foreign") throw error;
      const problem = wireProblem(error);
      this.#channel.send({ t: "updateAck", vclient, round, attempt, status: "refused", problem });
    }
  }

  /** Names that its credential stands for: each has a place of its own in the run. */
  #named(names: readonly string[]): readonly string[] {
    const due = this.#mayBring;
    if (due === undefined || names.join() === due.join()) return names;
    throw strangeNames(this.where, names, due);
  }

  /** True for a client of this socket; another's closes it. */
  #owns(vclient: number, what: string): boolean {
    if (this.#own.has(vclient)) return true;
    const fault = refusal(`${what}.foreign`, this.where, vclient, "a client of this socket");
    this.#refused(fault);
    throw fault;
  }

  #refused({ problem: { what }, message }: ProtocolError): void {
    this.#desk.observe({ event: "update-refused", where: this.where, what, message });
  }

  /** A broadcast that does not arrive whole shows in the updates that do not come. */
  #deliver(object: EncodedObject): void {
    this.#channel.sendObject(object).catch((error: unknown) => this.#channel.fail(error));
  }
}
