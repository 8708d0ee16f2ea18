/**
 * The normal distribution with good *relative* accuracy in its tails, where deltas live: every tail
 * is a density times a smooth factor, never one minus something close to one.
 */

const SQRT_HALF = Math.SQRT1_2;
const SQRT_2_PI = Math.sqrt(2 * Math.PI);
const SQRT_PI = Math.sqrt(Math.PI);

// Step of the trapezoidal rule in erfcx, and its Gaussian weights e^(-n² h²); the first left out is
// 4.5e-19. At this step the rule's own error is e^(-π²/h²) = 7e-18.
const STEP = 0.5;
const WEIGHTS = Array.from({ length: 12 }, (_, i) => {
  const node = ((i + 1) * STEP) ** 2;
  return { node, weight: Math.exp(-node) };
});

// Beyond it the rule's pole lies outside the strip, and its correction is below 1e-17 anyway.
const POLE_LIMIT = Math.PI / STEP;
const SERIES_LIMIT = 0.5;

/**
 * Scaled complementary error function e^(x²) erfc(x), relative error below 2e-15 for x ≥ 0:
 * the trapezoidal rule on its integral with the pole's residue added (Chiarella & Reichel 1968,
 * Math. Comp. 22); below 1/2, where residue and first node cancel, the series of erf.
 * For x < 0 it grows as 2 e^(x²) and is Infinity from -26.7 on.
 */
export function erfcx(x: number): number {
  if (x < 0) return 2 / expMinusSquare(x) - erfcx(-x);
  if (x < SERIES_LIMIT) return (1 - erfSeries(x)) / expMinusSquare(x);
  // The next term of the asymptotic series is 1 / 2x² of this one; x² would overflow in the rule.
  if (x > 1e8) return 1 / (x * SQRT_PI);
  let sum = 0.5 / x;
  for (const { node, weight } of WEIGHTS) sum += (weight * x) / (node + x * x);
  const rule = ((2 * STEP) / Math.PI) * sum;
  if (x >= POLE_LIMIT) return rule;
  return rule - 2 / (Math.expm1((2 * Math.PI * x) / STEP) * expMinusSquare(x));
}

/** Complementary error function, relative error below 2e-15; 0 beyond 26.6. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  return x < SERIES_LIMIT ? 1 - erfSeries(x) : expMinusSquare(x) * erfcx(x);
}

/**
 * The x ≥ 0 with erfc(x) = tail, for tail in [1e-280, 1]; an absolute error of a few 1e-15.
 * log erfc is concave, so Newton's steps fall towards the root from any start above it, and
 * erfc(x) ≤ e^(-x²) gives such a start.
 */
export function erfcInverse(tail: number): number {
  if (!(tail >= 1e-280 && tail <= 1)) throw new RangeError(`erfcInverse(${tail})`);
  let x = Math.sqrt(-Math.log(tail));
  // It converges quadratically: a step below 1e-9 leaves nothing to the next.
  for (let step = 1; Math.abs(step) > 1e-9; ) {
    step = Math.log(erfc(x) / tail) * erfcx(x) * (SQRT_PI / 2);
    x = Math.max(0, x + step);
  }
  return x;
}

/** Density of N(0, 1). */
export function normalDensity(x: number): number {
  return expMinusSquare(x, 0.5) / SQRT_2_PI;
}

/** P[N(0, 1) > x] / density(x); about 1 / x for large x. */
export function millsRatio(x: number): number {
  return (SQRT_2_PI / 2) * erfcx(x * SQRT_HALF);
}

/** Distribution function Phi of N(0, 1). */
export function normalCdf(x: number): number {
  return x < 0 ? normalDensity(x) * millsRatio(-x) : 1 - normalDensity(x) * millsRatio(x);
}

/** log Phi, finite where Phi underflows. */
export function logNormalCdf(x: number): number {
  if (x >= 0) return Math.log1p(-normalCdf(-x));
  return Math.log(millsRatio(-x) / SQRT_2_PI) - x ** 2 / 2;
}

/** erf by its alternating series, for 0 ≤ x ≤ 1/2: sixteen terms leave less than 1e-23. */
function erfSeries(x: number): number {
  let power = x;
  let sum = x;
  for (let k = 1; k <= 16; k++) {
    power *= -(x * x) / k;
    sum += power / (2 * k + 1);
  }
  return (2 / SQRT_PI) * sum;
}

/**
 * e^(-factor x²). x² in one product would lose as many bits as it has before the point; the square
 * of the leading 24 bits is exact, and what is left is small.
 */
function expMinusSquare(x: number, factor = 1): number {
  // Beyond it nothing is left, and the square of the leading bits would overflow.
  const far = Math.min(Math.abs(x), 1e4);
  const leading = Math.fround(far);
  const left = (far - leading) * (far + leading);
  return Math.exp(-factor * leading * leading) * Math.exp(-factor * left);
}
