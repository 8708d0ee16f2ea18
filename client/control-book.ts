/**
 * SCAFFOLD's state between rounds: each client's control, which never leaves its host's memory. It
 * moves only with an attempt that was released; what an aborted one would have made of it is dropped,
 * so that it goes together with the coordinator's.
 */
import type { AttemptName } from "./link/order-book.ts";

interface Proposed extends AttemptName {
  readonly control: Float32Array;
}

export class ControlBook {
  readonly #kept = new Map<string, Float32Array>();
  readonly #proposed = new Map<string, Proposed>();

  /** undefined: none yet, which is zeros. */
  of(client: string): Float32Array | undefined {
    return this.#kept.get(client);
  }

  /** What becomes of it if that attempt is released. */
  propose(client: string, { round, attempt }: AttemptName, control: Float32Array): void {
    this.#proposed.set(client, { round, attempt, control });
  }

  /** To be told before the next attempt's work: which of those before were released. */
  settle(released: readonly AttemptName[]): void {
    const names = new Set(released.map(({ round, attempt }) => `${round}/${attempt}`));
    for (const [client, { round, attempt, control }] of this.#proposed)
      if (names.has(`${round}/${attempt}`)) this.#kept.set(client, control);
    this.#proposed.clear();
  }
}
