/** Independent oracles: textbook statistics and quadrature, sharing no code with what they check. */

/**
 * Bounds that a chi-square variable of `dof` degrees leaves with the two-sided probability of
 * `z` standard deviations (Wilson & Hilferty 1931). z = 5 errs once in two million runs.
 */
export function chiSquareBounds(dof: number, z: number): [low: number, high: number] {
  const quantile = (sign: number) =>
    dof * (1 - 2 / (9 * dof) + sign * z * Math.sqrt(2 / (9 * dof))) ** 3;
  return [quantile(-1), quantile(1)];
}

/**
 * Pearson's statistic of draws against `mass`, and its degrees of freedom. Neighbouring values are
 * pooled, from the outside in, until each cell expects 10 draws.
 */
export function pearson(
  draws: Iterable<number>,
  mass: (value: number) => number,
  reach: number,
): { statistic: number; dof: number } {
  const counts = new Map<number, number>();
  let total = 0;
  for (const draw of draws) {
    counts.set(draw, (counts.get(draw) ?? 0) + 1);
    total += 1;
  }
  const cells: { observed: number; expected: number }[] = [];
  let [observed, expected, seen] = [0, 0, 0];
  for (let value = -reach; value <= reach; value++) {
    observed += counts.get(value) ?? 0;
    expected += total * mass(value);
    if (expected < 10) continue;
    cells.push({ observed, expected });
    seen += observed;
    [observed, expected] = [0, 0];
  }
  const last = cells.at(-1);
  if (!last) throw new Error("too few draws for one cell");
  // The rest, and whatever lay outside `reach`, belongs to the last cell.
  last.observed += total - seen;
  last.expected += expected;
  const statistic = cells.reduce((sum, c) => sum + (c.observed - c.expected) ** 2 / c.expected, 0);
  return { statistic, dof: cells.length - 1 };
}

/** Mean and mean square deviation from `center`. */
export function moments(
  draws: ArrayLike<number>,
  center: number,
): { mean: number; variance: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < draws.length; i++) {
    const x = draws[i] ?? Number.NaN;
    sum += x;
    squares += (x - center) ** 2;
  }
  return { mean: sum / draws.length, variance: squares / draws.length };
}

/** Integral of `f` over [from, to] by Simpson's rule on `steps` (even) steps. */
export function simpson(f: (x: number) => number, from: number, to: number, steps: number): number {
  const h = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4;
    sum += weight * f(from + i * h);
  }
  return (sum * h) / 3;
}

/** P[from ≤ N(0, sigma²) ≤ to]; relative error below 1e-9 where `to - from` is below a sigma. */
export function gaussianMass(from: number, to: number, sigma: number): number {
  const density = (x: number) => Math.exp(-((x / sigma) ** 2) / 2);
  return simpson(density, from, to, 64) / (sigma * Math.sqrt(2 * Math.PI));
}

/** Standard normal distribution function, by Simpson's rule; relative error below 1e-11. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x);
  // Ten deviations further down the tail is e^-50 of itself or less.
  const density = (t: number) => Math.exp(-(t ** 2) / 2);
  return simpson(density, x - 10, x, 4_000) / Math.sqrt(2 * Math.PI);
}

/**
 * Exact epsilon, up to 30, of mu-GDP (mu = sqrt(steps) / noiseMultiplier): Balle & Wang 2018
 * (arXiv:1805.06530), theorem 8 as it stands there, bisected.
 */
export function exactGaussianEpsilon(mu: number, delta: number): number {
  const deltaAt = (epsilon: number) =>
    normalCdf(mu / 2 - epsilon / mu) - Math.exp(epsilon) * normalCdf(-mu / 2 - epsilon / mu);
  let [low, high] = [0, 30];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (deltaAt(middle) > delta) low = middle;
    else high = middle;
  }
  return high;
}
