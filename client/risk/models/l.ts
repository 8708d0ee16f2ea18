/**
 * l-diversity of anonymized rows (Machanavajjhala et al. 2007): distinct, entropy, and recursive
 * (c,l). Like k it describes one table, and stays with it.
 */
import { isLarger, quotient, type Ratio, ZERO_RATIO } from "./ratio.ts";
import type { ValueCounts } from "./value-counts.ts";

/** The least number of values in a class; 0 without rows. */
export function leastDistinct({ starts }: ValueCounts): number {
  let least = Infinity;
  for (let id = 0; id + 1 < starts.length; id++)
    least = Math.min(least, (starts[id + 1] ?? 0) - (starts[id] ?? 0));
  return least === Infinity ? 0 : least;
}

/** The least Shannon entropy of a class, in nats; 0 without rows. Entropy l is its exponential. */
export function leastEntropy(counts: ValueCounts): number {
  let least = Infinity;
  for (let id = 0; id < counts.sizes.length; id++) least = Math.min(least, entropyOf(counts, id));
  return least === Infinity ? 0 : least;
}

/**
 * The largest r_1 / (r_l + … + r_m) of a class, r_1 ≥ … ≥ r_m its counts of values: c must exceed it.
 *
 * @param l ≥ 1
 * @returns null where a class has fewer than l values: no c will do
 */
export function recursiveBound(counts: ValueCounts, l: number): Ratio | null {
  const { sizes, starts, ranked } = counts;
  let largest = ZERO_RATIO;
  for (let id = 0; id < sizes.length; id++) {
    const from = starts[id] ?? 0;
    const to = starts[id + 1] ?? 0;
    if (to - from < l) return null;
    let rest = sizes[id] ?? 0;
    for (let rank = 1; rank < l; rank++) rest -= ranked[to - rank] ?? 0;
    const ratio = { top: ranked[to - 1] ?? 0, bottom: rest };
    if (isLarger(ratio, largest)) largest = ratio;
  }
  return largest;
}

/** Strict, as in the paper: r_1 < c (r_l + … + r_m). */
export function satisfiesRecursive(bound: Ratio | null, c: number): boolean {
  return bound !== null && quotient(bound) < c;
}

/** Sum of q ln(1/q), from the rarest value on, so that it depends on no order of values. */
function entropyOf({ sizes, starts, ranked }: ValueCounts, id: number): number {
  const size = sizes[id] ?? 0;
  const end = starts[id + 1] ?? 0;
  let entropy = 0;
  for (let pair = starts[id] ?? 0; pair < end; pair++) {
    const count = ranked[pair] ?? 0;
    entropy += (count / size) * Math.log1p((size - count) / count);
  }
  return entropy;
}
