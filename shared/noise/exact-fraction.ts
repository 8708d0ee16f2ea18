/** A float64 as the fraction that it is, so that no arithmetic after it rounds. */

/** numerator / denominator; denominator > 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** @throws RangeError unless `x` is finite */
export function exactFraction(x: number): Fraction {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is no fraction`);
  let [scaled, denominator] = [x, 1n];
  // Doubling is exact, and 1074 of them make a whole number of any float64.
  for (; !Number.isInteger(scaled); scaled *= 2) denominator *= 2n;
  return { numerator: BigInt(scaled), denominator };
}
