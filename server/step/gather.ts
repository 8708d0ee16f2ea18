/**
 * The running sum of a round, in integers mod 2^32. Integer addition does not depend on order, so
 * the sum has the same bytes whichever client is first.
 */

/** The sum before any update: int32[parameters] of zeros. */
export function newSum(parameters: number): Int32Array {
  return new Int32Array(parameters);
}

/**
 * Adds one client's update to `sum` in place: a copy for each client would cost a model's memory.
 *
 * @param update int32[parameters]
 * @throws RangeError for another length, which attempt.ts refuses before
 */
export function addUpdate(sum: Int32Array, update: Int32Array): void {
  if (update.length !== sum.length) {
    throw new RangeError(`an update of ${update.length} for a sum of ${sum.length}`);
  }
  // Storing into an Int32Array reduces mod 2^32 (ECMAScript ToInt32).
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + update[i]!;
}
