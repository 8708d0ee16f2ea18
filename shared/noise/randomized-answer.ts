/**
 * One answer of k under k-ary randomised response (Warner 1965; Kairouz, Oh & Viswanath 2014,
 * arXiv:1407.1338), drawn without floats: 128 uniform bits against a threshold.
 */

import { memoize } from "../memoize.ts";
import { type Coins, uniformBelow } from "./exact-coins.ts";
import { expFixed } from "./exact-exp.ts";
import { exactFraction } from "./exact-fraction.ts";

const PLACES = 128n;
const GUARD = 128n;
const MOST_CATEGORIES = 2 ** 32;
const LEAST_EPSILON = 2 ** -40;
const LARGEST_EPSILON = 100;

/**
 * The truth with probability e^epsilon / (e^epsilon + k - 1), to 2^-127 and never more, else one of
 * the others, all alike. That is the mechanism itself at an epsilon of no more than the one asked
 * for, so `randomizedResponse` of that `epsilonPerStep` charges it in every currency; nothing for delta.
 * Which answer it is does not change what is read or done, but for the draws of `below` that repeat
 * by chance.
 *
 * @param truth whole number in [0, categories)
 * @param categories k, in [2, 2^32]
 * @param epsilon in [2^-40, 100]
 * @throws RangeError for anything outside these
 */
export function randomizedAnswer(
  truth: number,
  categories: number,
  epsilon: number,
  random: Coins,
): number {
  const threshold = truthThreshold(categories, epsilon);
  // Of what is wrong with the truth a message says nothing.
  if (!(Number.isInteger(truth) && truth >= 0 && truth < categories)) {
    throw new RangeError(`truth: expected a whole number in [0, ${categories})`);
  }
  const uniform = uniformBelow(1n << PLACES, random);
  const other = (truth + 1 + random.below(categories - 1)) % categories;
  return uniform < threshold ? truth : other;
}

/**
 * 2^128 times the chance of the truth, rounded down, or 1 less. Rounded down the truth is never more
 * than e^epsilon as likely as another answer; and none of those is more likely than the truth, since
 * in the range of k and epsilon that is further above 1/k than 2^-74.
 */
export function truthThreshold(categories: number, epsilon: number): bigint {
  if (!(Number.isInteger(categories) && categories >= 2 && categories <= MOST_CATEGORIES)) {
    throw new RangeError(`categories ${categories}: expected a whole number in [2, 2^32]`);
  }
  if (!(epsilon >= LEAST_EPSILON && epsilon <= LARGEST_EPSILON)) {
    throw new RangeError(`epsilon ${epsilon}: expected in [2^-40, ${LARGEST_EPSILON}]`);
  }
  const key = `${categories}/${epsilon}`;
  return memoize(thresholds, THRESHOLDS_KEPT, key, () => {
    const { numerator, denominator } = exactFraction(epsilon);
    const bits = PLACES + GUARD;
    // expFixed rounds down by less than 2 units, and this must not.
    const other = expFixed(numerator, denominator, bits) + 2n;
    return (1n << (PLACES + bits)) / ((1n << bits) + BigInt(categories - 1) * other);
  });
}

// Many answer one question.
const THRESHOLDS_KEPT = 64;
const thresholds = new Map<string, bigint>();
