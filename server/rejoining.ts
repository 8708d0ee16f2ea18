/** Waiting, before an attempt begins, for clients that are away: nothing is charged meanwhile. */

import type { Observe } from "../shared/run-event.ts";
import { orEnded } from "./or-ended.ts";

/** Clients that can take part, and those that could if they came back. */
export interface Headcount {
  readonly here: number;
  readonly away: number;
}

export class Rejoining {
  readonly #withinMs: number;
  readonly #ended: AbortSignal;
  readonly #observe: Observe;
  #look: () => void = () => {};

  /** @param ended aborted when nobody waits any more */
  constructor(withinMs: number, ended: AbortSignal, observe: Observe) {
    this.#withinMs = withinMs;
    this.#ended = ended;
    this.#observe = observe;
  }

  /**
   * True as soon as so many are here; false when time is up, or too few are left to wait for.
   *
   * Rejects when the run ends.
   */
  async enough(clients: number, count: () => Headcount): Promise<boolean> {
    const isHopeless = () => count().here + count().away < clients;
    const isDone = () => count().here >= clients || isHopeless();
    if (isDone()) return !isHopeless();
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#withinMs);
      let told = -1;
      this.#look = () => {
        if (isDone()) return resolve();
        const { here } = count();
        if (here !== told) this.#observe({ event: "waiting", here, needed: clients });
        told = here;
      };
      this.#look();
    });
    try {
      await orEnded(waited, this.#ended);
    } finally {
      clearTimeout(timer);
      this.#look = () => {};
    }
    return count().here >= clients;
  }

  /** To be told of whoever comes or goes. */
  changed(): void {
    this.#look();
  }
}
