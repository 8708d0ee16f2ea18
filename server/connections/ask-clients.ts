/**
 * An attempt on its clients' connections: the model to the hosts of its cohort (under masks with the roster,
 * then each step's lists), again to those that lost their connection and are back, and what becomes of
 * those that are silent or stay away.
 */
import type { OpenStep, StepDown } from "../../shared/secagg/wire-steps.ts";
import type { Timing } from "../../shared/timing.ts";
import { ALL_CLIENTS, type EncodedObject, encodeObject } from "../../shared/wire/codec.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { AttemptWire, Broadcast } from "../attempts/attempt-wire.ts";
import type { MaskedAttempt } from "../attempts/masked-attempt.ts";
import { type AbsentHosts, absentHosts } from "./absent-hosts.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a round. */
export type AskedPeer = Pick<
  Peer,
  "vclients" | "accepted" | "heardAt" | "ping" | "startRound" | "sendStep" | "send"
>;

/** The list that a step began with, on its way to one client or, as ALL_CLIENTS, to all of a host. */
interface StepList {
  readonly vclient: number;
  readonly step: StepDown;
  readonly list: EncodedObject;
}

/**
 * The model is encoded once and sent on each connection, as are lists that are the same for all. Without
 * masks a host that is alive and has not accepted in time loses its clients their place; one that says
 * nothing at all may have lost its network, and is waited for as one that is away. When the time to train
 * is up, the attempt closes with what is in.
 */
export class Asking implements AttemptWire {
  readonly timing: Timing;
  readonly ended: AbortSignal;
  readonly #peers: Iterable<AskedPeer>;
  readonly #attempt: Attempt | MaskedAttempt;
  readonly #terms: Omit<Broadcast, "parameters">;
  readonly #nextStream: () => number;
  readonly #members: ReadonlySet<number>;
  readonly #model: EncodedObject;
  /** Under masks. */
  readonly #roster: EncodedObject | undefined;
  readonly #absent: AbsentHosts;
  readonly #end: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Connections that have been asked: a process that was started anew knows nothing of the attempt. */
  readonly #asked = new Set<AskedPeer>();
  /** Of the open step, by whom it is for. */
  readonly #opening = new Map<number, StepList>();

  /**
   * @param peers hosts that are here, as they change
   * @param nextStream the next number of an object, on all connections
   * @param ended as of the wire
   */
  constructor(
    peers: Iterable<AskedPeer>,
    attempt: Attempt | MaskedAttempt,
    { parameters, ...terms }: Broadcast,
    nextStream: () => number,
    timing: Timing,
    ended: AbortSignal,
  ) {
    const endsAt = attempt.kind === "plain" ? attempt.endsAt : undefined;
    this.timing = endsAt === undefined ? timing : byTheClock(timing, endsAt);
    this.ended = ended;
    this.#peers = peers;
    this.#attempt = attempt;
    this.#terms = terms;
    this.#nextStream = nextStream;
    this.#members = new Set(attempt.asked);
    this.#model = encodeObject({ kind: "model", values: parameters }, this.#ids());
    if (attempt.kind === "masked") {
      const values = Buffer.concat(attempt.roster);
      this.#roster = encodeObject({ kind: "blob", values }, this.#ids());
    }
    // Each host's cohort goes by the number after the model's. Two numbers in every attempt, however many
    // are asked: the next one's would else count a cohort.
    else nextStream();
    this.#absent = absentHosts(attempt, timing.awayMs);
    this.#end = performance.now() + this.timing.trainMs;
  }

  begin(): void {
    const { trainMs } = this.timing;
    const attempt = this.#attempt;
    if (attempt.kind === "plain") this.#timers.add(setTimeout(() => attempt.close(), trainMs));
    // The whole time to each: what is left of it would say how many were asked before.
    for (const peer of this.#peers)
      this.#ask(peer, (clientIndex) => this.#members.has(clientIndex), null, trainMs);
  }

  toAll(step: StepDown, bytes: Buffer): void {
    const list = encodeObject({ kind: "blob", values: bytes }, this.#ids());
    const opened = this.#opens({ vclient: ALL_CLIENTS, step, list });
    for (const peer of this.#peers)
      if (peer.vclients.some((clientIndex) => this.#members.has(clientIndex)))
        this.#send(peer, opened);
  }

  toOne(clientIndex: number, step: StepDown, bytes: Buffer): void {
    const list = encodeObject(
      { kind: "blob", values: bytes },
      { ...this.#ids(), vclient: clientIndex },
    );
    const opened = this.#opens({ vclient: clientIndex, step, list });
    for (const peer of this.#peers)
      if (peer.vclients.includes(clientIndex)) this.#send(peer, opened);
  }

  get unreachable(): readonly number[] {
    const here = new Set([...this.#peers].flatMap(({ vclients: clientIndices }) => clientIndices));
    return this.#attempt.asked.filter((clientIndex) => !here.has(clientIndex));
  }

  /** A host's connection broke: its clients lose their place unless they are back in time. */
  away(peer: AskedPeer): void {
    this.#absent.leave(peer);
  }

  /** It is back: asked for what is still waited for, and sent a receipt for what was counted. */
  again(peer: AskedPeer): void {
    this.#absent.greet(peer);
    const late = new Set(peer.vclients.filter((one) => this.#attempt.waitsFor(one)));
    if (late.size === 0) return;
    const leftMs = Math.max(1, this.#end - performance.now());
    this.#ask(peer, (clientIndex) => late.has(clientIndex), this.#openStep, leftMs);
    for (const one of this.#opening.values())
      if (one.vclient === ALL_CLIENTS || late.has(one.vclient)) this.#send(peer, one);
  }

  /** Ends all waits. */
  stop(): void {
    this.#absent.stop();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #ids() {
    const { round, attempt } = this.#attempt;
    return { vclient: ALL_CLIENTS, round, attempt, stream: this.#nextStream() };
  }

  get #openStep(): OpenStep | null {
    return this.#attempt.kind === "masked" ? this.#attempt.machine.openStep : null;
  }

  /** @param lacking of a masked attempt that has begun: the step that is open */
  #ask(
    peer: AskedPeer,
    isAsked: (clientIndex: number) => boolean,
    lacking: OpenStep | null,
    leftMs: number,
  ): void {
    this.#asked.add(peer);
    const own = peer.vclients.filter(isAsked);
    if (own.length === 0) return;
    const attempt = this.#attempt;
    if (attempt.kind === "plain" || this.#roster === undefined) {
      peer.startRound(attempt, own, this.#terms, this.#model, leftMs);
      this.#expectYes(peer);
      return;
    }
    const places = own.flatMap((one) => [one, attempt.placeOf(one) ?? -1]);
    const masks = { terms: attempt.terms, roster: this.#roster, lacking };
    peer.startRound(attempt, places, this.#terms, this.#model, this.timing.trainMs, masks);
  }

  /** Its yes must come in time. One whose connection is gone is away, and waited for as that. */
  #expectYes(peer: AskedPeer): void {
    const { acceptMs, awayMs } = this.timing;
    const name = `${this.#attempt.round}/${this.#attempt.attempt}`;
    const isLacking = () => peer.accepted !== name && new Set(this.#peers).has(peer);
    const lapse = () => {
      if (isLacking()) this.#attempt.lose(peer.vclients);
    };
    const doubt = () => {
      if (!isLacking()) return;
      // What it said of the round before may have come after this one began: it is asked for a sign of life.
      const doubtedAt = performance.now();
      peer.ping();
      const judge = () => {
        if (peer.heardAt > doubtedAt) lapse();
        else this.#timers.add(setTimeout(lapse, Math.max(0, awayMs - acceptMs)));
      };
      this.#timers.add(setTimeout(judge, acceptMs / 2));
    };
    this.#timers.add(setTimeout(doubt, acceptMs / 2));
  }

  #opens(one: StepList): StepList {
    const [before] = this.#opening.values();
    if (before?.step !== one.step) this.#opening.clear();
    this.#opening.set(one.vclient, one);
    return one;
  }

  #send(peer: AskedPeer, { vclient: clientIndex, step, list }: StepList): void {
    if (!this.#asked.has(peer)) {
      const { trainMs } = this.timing;
      this.#ask(peer, (one) => this.#attempt.waitsFor(one), this.#openStep, trainMs);
    }
    peer.sendStep(this.#attempt, clientIndex, step, list);
  }
}

/** Who has not accepted an order in time may still be at work on another: only the tick is too late. */
function byTheClock(timing: Timing, endsAt: number): Timing {
  const leftMs = Math.max(1, endsAt - performance.now());
  return { ...timing, acceptMs: 4 * leftMs, trainMs: leftMs };
}
