/**
 * SCAFFOLD's state between rounds: each client's control, which never leaves its host, but for a file of
 * its own. It moves only with an attempt that was released and had the client's update in its sum; what
 * an aborted one would have made of it, or an update that came too late, is dropped, so that it goes
 * together with the coordinator's.
 */
import type { ReleasedAttempt } from "../connection/client-work.ts";
import { type AttemptName, isSame } from "../connection/round-request.ts";

/** What a client did with its control when it was last asked. */
export interface ControlStep extends AttemptName {
  /** With which it went into that attempt; undefined: none yet, which is zeros. */
  readonly used: Float32Array | undefined;
  /** With which it comes out, if the attempt is released. */
  readonly next: Float32Array;
}

/** Where the last step of each client outlasts its host. */
export interface StateStore {
  load(clientIndex: number): ControlStep | undefined;
  save(clientIndex: number, step: ControlStep): void;
}

export class ClientStates {
  readonly #store: StateStore | undefined;
  /** Each client's last, by its number; undefined: looked for in the store, and none there. */
  readonly #steps = new Map<number, ControlStep | undefined>();
  /** Those of which it is not yet known whether they were released. */
  readonly #open = new Set<number>();

  constructor(store?: StateStore) {
    this.#store = store;
  }

  /**
   * What the client goes into a round with, by its last step: a round that is asked anew, of a coordinator
   * that was cut off say, is entered as it was the first time, and any other was ended since, with that
   * step in it as far as the client could know.
   *
   * @returns undefined: none yet, which is zeros
   */
  of(clientIndex: number, round: number): Float32Array | undefined {
    if (!this.#steps.has(clientIndex)) this.#steps.set(clientIndex, this.#store?.load(clientIndex));
    const step = this.#steps.get(clientIndex);
    if (step === undefined || this.#open.has(clientIndex)) return step?.used;
    return step.round < round ? step.next : step.used;
  }

  /** What becomes of it if that attempt is released. */
  propose(clientIndex: number, { round, attempt }: AttemptName, next: Float32Array): void {
    const step = { round, attempt, used: this.of(clientIndex, round), next };
    this.#steps.set(clientIndex, step);
    this.#open.add(clientIndex);
    this.#store?.save(clientIndex, step);
  }

  /**
   * To be told before an attempt's work: which of those before were released.
   *
   * @param now the one that begins, or goes on where its link broke: of it nothing is known
   */
  settle(released: readonly ReleasedAttempt[], now?: AttemptName): void {
    const counted = new Set(
      released.flatMap(({ round, attempt, counted: own }) =>
        own.map((clientIndex) => `${round}/${attempt}/${clientIndex}`),
      ),
    );
    for (const clientIndex of this.#open) {
      const step = this.#steps.get(clientIndex);
      if (step === undefined || (now && isSame(step, now))) continue;
      this.#open.delete(clientIndex);
      if (counted.has(`${step.round}/${step.attempt}/${clientIndex}`)) continue;
      const undone = { ...step, next: step.used ?? new Float32Array(step.next.length) };
      this.#steps.set(clientIndex, undone);
      this.#store?.save(clientIndex, undone);
    }
  }
}
