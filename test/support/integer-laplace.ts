/**
 * Two-sided geometric noise for counts (Ghosh, Roughgarden & Sundararajan 2012, arXiv:0811.2841):
 * P(x) in proportion to e^(-epsilon |x| / sensitivity) over the integers. Drawn exactly, by Canonne,
 * Kamath & Steinke 2020 (arXiv:2004.00010), algorithm 2: no float, no table, nothing for delta.
 */
import type { MechanismEvent } from "../../shared/accounting/mechanisms/event.ts";
import { exactFraction } from "../../shared/noise/exact-fraction.ts";
import { bernoulliExp, type Coins, geometricExp, uniformBelow } from "./exact-coins.ts";

/**
 * A count with noise, at pure epsilon `epsilon`; charged as `integerLaplaceEvent` says. Results beyond
 * the safe integers become the nearest of them, which is post-processing.
 *
 * @param sensitivity whole number ≥ 1: the most by which one unit that contributes nothing instead
 *   changes the count (or the counts, in L1 norm, if each of several gets such noise)
 * @throws RangeError unless epsilon is finite and > 0 and count and sensitivity are whole
 */
export function noisyCount(
  count: number,
  sensitivity: number,
  epsilon: number,
  random: Coins,
): number {
  if (!Number.isSafeInteger(count)) throw new RangeError("noisyCount: expected a whole number");
  const noisy = BigInt(count) + integerLaplace(sensitivity, epsilon, random);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (noisy > limit) return Number.MAX_SAFE_INTEGER;
  return noisy < -limit ? -Number.MAX_SAFE_INTEGER : Number(noisy);
}

/** The noise alone, under the same conditions; some µs. How long it takes depends on what it is. */
export function integerLaplace(sensitivity: number, epsilon: number, random: Coins): bigint {
  if (!(Number.isSafeInteger(sensitivity) && sensitivity >= 1)) {
    throw new RangeError(`sensitivity ${sensitivity}: expected a whole number ≥ 1`);
  }
  checkEpsilon(epsilon);
  const { numerator, denominator } = exactFraction(epsilon);
  // The magnitude of scale t, over `numerator`: e^(-|x| numerator / t).
  const t = denominator * BigInt(sensitivity);
  for (;;) {
    const rest = uniformBelow(t, random);
    if (!bernoulliExp({ numerator: rest, denominator: t }, random)) continue;
    const magnitude = (rest + t * geometricExp(random)) / numerator;
    const negative = uniformBelow(2n, random) === 0n;
    // Else 0 would come by both signs.
    if (!(negative && magnitude === 0n)) return negative ? -magnitude : magnitude;
  }
}

/**
 * What one such release costs: a response of two answers, the dearest of all mechanisms of that pure
 * epsilon (Kairouz, Oh & Viswanath 2015, arXiv:1311.0776) and, for counts of sensitivity 1, the same
 * one, since the loss is always epsilon or -epsilon. It is *not* `laplace`: that noise is continuous,
 * its loss mostly smaller, and so are its RDP and its delta at any smaller epsilon.
 */
export function integerLaplaceEvent(
  epsilon: number,
  adjacency: "zeroOut" | "replaceOne",
): MechanismEvent {
  checkEpsilon(epsilon);
  const epsilonPerStep = adjacency === "replaceOne" ? 2 * epsilon : epsilon;
  return { mechanism: "randomizedResponse", categories: 2, epsilonPerStep, adjacency };
}

function checkEpsilon(epsilon: number): void {
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new RangeError(`epsilon ${epsilon}: expected a finite number > 0`);
  }
}
