/** What has come and not been read yet, in order: tests wait for the next item with a deadline. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => {};

  put(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** How many wait. */
  get size(): number {
    return this.#items.length;
  }

  /** The oldest item; throws when none has come within `deadlineMs`. */
  async take(deadlineMs = 20_000): Promise<T> {
    const end = performance.now() + deadlineMs;
    while (this.#items.length === 0) {
      const left = end - performance.now();
      if (!(left > 0)) throw new Error(`nothing came within ${deadlineMs} ms`);
      await this.#next(left);
    }
    const [first] = this.#items.splice(0, 1);
    if (first === undefined) throw new Error("mailboxes hold no undefined");
    return first;
  }

  /** The oldest item that `wanted` accepts; those before it are dropped. */
  async find<U extends T>(wanted: (item: T) => item is U, deadlineMs = 20_000): Promise<U> {
    for (;;) {
      const item = await this.take(deadlineMs);
      if (wanted(item)) return item;
    }
  }

  async #next(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }
}
