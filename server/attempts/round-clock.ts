/**
 * When attempts end, by a clock of fixed steps (`privacy.roundSeconds`): release, ledger and the next
 * broadcast then come at a tick, however long clients took.
 */
import { setTimeout as wait } from "node:timers/promises";

/** Of a step: with less of it left, clients could hardly have their time. */
const LEAST_LEFT = 0.5;
const MS_PER_SECOND = 1_000;

export class RoundClock {
  readonly #stepMs: number;
  #first: number | undefined;

  /** @param seconds of a step */
  constructor(seconds: number) {
    this.#stepMs = MS_PER_SECOND * seconds;
  }

  /**
   * The tick at which an attempt that begins now ends: the next one that leaves at least half a step. The
   * first attempt of all sets the clock.
   *
   * @param now milliseconds, monotonic, as the result is
   */
  endOf(now: number): number {
    this.#first ??= now;
    const since = (now - this.#first) / this.#stepMs;
    return this.#first + Math.ceil(since + LEAST_LEFT) * this.#stepMs;
  }
}

/** @param at by `performance.now()` */
export async function untilTick(at: number): Promise<void> {
  // A timer may come a little early.
  for (let leftMs = at - performance.now(); leftMs > 0; leftMs = at - performance.now())
    await wait(leftMs, undefined, { ref: false });
}
