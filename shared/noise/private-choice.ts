/**
 * The exponential mechanism (McSherry & Talwar 2007) on whole-number utilities, drawn exactly: a
 * uniform candidate is kept with probability e^(-epsilon (best - utility) / 2D), else all begins anew.
 *
 * It is not permute-and-flip (McKenna & Sheldon 2020), which would try no candidate twice and find
 * better ones at the same pure epsilon: that one's loss has a range wider than epsilon, so that the
 * rho by which `exponential` is charged, epsilon² / 8, does not cover it. (Two candidates, (0, 0)
 * against (1, -1), D = 1, epsilon = 1: a divergence of 0.26.)
 */
import { bernoulliExp, type Coins } from "./exact-coins.ts";
import { exactFraction } from "./exact-fraction.ts";

/**
 * The number of the candidate that is chosen, candidate i with probability in proportion to
 * e^(epsilon utilities[i] / 2D). Charged as `exponential` of that `epsilonPerStep`, in every currency;
 * nothing for delta. Its utility is not released.
 *
 * Takes as many tries as there are candidates at most, on average, a few µs each. How many it takes
 * tells of the utilities: nobody who is not to know them may measure it.
 *
 * @param utilities safe integers, at least one; how many there are is public
 * @param sensitivity D, whole number ≥ 1: the most by which one unit that contributes nothing instead
 *   changes any utility
 * @param epsilon finite, > 0
 * @throws RangeError for anything else
 */
export function privateChoice(
  utilities: readonly number[],
  sensitivity: number,
  epsilon: number,
  random: Coins,
): number {
  if (!(utilities.length >= 1 && utilities.every(Number.isSafeInteger))) {
    throw new RangeError("utilities: expected at least one, and whole numbers");
  }
  if (!(Number.isSafeInteger(sensitivity) && sensitivity >= 1)) {
    throw new RangeError(`sensitivity ${sensitivity}: expected a whole number ≥ 1`);
  }
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new RangeError(`epsilon ${epsilon}: expected a finite number > 0`);
  }
  const { numerator, denominator } = exactFraction(epsilon);
  const scale = 2n * BigInt(sensitivity) * denominator;
  const best = utilities.reduce((a, b) => Math.max(a, b), -Infinity);
  for (;;) {
    const candidate = random.below(utilities.length);
    // The difference of two safe integers need not be one.
    const short = BigInt(best) - BigInt(utilities[candidate] ?? best);
    if (bernoulliExp({ numerator: short * numerator, denominator: scale }, random)) {
      return candidate;
    }
  }
}
