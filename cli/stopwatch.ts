/** How long each part of a run took, one after another. */

const PARTS = ["prepare", "train", "evaluate"] as const;
export type Part = (typeof PARTS)[number];

export class Stopwatch {
  readonly #seconds = new Map<Part, number>();
  #last: number;

  /** @param started `performance.now()` when the first part began */
  constructor(started: number) {
    this.#last = started;
  }

  /** That part ends now. */
  lap(part: Part): void {
    const now = performance.now();
    this.#seconds.set(part, (now - this.#last) / 1000);
    this.#last = now;
  }

  get seconds(): Readonly<Partial<Record<Part, number>>> {
    return Object.fromEntries(this.#seconds);
  }
}
