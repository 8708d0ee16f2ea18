/** What a connection brings and a host carries out, one after another. */

/** @typeParam T round requests, or what the steps of one gave */
export class RequestQueue<T> {
  readonly #items: T[] = [];
  #waiting: ((item: T | undefined) => void) | undefined;
  #ended = false;

  put(item: T): void {
    if (this.#waiting) this.#waiting(item);
    else this.#items.push(item);
    this.#waiting = undefined;
  }

  /** Those that are in come first; undefined once there will be no more. One may wait at a time. */
  async next(): Promise<T | undefined> {
    const next = this.#items.shift();
    if (next || this.#ended) return next;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.(undefined);
  }
}
