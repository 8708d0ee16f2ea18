/**
 * Coordinate by coordinate the median, or the mean without both ends, of the clients' updates (Yin,
 * Chen, Ramchandran & Bartlett 2018, definitions 1 and 2). Post-processing of what each client sent:
 * it has no sensitivity of its own, and no place where noise is added to the result.
 */
import { type RobustAggregation, trimmedOf } from "../../shared/training/aggregation.ts";

/**
 * `weight` times the middle of the updates, in the place of their sum: float64[length], zeros without
 * any update. Float64 holds it exactly enough: an int32 times 2^21 clients has 53 bits.
 *
 * Time is length × count·log(count); memory beyond the updates is one coordinate of each, and the result.
 *
 * @param updates int32[length] each, in any order: none of them moves the result by its place
 * @param weight what turns a mean over clients into their sum, a constant of the plan
 */
export function robustSum(
  updates: readonly Int32Array[],
  length: number,
  aggregation: RobustAggregation,
  weight: number,
): Float64Array {
  const count = updates.length;
  const result = new Float64Array(length);
  if (count === 0) return result;
  // The median is the mean without all but the middle one, or two.
  const trimmed =
    aggregation.kind === "median" ? (count - 1) >> 1 : trimmedOf(count, aggregation.trim);
  const kept = count - 2 * trimmed;
  const coordinate = new Int32Array(count);
  for (let i = 0; i < length; i++) {
    for (let client = 0; client < count; client++) coordinate[client] = updates[client]?.[i] ?? 0;
    coordinate.sort();
    let sum = 0;
    for (let rank = trimmed; rank < count - trimmed; rank++) sum += coordinate[rank] ?? 0;
    result[i] = (weight * sum) / kept;
  }
  return result;
}
