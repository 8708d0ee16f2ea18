/** IO: what a slow client sends later, while its host goes on with the others. */

export class DelayedSends {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param send hears of a broken link by itself; whatever else it throws is a bug, and is told as one */
  after(ms: number, send: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send().catch((error: unknown) => process.stderr.write(`bug: ${error}\n`));
    }, ms);
    this.#timers.add(timer);
  }

  /** The run has ended: what still waits is never sent. */
  cancel(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
