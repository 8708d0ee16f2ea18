/** The attempt that is open in a run, if one is: asked of the hosts, their updates judged, till it is settled. */
import { setTimeout as wait } from "node:timers/promises";
import { ProtocolError } from "../shared/errors.ts";
import type { Timing } from "../shared/timing.ts";
import type { Arrived, UpdateStatus } from "./arrived.ts";
import { type AskedPeer, type Asking, askCohort } from "./ask-cohort.ts";
import type { MaskedPeer } from "./ask-masked.ts";
import type { Attempt, Broadcast } from "./attempt.ts";
import type { Declined } from "./desk.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";
import { type MaskedWire, openMaskedSum } from "./masked-round.ts";
import { orEnded } from "./or-ended.ts";
import { refusal } from "./peer-refusals.ts";

export class OpenAttempt {
  readonly #timing: Timing;
  #attempt: Attempt | undefined;
  #asking: Asking<MaskedPeer> | undefined;
  #masked: MaskedAttempt | undefined;
  readonly #equivocated = new Set<number>();

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /** Clients that said two things in the last attempt: left out of the next, and only of that. */
  get equivocated(): ReadonlySet<number> {
    return this.#equivocated;
  }

  /**
   * Resolves when all updates are in or time is up.
   *
   * @param peers whoever is here, as it changes
   * @param stream the broadcast's number, on all sockets
   * @param ended aborted when nobody has a use for the sum any more
   * @param endsAt by `performance.now()`: it resolves then, no sooner and no later
   */
  async gather(
    attempt: Attempt,
    cohort: readonly number[],
    broadcast: Broadcast,
    peers: Iterable<AskedPeer>,
    stream: number,
    ended: AbortSignal,
    endsAt?: number,
  ): Promise<void> {
    this.#attempt = attempt;
    this.#equivocated.clear();
    const timing = endsAt === undefined ? this.#timing : byTheClock(this.#timing, endsAt);
    const asking = askCohort(peers, attempt, cohort, broadcast, stream, timing);
    this.#asking = asking;
    try {
      // A socket that breaks is no client that takes too long: it loses its place, as ever.
      const over = endsAt === undefined ? attempt.settled : tick(endsAt);
      await orEnded(over, ended);
      if (endsAt !== undefined) attempt.lose(absentOf(cohort, peers));
    } finally {
      attempt.close();
      asking.stop();
      this.#asking = undefined;
    }
  }

  /**
   * The same of one whose updates are masked: resolves once its sum is open.
   *
   * @param charge as of `openMaskedSum`, which refuses likewise
   */
  async gatherMasked(
    attempt: MaskedAttempt,
    asking: MaskedWire & Asking<MaskedPeer>,
    charge: () => void,
    ended: AbortSignal,
  ): Promise<void> {
    this.#masked = attempt;
    this.#asking = asking;
    this.#equivocated.clear();
    try {
      await openMaskedSum(attempt, asking, this.#timing, charge, ended);
    } finally {
      asking.stop();
      this.#masked = undefined;
      this.#asking = undefined;
    }
  }

  /** @throws ProtocolError `update.round` while no attempt was ever open, or as the attempt does */
  offer(arrived: Arrived): UpdateStatus | null {
    const attempt = this.#masked ?? this.#attempt;
    if (attempt === undefined)
      throw refusal("update.round", "the registry", "an update before any round", "an attempt");
    try {
      return attempt.offer(arrived);
    } catch (error) {
      const isConflict = error instanceof ProtocolError && error.problem.what === "update.conflict";
      if (isConflict) this.#equivocated.add(arrived.vclient);
      throw error;
    }
  }

  /** Their process has ended: they send nothing more. */
  excuse(vclients: readonly number[]): void {
    this.#attempt?.excuse(vclients);
    this.#masked?.excuse(vclients);
  }

  /** That client sends nothing in that attempt, should it be the open one. */
  decline({ vclient, round, attempt, ...why }: Declined): void {
    const open = this.#masked ?? this.#attempt;
    if (open?.round !== round || open.attempt !== attempt) return;
    if (why.reason === "packet") this.#masked?.complain(vclient, why.accused);
    open.excuse([vclient]);
  }

  /** Its socket broke. */
  away(peer: MaskedPeer): void {
    this.#asking?.away(peer);
  }

  /** It has been admitted, again or at last. */
  back(peer: MaskedPeer): void {
    this.#asking?.again(peer);
  }
}

/** Who has not accepted an order in time may still be at work on another: only the tick is too late. */
function byTheClock(timing: Timing, endsAt: number): Timing {
  const leftMs = Math.max(1, endsAt - performance.now());
  return { ...timing, acceptMs: 4 * leftMs, trainMs: leftMs };
}

async function tick(at: number): Promise<void> {
  // A timer may come a little early.
  for (let leftMs = at - performance.now(); leftMs > 0; leftMs = at - performance.now())
    await wait(leftMs, undefined, { ref: false });
}

function absentOf(cohort: readonly number[], peers: Iterable<AskedPeer>): number[] {
  const here = new Set([...peers].flatMap(({ vclients }) => vclients));
  return cohort.filter((vclient) => !here.has(vclient));
}
