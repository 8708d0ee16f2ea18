/**
 * The Gaussian mechanism on a full batch, exactly: Balle & Wang 2018 (arXiv:1805.06530), theorem 8.
 * Steps compose exactly too: Dong, Roth & Su 2019 (arXiv:1905.02383), corollary 3.3 (mu-GDP).
 *
 * mu is the L2 sensitivity ÷ the noise's standard deviation, over all steps.
 */
import { smallestSatisfying } from "../numeric/bisect.ts";
import { millsRatio, normalCdf, normalDensity } from "../numeric/normal.ts";

/** Equal full-batch steps. */
export interface GaussianSteps {
  /** Noise standard deviation ÷ L2 sensitivity. */
  readonly noiseMultiplier: number;
  readonly count: number;
}

/** mu of steps after one another: the root of the summed squares. Infinity without noise. */
export function composedMu(steps: readonly GaussianSteps[]): number {
  let squares = 0;
  for (const { noiseMultiplier, count } of steps) {
    if (count > 0) squares += count / noiseMultiplier ** 2;
  }
  // One step's rounding is in `gaussianDelta`'s error; here is that of the additions.
  return Math.sqrt(squares * (1 + Math.max(0, steps.length - 1) * Number.EPSILON));
}

/**
 * delta at `epsilon`: Phi(-a) - e^epsilon Phi(-b), a = epsilon / mu - mu / 2, b = a + mu; rounded up
 * by a bound on its own float error, so never below the truth (0 only below 5e-324).
 *
 * With phi(a) = e^epsilon phi(b) it is phi(a) (R(a) - R(b)), R being Mills' ratio: no power of e
 * that overflows, and no difference of tails that were rounded apart.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (mu === 0) return 0;
  if (mu === Infinity) return 1;
  const a = epsilon / mu - mu / 2;
  const b = epsilon / mu + mu / 2;
  const density = normalDensity(a);
  if (density === 0 && a > 0) return 0;
  const tail = a > 0 ? density * millsRatio(a) : normalCdf(-a);
  // First-order error: a and b are off by 2^-52 b, and |d delta| ≤ density there; tail and density
  // by a few ulps and, through the exponent, a² / 2 of them.
  const error = 2 ** -52 * (2 * b * density + (a * a + 16) * tail);
  return Math.min(1, Math.max(0, tail - density * millsRatio(b) + error));
}

/** Smallest epsilon with delta(epsilon) ≤ `delta`, rounded up; 0 where delta allows it. */
export function gaussianEpsilon(mu: number, delta: number): number {
  if (!(mu >= 0)) throw new RangeError(`mu ${mu}: expected ≥ 0`);
  checkDelta(delta);
  if (mu === Infinity) return Infinity;
  const satisfies = (epsilon: number) => gaussianDelta(mu, epsilon) <= delta;
  if (satisfies(0)) return 0;
  // delta(epsilon) ≤ Phi(-a) ≤ e^(-a² / 2) / 2.
  const enough = mu ** 2 / 2 + mu * Math.sqrt(-2 * Math.log(delta));
  return smallestSatisfying(0, enough, 0, satisfies);
}

/**
 * Smallest noise standard deviation for (epsilon, delta) at L2 sensitivity `sensitivity`, in its
 * unit; rounded up. The classical sqrt(2 log(1.25 / delta)) / epsilon is proved for epsilon < 1 only.
 */
export function gaussianSigma(epsilon: number, delta: number, sensitivity: number): number {
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  if (!(sensitivity > 0 && sensitivity < Infinity)) throw new RangeError(`L2 ${sensitivity}`);
  checkDelta(delta);
  const satisfies = (sigma: number) => gaussianDelta(sensitivity / sigma, epsilon) <= delta;
  let high = sensitivity;
  while (!satisfies(high)) high *= 2;
  let low = high / 2;
  while (satisfies(low)) low /= 2;
  return smallestSatisfying(low, high, 0, satisfies);
}

/** @throws RangeError outside (0, 1) */
export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta ${delta}: expected in (0, 1)`);
}
