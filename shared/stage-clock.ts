/** Seconds by stage, added up: a stage may come in pieces, and what is between them is nobody's. */

const MS_PER_SECOND = 1_000;

export class StageClock<Stage extends string> {
  readonly #seconds = new Map<Stage, number>();
  #from: number;

  /** @param from `performance.now()` when the first stage began */
  constructor(from = performance.now()) {
    this.#from = from;
  }

  /** What has passed since the last lap was that stage's. */
  lap(stage: Stage): void {
    const from = this.#from;
    this.skip();
    this.add(stage, (this.#from - from) / MS_PER_SECOND);
  }

  /** What has passed since the last lap was no stage's. */
  skip(): void {
    this.#from = performance.now();
  }

  /** What was measured elsewhere; less than 0 takes off. */
  add(stage: Stage, seconds: number): void {
    this.#seconds.set(stage, (this.#seconds.get(stage) ?? 0) + seconds);
  }

  get seconds(): ReadonlyMap<Stage, number> {
    return this.#seconds;
  }
}
