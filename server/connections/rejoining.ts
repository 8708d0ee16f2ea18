/** Waiting, before an attempt begins, for clients that are away or silent: nothing is charged meanwhile. */
import type { Observe } from "../../shared/events/run-event.ts";
import type { Timing } from "../../shared/timing.ts";
import { raceAbort } from "../attempts/race-abort.ts";
import { TooFewClients } from "../rounds/too-few-clients.ts";

/** Of the clients that an attempt needs. */
export interface Headcount {
  /** They can take part, and were heard of a moment ago. */
  readonly here: number;
  /** They have a socket; it may be dead. */
  readonly connected: number;
  /** They could take part, but have no socket now. */
  readonly away: number;
  /** Their own ledgers hold more, wherever they are: even one whose process has ended may be started again. */
  readonly willing: number;
}

export class Rejoining {
  readonly #timing: Pick<Timing, "rejoinMs" | "backOffMs">;
  readonly #ended: AbortSignal;
  readonly #observe: Observe;
  #hasBegun = false;
  #look: () => void = () => {};

  /** @param ended aborted when nobody waits any more */
  constructor(
    timing: Pick<Timing, "rejoinMs" | "backOffMs">,
    ended: AbortSignal,
    observe: Observe,
  ) {
    this.#timing = timing;
    this.#ended = ended;
    this.#observe = observe;
  }

  /**
   * True as soon as so many are here; false once so many never will be: their own ledgers hold no more.
   * Before the first attempt there is a time to come in; after it, whoever is away is waited for without
   * end, for a network that fails is no reason to end a run.
   *
   * Rejects when the run ends.
   *
   * @param count as it stands now; it may ask silent sockets for a sign of life
   * @throws TooFewClients where too few are left, or came in time
   */
  async enough(clients: number, count: () => Headcount): Promise<boolean> {
    const isHopeless = () => {
      const { connected, away } = count();
      return connected + away < clients;
    };
    const isDone = () => count().here >= clients || isHopeless();
    if (!isDone()) await this.#waited(clients, count, isDone);
    const { here, willing } = count();
    if (here >= clients) {
      this.#hasBegun = true;
      return true;
    }
    if (willing < clients) return false;
    const left = isHopeless() ? "are left" : "came in time";
    throw new TooFewClients(`fewer than clients.minCohort = ${clients} clients ${left}`);
  }

  /** To be called when somebody comes, goes, or is heard. */
  changed(): void {
    this.#look();
  }

  async #waited(clients: number, count: () => Headcount, isDone: () => boolean): Promise<void> {
    const { rejoinMs, backOffMs } = this.#timing;
    const timers: NodeJS.Timeout[] = [];
    const waited = new Promise<void>((resolve) => {
      if (!this.#hasBegun) timers.push(setTimeout(resolve, rejoinMs));
      let told = -1;
      const tell = (here: number) => {
        if (here !== told) this.#observe({ event: "waiting", here, needed: clients });
        told = here;
      };
      this.#look = () => {
        const { connected } = count();
        if (isDone()) resolve();
        else if (connected < clients) tell(connected);
      };
      this.#look();
      // One that is silent, or sits out, changes by time alone.
      const tick = () => (isDone() ? resolve() : tell(count().here));
      timers.push(setInterval(tick, backOffMs));
    });
    try {
      await raceAbort(waited, this.#ended);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.#look = () => {};
    }
  }
}
