/**
 * The exponential mechanism (McSherry & Talwar 2007): one of several candidates, each with a weight
 * of e^(epsilon utility / 2D), D bounding what a unit changes of any utility. The largest of the
 * utilities with Gumbel noise of scale 2D / epsilon is the same draw. Its *value* is not released.
 */

const ROUND_UP = 1 + 8 * Number.EPSILON;

/** Scale of the Gumbel noise at which one selection costs `epsilon`. */
export function gumbelScale(sensitivity: number, epsilon: number): number {
  return (2 * sensitivity) / epsilon;
}

/** The pure epsilon of one selection under Gumbel noise of `scale`; rounded up. */
export function selectionEpsilon(sensitivity: number, scale: number): number {
  return ((2 * sensitivity) / scale) * ROUND_UP;
}

/** Chance of each candidate. */
export function selectionOdds(
  utilities: readonly number[],
  sensitivity: number,
  epsilon: number,
): number[] {
  const best = utilities.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = gumbelScale(sensitivity, epsilon);
  const weights = utilities.map((utility) => Math.exp((utility - best) / scale));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/**
 * Rho of one selection, rounded up: a quarter of what holds for any pure mechanism (Cesar & Rogers
 * 2021, arXiv:2004.07223). Its loss L lies in a range of width epsilon, so by Hoeffding's lemma
 * log E e^(sL) under the second table bends by at most epsilon² / 4; it is 0 at s = 0 and 1, hence
 * at most epsilon² / 8 · order (order - 1) at s = order.
 */
export function selectionRho(epsilon: number): number {
  return (epsilon ** 2 / 8) * ROUND_UP;
}

/** RDP of one selection at `order` > 1, rounded up. */
export function selectionRdp(epsilon: number, order: number): number {
  return Math.min(epsilon, order * selectionRho(epsilon));
}
