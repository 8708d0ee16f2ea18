/**
 * Clip norms that follow a quantile of the update norms (Andrew, Thakkar, McMahan & Ramaswamy 2021,
 * arXiv:1905.03871): every client sends, beside its update, one bit: is its norm within the clip
 * norm? The next clip norm follows from the noised mean of the bits alone.
 */

/** A bit shifted to ±1/2, so that its sensitivity under `zeroOut` is 1/2, not 1. */
export function shiftedBit(norm: number, clipNorm: number): number {
  // A norm that is NaN counts as clipped.
  return norm <= clipNorm ? 0.5 : -0.5;
}

/**
 * Fraction of updates within the clip norm, as released: noise may take it out of [0, 1].
 *
 * @param noisySum sum of the shifted bits and their noise
 * @param expectedClients the public count, never that of the bits that came
 */
export function noisyFraction(noisySum: number, expectedClients: number): number {
  return noisySum / expectedClients + 0.5;
}

/**
 * The clip norm of the next round: larger when too few updates were within it. Everything of a
 * round that is under way (sending, clipping, noise, scale) uses the norm it began with.
 *
 * @param fraction as `noisyFraction` gives it
 * @param quantile of the norms, to lie within the clip norm, in (0, 1)
 */
export function nextClipNorm(
  clipNorm: number,
  fraction: number,
  quantile: number,
  learningRate: number,
): number {
  return clipNorm * Math.exp(-learningRate * (fraction - quantile));
}

/**
 * Noise multiplier of the update, larger than `noiseMultiplier`, at which update and bits together
 * cost what an update at `noiseMultiplier` alone would; rounded up. Infinity where the bits alone
 * cost that much: `noiseMultiplier` ≥ 2 `bitNoise`.
 *
 * @param bitNoise noise standard deviation on the *sum* of the shifted bits
 */
export function updateNoise(noiseMultiplier: number, bitNoise: number): number {
  if (!(noiseMultiplier > 0 && bitNoise > 0)) {
    throw new RangeError(`noise ${noiseMultiplier}, ${bitNoise}: expected > 0`);
  }
  const ratio = noiseMultiplier / (2 * bitNoise);
  if (ratio >= 1) return Infinity;
  return (noiseMultiplier / Math.sqrt((1 - ratio) * (1 + ratio))) * (1 + 4 * Number.EPSILON);
}
