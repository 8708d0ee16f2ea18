/** Orders between the connection that brings them and the host that carries them out, one by one. */
import type { SecaggTerms } from "../../shared/secagg/secagg-terms.ts";
import type { OpenStep, StepDown } from "../../shared/secagg/wire-steps.ts";
import type { AttemptName, OrderTicket } from "./order-book.ts";

/** One attempt to take part in. */
export interface Order extends OrderTicket {
  /** This host's clients in the cohort, by number. */
  readonly cohort: readonly number[];
  /** float32[parameters]. */
  readonly parameters: Float32Array;
  /** Where updates are masked. */
  readonly masks?: OrderMasks | undefined;
}

/** What masks of an attempt rest on, as offered. */
export interface OrderMasks {
  readonly terms: SecaggTerms;
  /** Public keys of all members, by place: 32 bytes each. */
  readonly roster: readonly Buffer[];
  /** Of this host's clients, by number. */
  readonly places: ReadonlyMap<number, number>;
  /** null where the attempt begins. Asked again after a link broke: what the cohort's answers are lacking to. */
  readonly lacking: OpenStep | null;
}

/** What a step of a masked attempt gave. */
export interface OrderStep extends AttemptName {
  /** For whom; all of this host's clients, where it says ALL_CLIENTS. */
  readonly vclient: number;
  readonly step: StepDown;
  readonly bytes: Buffer;
}

/** @typeParam T orders, or the steps of one */
export class OrderQueue<T = Order> {
  readonly #orders: T[] = [];
  #waiting: ((order: T | undefined) => void) | undefined;
  #ended = false;

  put(order: T): void {
    if (this.#waiting) this.#waiting(order);
    else this.#orders.push(order);
    this.#waiting = undefined;
  }

  /** Those that are in come first; undefined once there will be no more. One may wait at a time. */
  async next(): Promise<T | undefined> {
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
