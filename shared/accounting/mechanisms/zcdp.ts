/**
 * Zero-concentrated differential privacy (Bun & Steinke 2016, arXiv:1605.02065): RDP of at most
 * rho · order at every order. Rho adds up over steps, adaptively chosen ones too. Conversion over
 * every real order: Canonne, Kamath & Steinke 2020 (arXiv:2004.00010), proposition 12.
 *
 * t is order - 1 throughout: near order 1, where large rho has its optimum, order itself loses t.
 */
import { largestSatisfying, smallestSatisfying } from "../numeric/bisect.ts";
import { checkDelta } from "./gaussian.ts";
import type { Converted } from "./rdp.ts";

// The formulas below round a handful of times.
const ROUND_UP = 1 + 8 * Number.EPSILON;
// Rho, epsilon and t from here on say nothing any more, and their products would overflow.
const BEYOND = 1e100;

/**
 * Rho of one step of Gaussian noise, or of the discrete Gaussian of the same *parameter* (Canonne,
 * Kamath & Steinke 2020), whose deviation is slightly smaller; rounded up.
 *
 * @param noiseMultiplier noise ÷ L2 sensitivity; Infinity comes of 0
 */
export function gaussianRho(noiseMultiplier: number): number {
  if (!(noiseMultiplier >= 0)) {
    throw new RangeError(`noiseMultiplier ${noiseMultiplier}: expected ≥ 0`);
  }
  return ROUND_UP / (2 * noiseMultiplier ** 2);
}

/** Rho of a mechanism of which nothing is known but its pure epsilon: Bun & Steinke 2016, proposition 1.4. */
export function pureRho(epsilon: number): number {
  return (ROUND_UP * epsilon ** 2) / 2;
}

/**
 * Smallest epsilon that rho proves at `delta`, rounded up, and its order. (The bound on the total
 * variation that rdp.ts needs beside its finite list of orders adds nothing to all of them.)
 */
export function epsilonFromRho(rho: number, delta: number): Converted {
  checkRho(rho);
  checkDelta(delta);
  if (rho > BEYOND) return { epsilon: Infinity, order: 1 };
  if (rho === 0) return { epsilon: 0, order: Infinity };
  // rho t² + log(delta (1 + t)) grows with t; its root is the optimum, and any t near it a bound.
  const logDelta = Math.log(delta);
  const high = Math.min(BEYOND, 2 * Math.sqrt(-logDelta / rho));
  const t = smallestSatisfying(0, high, 1e-9, (x) => rho * x * x + logDelta + Math.log1p(x) >= 0);
  const [rdp, shrink, chance] = [rho * (1 + t), Math.log1p(1 / t), logDelta + Math.log1p(t)];
  // The terms can cancel to far less than themselves.
  const error = 4 * Number.EPSILON * (rdp + shrink + (Math.log1p(t) - logDelta) / t);
  return { epsilon: Math.max(0, rdp - shrink - chance / t + error), order: 1 + t };
}

/** Smallest delta that rho proves at `epsilon` ≥ 0, rounded up; in [0, 1]. */
export function deltaFromRho(rho: number, epsilon: number): number {
  checkRho(rho);
  if (!(epsilon >= 0 && epsilon < BEYOND)) throw new RangeError(`epsilon ${epsilon}`);
  if (rho === 0) return 0;
  if (rho > BEYOND) return 1;
  // The exponent's slope in t, which grows with t; above t = 1 the logarithm is below log 2.
  const slope = (t: number) => rho * (1 + 2 * t) - epsilon - Math.log1p(1 / t);
  const high = Math.min(BEYOND, 1 + (epsilon + Math.LN2) / rho);
  const t = smallestSatisfying(0, high, 1e-9, (x) => slope(x) >= 0);
  const [loss, shrink] = [rho * (1 + t), Math.log1p(1 / t)];
  const size = t * (loss + epsilon + shrink) + Math.log1p(t);
  const exponent = t * (loss - epsilon - shrink) - Math.log1p(t) + 4 * Number.EPSILON * size;
  return Math.min(1, Math.exp(exponent) * ROUND_UP);
}

/** Largest rho with at most (epsilon, delta), rounded down. */
export function rhoFromEpsilon(epsilon: number, delta: number): number {
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  const keeps = (rho: number) => epsilonFromRho(rho, delta).epsilon <= epsilon;
  let high = 1;
  while (keeps(high)) high *= 2;
  return largestSatisfying(0, high, 1e-12, keeps);
}

function checkRho(rho: number): void {
  if (!(rho >= 0)) throw new RangeError(`rho ${rho}: expected ≥ 0`);
}
