/**
 * When a client that has read a plan dials to take part: at marks of a clock, never as soon as its rows are
 * ready, for how long they took says how many they are. Marks double, so that all there is to see is
 * within which power of two of the first one the rows were ready.
 */

/**
 * @param elapsedMs since the plan was read
 * @param firstMs of the first mark, above 0
 * @returns milliseconds until the next mark, at least 0
 */
export function untilMark(elapsedMs: number, firstMs: number): number {
  let mark = firstMs;
  while (mark < elapsedMs) mark *= 2;
  return mark - elapsedMs;
}
