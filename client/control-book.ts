/**
 * SCAFFOLD's state between rounds: each client's control, which never leaves its host, but for a file of
 * its own. It moves only with an attempt that was released and had the client's update in its sum; what
 * an aborted one would have made of it, or an update that came too late, is dropped, so that it goes
 * together with the coordinator's.
 */
import type { AttemptName, ReleasedAttempt } from "./link/order-book.ts";

/** What a client did with its control when it was last asked. */
export interface ControlStep extends AttemptName {
  /** With which it went into that attempt; undefined: none yet, which is zeros. */
  readonly used: Float32Array | undefined;
  /** With which it comes out, if the attempt is released. */
  readonly next: Float32Array;
}

/** Where the last step of each client outlasts its host. */
export interface ControlStore {
  load(vclient: number): ControlStep | undefined;
  save(vclient: number, step: ControlStep): void;
}

export class ControlBook {
  readonly #store: ControlStore | undefined;
  /** By the client's number. */
  readonly #kept = new Map<number, Float32Array | undefined>();
  readonly #steps = new Map<number, ControlStep>();

  constructor(store?: ControlStore) {
    this.#store = store;
  }

  /**
   * What the client goes into a round with. A host that is there again goes by its client's last step: a
   * round that is asked anew is entered as it was the first time, and any other was ended since, with
   * that step in it as far as the client could know.
   *
   * @returns undefined: none yet, which is zeros
   */
  of(vclient: number, round: number): Float32Array | undefined {
    if (!this.#kept.has(vclient)) {
      const step = this.#store?.load(vclient);
      this.#kept.set(vclient, step && (step.round < round ? step.next : step.used));
    }
    return this.#kept.get(vclient);
  }

  /** What becomes of it if that attempt is released. */
  propose(vclient: number, { round, attempt }: AttemptName, next: Float32Array): void {
    const step = { round, attempt, used: this.#kept.get(vclient), next };
    this.#steps.set(vclient, step);
    this.#store?.save(vclient, step);
  }

  /** To be told before the next attempt's work: which of those before were released. */
  settle(released: readonly ReleasedAttempt[]): void {
    const counted = new Set(
      released.flatMap(({ round, attempt, counted: own }) =>
        own.map((vclient) => `${round}/${attempt}/${vclient}`),
      ),
    );
    for (const [vclient, step] of this.#steps) {
      if (counted.has(`${step.round}/${step.attempt}/${vclient}`))
        this.#kept.set(vclient, step.next);
      else
        this.#store?.save(vclient, {
          ...step,
          next: step.used ?? new Float32Array(step.next.length),
        });
    }
    this.#steps.clear();
  }
}
