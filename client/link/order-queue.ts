/** Orders between the connection that brings them and the host that carries them out, one by one. */
import type { OrderTicket } from "./order-book.ts";

/** One attempt to take part in. */
export interface Order extends OrderTicket {
  /** This host's clients in the cohort, by number. */
  readonly cohort: readonly number[];
  /** float32[parameters]. */
  readonly parameters: Float32Array;
}

export class OrderQueue {
  readonly #orders: Order[] = [];
  #waiting: ((order: Order | undefined) => void) | undefined;
  #ended = false;

  put(order: Order): void {
    if (this.#waiting) this.#waiting(order);
    else this.#orders.push(order);
    this.#waiting = undefined;
  }

  /** Those that are in come first; undefined once there will be no more. One may wait at a time. */
  async next(): Promise<Order | undefined> {
    const next = this.#orders.shift();
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
