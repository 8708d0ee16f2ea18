/**
 * How long to wait before a coordinator is dialled again: exponential, with full jitter, so that
 * clients that lost it in one moment do not all come back in one (Brooker 2015).
 */
import type { Timing } from "../../shared/timing.ts";

/**
 * Milliseconds.
 *
 * @param failed dials since the last that worked, from 0
 * @param random uniform in [0, 1)
 */
export function backOff(
  failed: number,
  { backOffMs, longestBackOffMs }: Pick<Timing, "backOffMs" | "longestBackOffMs">,
  random: () => number = Math.random,
): number {
  return random() * Math.min(longestBackOffMs, backOffMs * 2 ** failed);
}
