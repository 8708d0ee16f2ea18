/**
 * SCAFFOLD's state between rounds: each client's control, which never leaves its host's memory. It
 * moves only with an attempt that was released and had the client's update in its sum; what an aborted
 * one would have made of it, or an update that came too late, is dropped, so that it goes together with
 * the coordinator's.
 */
import type { AttemptName, ReleasedAttempt } from "./link/order-book.ts";

interface Proposed extends AttemptName {
  readonly control: Float32Array;
}

export class ControlBook {
  /** By the client's number. */
  readonly #kept = new Map<number, Float32Array>();
  readonly #proposed = new Map<number, Proposed>();

  /** undefined: none yet, which is zeros. */
  of(vclient: number): Float32Array | undefined {
    return this.#kept.get(vclient);
  }

  /** What becomes of it if that attempt is released. */
  propose(vclient: number, { round, attempt }: AttemptName, control: Float32Array): void {
    this.#proposed.set(vclient, { round, attempt, control });
  }

  /** To be told before the next attempt's work: which of those before were released. */
  settle(released: readonly ReleasedAttempt[]): void {
    for (const { round, attempt, counted } of released)
      for (const vclient of counted) {
        const proposed = this.#proposed.get(vclient);
        if (proposed?.round === round && proposed.attempt === attempt)
          this.#kept.set(vclient, proposed.control);
      }
    this.#proposed.clear();
  }
}
