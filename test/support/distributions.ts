/**
 * Distributions that samplers and charges are held against: textbook sums and quadrature, sharing no
 * code with what they check. Each is itself held against golden values (distributions.test.ts).
 */

/** The discrete Gaussian of parameter `sigmaSquared`: P(x) in proportion to e^(-x² / 2 sigma²). */
export function discreteGaussian(sigmaSquared: number) {
  const weight = (x: number) => Math.exp(-(x * x) / (2 * sigmaSquared));
  const reach = Math.ceil(40 * Math.sqrt(sigmaSquared));
  let [normaliser, squares] = [1, 0];
  // From the outside in, so that small terms add up before they meet large ones.
  let tail = 0;
  for (let x = reach; x >= 1; x--) {
    tail += 2 * weight(x);
    squares += 2 * x * x * weight(x);
  }
  normaliser += tail;
  const mass = (x: number) => weight(x) / normaliser;
  /** P(X ≥ x). */
  const atLeast = (x: number) => {
    let sum = 0;
    for (let y = reach + Math.abs(x); y >= x; y--) sum += mass(y);
    return sum;
  };
  return { normaliser, variance: squares / normaliser, mass, atLeast };
}

/**
 * Chance that each utility is the largest once independent noise is added to all, by the midpoint
 * rule over the winner's noise.
 */
export function noisyMaxOdds(
  utilities: readonly number[],
  density: (noise: number) => number,
  cdf: (noise: number) => number,
  [low, high]: readonly [number, number],
): number[] {
  const nodes = 400_000;
  const step = (high - low) / nodes;
  return utilities.map((own, i) => {
    let chance = 0;
    for (let n = 0; n < nodes; n++) {
      const noise = low + (n + 0.5) * step;
      let product = density(noise) * step;
      utilities.forEach((other, j) => {
        if (j !== i) product *= cdf(own + noise - other);
      });
      chance += product;
    }
    return chance;
  });
}

/**
 * Odds of permute-and-flip (McKenna & Sheldon 2020), which is report-noisy-max with one-sided
 * exponential noise of `scale`: over all sets of rivals, by inclusion and exclusion.
 */
export function permuteAndFlipOdds(utilities: readonly number[], scale: number): number[] {
  const best = Math.max(...utilities);
  const accept = utilities.map((utility) => Math.exp((utility - best) / scale));
  return accept.map((own, i) => {
    const others = accept.filter((_, j) => j !== i);
    let chance = 0;
    for (let set = 0; set < 2 ** others.length; set++) {
      let [product, size] = [own, 1];
      others.forEach((other, j) => {
        if ((set >> j) & 1) [product, size] = [-product * other, size + 1];
      });
      chance += product / size;
    }
    return chance;
  });
}
