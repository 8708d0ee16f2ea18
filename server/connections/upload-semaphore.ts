/**
 * Whose update comes in now. An update is held until its hash is known to be right, so it is their
 * number at once, not the number of clients, that decides what memory the coordinator needs.
 */

/** Updates that are let in at once, over all sockets (protocol note, section 4). */
const MOST_AT_ONCE = 8;

export class UploadSemaphore {
  readonly #turnMs: number;
  readonly #taken = new Set<object>();
  readonly #waiting = new Map<object, () => void>();

  /** @param turnMs after which a slow one does not keep the next from coming in */
  constructor(turnMs: number) {
    this.#turnMs = turnMs;
  }

  /**
   * @param wait called at once if there is no room yet
   * @param begin called when there is, if it had to wait
   * @returns to be called when the update is in or will never be; again, it does nothing
   */
  take(wait: () => void, begin: () => void): () => void {
    const turn = {};
    let late: NodeJS.Timeout | undefined;
    const start = () => {
      this.#taken.add(turn);
      late = setTimeout(() => this.#end(turn), this.#turnMs);
    };
    if (this.#taken.size < MOST_AT_ONCE) start();
    else {
      wait();
      this.#waiting.set(turn, () => {
        start();
        begin();
      });
    }
    return () => {
      clearTimeout(late);
      // In before its turn came: all of it was behind what announced it, read at once.
      if (this.#waiting.delete(turn)) begin();
      this.#end(turn);
    };
  }

  #end(turn: object): void {
    if (!this.#taken.delete(turn)) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [next, start] = first;
    this.#waiting.delete(next);
    start();
  }
}
