/** How long stages take, by the steady clock: a stage may come in pieces, and what is between them is no stage's. */

const MS_PER_SECOND = 1_000;

export class StageTimer<Stage extends string> {
  readonly #seconds = new Map<Stage, number>();
  #from: number;

  /** @param from `performance.now()` when the first stage began */
  constructor(from = performance.now()) {
    this.#from = from;
  }

  /** What has passed since the last lap was that stage's. @returns it, in milliseconds */
  lap(stage: Stage): number {
    const from = this.#from;
    this.skip();
    const durationMs = this.#from - from;
    this.add(stage, durationMs / MS_PER_SECOND);
    return durationMs;
  }

  /** What has passed since the last lap was no stage's. */
  skip(): void {
    this.#from = performance.now();
  }

  /** What was measured elsewhere; less than 0 takes off. */
  add(stage: Stage, seconds: number): void {
    this.#seconds.set(stage, (this.#seconds.get(stage) ?? 0) + seconds);
  }

  /** Added up, by stage. */
  get seconds(): ReadonlyMap<Stage, number> {
    return this.#seconds;
  }
}
