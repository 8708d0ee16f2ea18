/**
 * A sum to which each of n clients added its own discrete Gaussian: not a discrete Gaussian itself,
 * but close to one (Kairouz, Liu & Steinke 2021, arXiv:2102.06387, theorem 1 and proposition 14).
 * Tau bounds how close, in each coordinate.
 */

/** Integer vectors, whose sum any one unit moves by at most `l2Sensitivity`. */
export interface DistributedGaussian {
  /** Noises that add up: those of honest clients that reached the sum. */
  readonly clients: number;
  /** Parameter of each, in lattice steps: its variance is sigma² or a little less. */
  readonly sigma: number;
  readonly dimension: number;
  /** In lattice steps, after scaling and rounding. */
  readonly l2Sensitivity: number;
  /** Absent: what follows from the L2 one for integer vectors. */
  readonly l1Sensitivity?: number | undefined;
}

/** Noise below which the theorem says nothing. */
export const LEAST_SIGMA = 0.5;

// Float error of tau is some ulps of exponents below 745, and of a sum whose terms are positive.
const ROUND_UP = 1 + 1e-12;

/** 10 times the sum over k < n of e^(-2 pi² sigma² k / (k + 1)), rounded up. */
export function sumGap(clients: number, sigma: number): number {
  if (!(Number.isSafeInteger(clients) && clients >= 1)) throw new RangeError(`clients ${clients}`);
  if (!(sigma >= LEAST_SIGMA)) throw new RangeError(`sigma ${sigma}: expected ≥ ${LEAST_SIGMA}`);
  const factor = -2 * (Math.PI * sigma) ** 2;
  let sum = 0;
  for (let k = 1; k < clients; k++) sum += Math.exp((factor * k) / (k + 1));
  return 10 * sum * ROUND_UP;
}

/** RDP at `order` > 1, rounded up. */
export function distributedGaussianRdp(sum: DistributedGaussian, order: number): number {
  const { additive, proportional } = bounds(sum);
  return Math.min((order / 2) * additive.rho + additive.constant, (order / 2) * proportional);
}

/** Rho: the smaller of the theorem's bounds that are proportional to the order; rounded up. */
export function distributedGaussianRho(sum: DistributedGaussian): number {
  return bounds(sum).proportional / 2;
}

/** The bounds of both propositions, without the order ÷ 2. */
function bounds({ clients, sigma, dimension, l2Sensitivity, l1Sensitivity }: DistributedGaussian) {
  const tau = sumGap(clients, sigma);
  const noise = Math.sqrt(clients) * sigma;
  const l2 = l2Sensitivity / noise;
  // |x| ≤ x² for integers, so that the L1 norm of a difference is at most its squared L2 norm.
  const largest = l2Sensitivity * Math.min(Math.sqrt(dimension), l2Sensitivity);
  const l1 = (l1Sensitivity ?? largest) / noise;
  const additive = { rho: l2 ** 2 * ROUND_UP, constant: tau * dimension };
  const mixed = l2 ** 2 + 2 * l1 * tau + tau ** 2 * dimension;
  const apart = (l2 + Math.sqrt(dimension) * tau) ** 2;
  return { additive, proportional: Math.min(mixed, apart) * ROUND_UP };
}
