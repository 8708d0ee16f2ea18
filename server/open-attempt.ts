/** The attempt that is open in a run, if one is: asked of the hosts, their updates judged, till it is settled. */
import { ProtocolError } from "../shared/errors.ts";
import type { Timing } from "../shared/timing.ts";
import { type AskedPeer, type Asking, askCohort } from "./ask-cohort.ts";
import type { ArrivedUpdate, Attempt, Broadcast, UpdateStatus } from "./attempt.ts";
import { orEnded } from "./or-ended.ts";

/** Nothing better follows an update of the open attempt that is refused for these. */
const UNMENDABLE: ReadonlySet<string> = new Set(["update.shape", "update.norm"]);

export class OpenAttempt {
  readonly #timing: Timing;
  #attempt: Attempt | undefined;
  #asking: Asking | undefined;
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
   */
  async gather(
    attempt: Attempt,
    cohort: readonly number[],
    broadcast: Broadcast,
    peers: Iterable<AskedPeer>,
    stream: number,
    ended: AbortSignal,
  ): Promise<void> {
    this.#attempt = attempt;
    this.#equivocated.clear();
    const asking = askCohort(peers, attempt, cohort, broadcast, stream, this.#timing);
    this.#asking = asking;
    try {
      await orEnded(attempt.settled, ended);
    } finally {
      attempt.close();
      asking.stop();
      this.#asking = undefined;
    }
  }

  /** Judges one update; undefined while no attempt was ever open. @throws ProtocolError */
  offer(update: ArrivedUpdate): UpdateStatus | undefined {
    try {
      return this.#attempt?.offer(update);
    } catch (error) {
      const what = error instanceof ProtocolError ? error.problem.what : "";
      if (what === "update.conflict") this.#equivocated.add(update.vclient);
      if (UNMENDABLE.has(what)) this.lose([update.vclient]);
      throw error;
    }
  }

  lose(vclients: readonly number[]): void {
    this.#attempt?.lose(vclients);
  }

  /** That client sends nothing in that attempt, should it be the open one. */
  decline(vclient: number, round: number, attempt: number): void {
    const open = this.#attempt;
    if (open?.round === round && open.attempt === attempt) open.lose([vclient]);
  }

  /** Its socket broke. */
  away(peer: AskedPeer): void {
    this.#asking?.away(peer);
  }

  /** It has been admitted, again or at last. */
  back(peer: AskedPeer): void {
    this.#asking?.again(peer);
  }
}
