/** IO: what a slow client sends later, while its host goes on with the others. */

export class DelayedSends {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #bug: (error: unknown) => void;

  /** @param bug hears what a send throws */
  constructor(bug: (error: unknown) => void = () => {}) {
    this.#bug = bug;
  }

  /** @param send hears of a broken link by itself: whatever else it throws is a bug */
  after(ms: number, send: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send().catch(this.#bug);
    }, ms);
    this.#timers.add(timer);
  }

  /** The run has ended: what still waits is never sent. */
  cancel(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
