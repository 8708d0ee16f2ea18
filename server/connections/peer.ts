/**
 * One host's socket at the coordinator: hello → auth → welcome → ready → admitted, then updates. It
 * decides nothing of rounds; the desk behind it does.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type ProtocolError, stackOf } from "../../shared/errors.ts";
import type { StepDown } from "../../shared/secagg/wire-steps.ts";
import { packAdmitted } from "../../shared/wire/admitted.ts";
import { Channel } from "../../shared/wire/channel.ts";
import type { ChannelHandler } from "../../shared/wire/channel-handler.ts";
import { CLOSE } from "../../shared/wire/close-codes.ts";
import {
  ALL_CLIENTS,
  type EncodedObject,
  encodeObject,
  type ObjectHeader,
} from "../../shared/wire/codec.ts";
import type { Egress } from "../../shared/wire/egress.ts";
import {
  type Auth,
  type Authenticated,
  checkAuth,
  hello,
  type ServerPart,
  welcome,
} from "../../shared/wire/handshake.ts";
import type { Verdict } from "../../shared/wire/incoming.ts";
import { LIMITS, type Messages } from "../../shared/wire/protocol.ts";
import type { Connection } from "../../shared/wire/transport.ts";
import { hashFromWire, packNumbers, unpackNames } from "../../shared/wire/wire-values.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { Broadcast } from "../attempts/attempt-wire.ts";
import { disorder, endText, late, refusal, strangeNames } from "../attempts/peer-refusals.ts";
import type { ConnectionHandler, RoundMasks } from "./connection-handler.ts";
import type { Announcement } from "./pending-uploads.ts";
import { UpdateIntake } from "./update-intake.ts";

type FromClient = Messages["client"];

export class Peer {
  /** This host's clients, once admitted. */
  vclients: readonly number[] = [];
  #own: ReadonlySet<number> = new Set();
  /** The attempt that it last accepted. */
  accepted = "";
  /** Public key, base64url, once shown. */
  key = "";
  /** When anything last came by this socket, by `performance.now()`. */
  heardAt = performance.now();
  #isAsked = false;
  readonly #desk: ConnectionHandler<Peer>;
  readonly #part: ServerPart;
  readonly #socket: Connection;
  readonly #channel: Channel<"client">;
  readonly #authTimer: NodeJS.Timeout;
  #state: "auth" | "checked" | "ready" | "naming" | "admitted" = "auth";
  #namesStream = -1;
  /** undefined: any. */
  #mayBring: readonly string[] | undefined;
  readonly #intake: UpdateIntake;

  constructor(socket: Connection, desk: ConnectionHandler<Peer>, where: string) {
    this.#desk = desk;
    this.#part = desk.serverPart();
    this.#socket = socket;
    const handler: ChannelHandler<"client"> = {
      heard: () => {
        this.heardAt = performance.now();
        this.#isAsked = false;
        desk.heard();
      },
      message: (message) => this.#message(message),
      judge: (put, alone) => this.#judge(put, alone),
      object: (object) => {
        if (object.kind === "blob" && object.put.stream === this.#namesStream)
          this.#admit(unpackNames(object.values, where));
        else this.#intake.take(object);
      },
      closed: ({ code, reason, problem }) => {
        clearTimeout(this.#authTimer);
        this.#intake.end();
        desk.gone(this, problem ? `${problem.what}: ${problem.expected}` : endText(code, reason));
      },
      bug: (error) => desk.observe({ event: "bug", where: "connection", stack: stackOf(error) }),
    };
    this.#channel = new Channel(socket, "client", handler, { where, timing: desk.timing });
    this.#intake = new UpdateIntake(desk, this.#channel);
    this.#authTimer = setTimeout(() => this.#channel.fail(late(where)), desk.timing.authMs);
    this.#channel.send(hello(this.#part, desk.timing.heartbeatMs));
  }

  get where(): string {
    return this.#channel.where;
  }

  /** Names that it may bring, once it has shown whose they are; none where any would do. */
  get mayBring(): readonly string[] {
    return this.#mayBring ?? [];
  }

  /** All that has left by this socket. */
  get egress(): Egress {
    return this.#channel.egress;
  }

  /**
   * Sends the attempt's broadcast to this host.
   *
   * @param mine its own clients in the cohort; with masks each and its place
   * @param model on its stream; the one after it is this attempt's too, for each host's own clients
   * @param trainMs that are left
   * @param masks where updates are to be masked
   */
  startRound(
    { round, attempt }: Pick<Attempt, "round" | "attempt">,
    mine: readonly number[],
    terms: Pick<Broadcast, "task" | "clipNorm">,
    model: EncodedObject,
    trainMs: number,
    masks?: RoundMasks,
  ): void {
    const { acceptMs } = this.#desk.timing;
    const stream = masks ? this.#desk.nextStream() : model.header.stream + 1;
    const ids = { vclient: ALL_CLIENTS, round, attempt, stream };
    const cohort = encodeObject({ kind: "blob", values: packNumbers(mine) }, ids);
    const streams = { cohortStream: ids.stream, modelStream: model.header.stream };
    this.#channel.send({
      t: "round",
      round,
      attempt,
      deadlines: { acceptMs, trainMs },
      ...terms,
      ...streams,
      ...(masks && {
        secagg: {
          ...masks.terms,
          rosterStream: masks.roster.header.stream,
          lacking: masks.lacking,
        },
      }),
    });
    this.#deliver(cohort);
    if (masks) this.#deliver(masks.roster);
    this.#deliver(model);
  }

  /** One step's list of a masked attempt, for one of this host's clients or all of them. */
  sendStep(
    { round, attempt }: Pick<Attempt, "round" | "attempt">,
    clientIndex: number,
    step: StepDown,
    list: EncodedObject,
  ): void {
    this.#channel.send({
      t: "step",
      vclient: clientIndex,
      round,
      attempt,
      step,
      stream: list.header.stream,
    });
    this.#deliver(list);
  }

  /** Asks for a sign of life; once, until there is one. */
  ping(): void {
    if (!this.#isAsked) this.#channel.ping();
    this.#isAsked = true;
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

  /** The same key has another connection now. */
  replaced(): void {
    this.#channel.close(CLOSE.replaced, "replaced by a newer connection");
  }

  #message(message: FromClient): Promise<void> | void {
    const order = (due: string) => this.#inOrder(message.t, due);
    switch (message.t) {
      case "auth":
        order("auth");
        return this.#authenticate(message);
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
      case "step":
        this.#announce(message);
        return;
      case "closeAck":
        order("admitted");
    }
  }

  async #authenticate(message: Auth): Promise<void> {
    clearTimeout(this.#authTimer);
    const who = await this.#proven(message);
    this.key = who.key;
    this.#mayBring = this.#desk.authenticated(this, who, this.#socket);
    this.#channel.open();
    const { sealed, serverKey } = this.#desk;
    const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: this.#desk.nextStream() };
    this.#channel.send(welcome(who.transcript, sealed.hash, ids.stream, serverKey));
    this.#deliver(encodeObject({ kind: "blob", values: sealed.bytes }, ids));
    this.#state = "ready";
  }

  /** Whoever guesses is answered late, and hears no more than that it was wrong. */
  async #proven(message: Auth): Promise<Authenticated> {
    this.#state = "checked";
    try {
      return checkAuth(message, this.#part, this.where);
    } catch (error) {
      this.#desk.refused(this.#socket);
      await wait(this.#desk.timing.refusalMs);
      throw error;
    }
  }

  #ready(planHash: string, stream: number): void {
    if (hashFromWire(planHash) !== this.#desk.sealed.hash) {
      throw refusal("plan.hash", this.where, "another plan's hash", "the hash in welcome");
    }
    this.#namesStream = stream;
    this.#state = "naming";
  }

  /** An update or a step's answer: its bytes are next, or here already. */
  #announce(announcement: Announcement): void {
    this.#inOrder(announcement.t, "admitted");
    if (this.#owns(announcement.vclient, announcement.t))
      this.#intake.announce(announcement, this.vclients.length);
  }

  #inOrder(message: string, due: string): void {
    if (this.#state !== due) throw disorder(this.where, message, this.#state);
  }

  #judge(put: ObjectHeader, alone: boolean): Verdict {
    if (alone) {
      const { vclient: clientIndex, round, attempt, stream } = put;
      this.#announce({ t: "update", vclient: clientIndex, round, attempt, stream });
    } else if (this.#state === "naming" && put.stream === this.#namesStream) {
      return { limitBytes: LIMITS.blob, keep: true };
    }
    return this.#intake.judge(put);
  }

  #admit(names: readonly string[]): void {
    const admitted = this.#desk.admit(this, this.#named(names));
    this.vclients = admitted.map(({ vclient: clientIndex }) => clientIndex);
    this.#own = new Set(this.vclients);
    this.#state = "admitted";
    const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: this.#desk.nextStream() };
    this.#channel.send({ t: "admitted", clientsStream: ids.stream });
    this.#deliver(encodeObject({ kind: "blob", values: packAdmitted(admitted) }, ids));
    this.#desk.admitted(this);
  }

  /** Names that its credential stands for: each has a place of its own in the run. */
  #named(names: readonly string[]): readonly string[] {
    const due = this.#mayBring;
    if (due === undefined || names.join() === due.join()) return names;
    throw strangeNames(this.where, names, due);
  }

  /** True for a client of this socket; another's closes it. */
  #owns(clientIndex: number, what: string): boolean {
    if (this.#own.has(clientIndex)) return true;
    const fault = refusal(`${what}.foreign`, this.where, clientIndex, "a client of this socket");
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
