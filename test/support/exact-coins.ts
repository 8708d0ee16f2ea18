/**
 * Coins of exactly the probability that is asked for, in integers only: Canonne, Kamath & Steinke
 * 2020 (arXiv:2004.00010), section 5. How many bytes a coin reads, and how long it takes, depends on
 * how it falls.
 */
import type { Fraction } from "../../shared/noise/exact-fraction.ts";
import type { Random } from "../../shared/noise/random.ts";

export type Coins = Pick<Random, "bytes" | "below">;

const WORD = 2n ** 32n;
const ONE: Fraction = { numerator: 1n, denominator: 1n };

/** Uniform on 0 … n - 1 for any n ≥ 1, reading as `Random.below` does. */
export function uniformBelow(n: bigint, random: Coins): bigint {
  if (!(n >= 1n)) throw new RangeError(`uniformBelow(${n}): expected ≥ 1`);
  if (n <= WORD) return BigInt(random.below(Number(n)));
  const bits = (n - 1n).toString(2).length;
  for (;;) {
    const bytes = random.bytes(Math.ceil(bits / 8)).reverse();
    const value = BigInt.asUintN(bits, BigInt(`0x${bytes.toString("hex")}`));
    if (value < n) return value;
  }
}

/** True with probability `rate`, which is in [0, 1]. */
export function bernoulli({ numerator, denominator }: Fraction, random: Coins): boolean {
  return uniformBelow(denominator, random) < numerator;
}

/**
 * True with probability e^-x, x ≥ 0 (their algorithm 1). Ends after few flips whatever x is: all but
 * 1 of e^k are over after k ones.
 */
export function bernoulliExp(x: Fraction, random: Coins): boolean {
  const { denominator } = x;
  let { numerator } = x;
  if (!(numerator >= 0n)) throw new RangeError(`bernoulliExp(${numerator} / ${denominator})`);
  for (; numerator > denominator; numerator -= denominator) {
    if (!alternating(ONE, random)) return false;
  }
  return alternating({ numerator, denominator }, random);
}

/** How often a coin of probability 1/e falls true before it first falls false. */
export function geometricExp(random: Coins): bigint {
  let count = 0n;
  while (alternating(ONE, random)) count += 1n;
  return count;
}

/**
 * e^-x for x in [0, 1], by its alternating series: the first of the coins x, x/2, x/3 … to fall
 * false is the k-th with probability x^(k-1) / (k-1)! - x^k / k!; the sum over odd k is e^-x.
 */
function alternating({ numerator, denominator }: Fraction, random: Coins): boolean {
  let k = 1n;
  while (bernoulli({ numerator, denominator: denominator * k }, random)) k += 1n;
  return k % 2n === 1n;
}
