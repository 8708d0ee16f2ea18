/** What several seeds say together: mean, spread, interval, and differences of pairs by seed. */
import { twoSidedQuantile, twoSidedTail } from "./student-t.ts";

/** Outside its intervals, one mean in twenty. */
const OUTSIDE = 0.05;
/** A spread below that is rounding: shares of fewer than a billion rows that differ, differ by more. */
const NO_SPREAD = 1e-10;

export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Of the sample, with n - 1; null for one value, which has none. */
  readonly sd: number | null;
  /**
   * 95 % for the mean, by Student's t: as if seeds' values were normal. null for one value, and for values
   * all alike: on few rows seeds tie easily, and their spread of 0 is no measure of their noise.
   */
  readonly interval: readonly [low: number, high: number] | null;
}

export interface PairedDifference extends Summary {
  /** Of the two-sided paired t test that the mean difference is 0; null where there is no interval. */
  readonly p: number | null;
}

/** @param values of at least one seed. @throws RangeError for none */
export function summaryOf(values: readonly number[]): Summary {
  const n = values.length;
  if (n === 0) throw new RangeError("a summary of no values");
  const mean = sum(values) / n;
  if (n === 1) return { n, mean, sd: null, interval: null };
  const sd = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1));
  if (sd < NO_SPREAD) return { n, mean, sd, interval: null };
  const half = (twoSidedQuantile(OUTSIDE, n - 1) * sd) / Math.sqrt(n);
  return { n, mean, sd, interval: [mean - half, mean + half] };
}

/**
 * Values minus others of the same seeds: what the seeds share cancels.
 *
 * @returns null where no seed is in both
 */
export function pairedDifference(
  values: ReadonlyMap<number, number>,
  others: ReadonlyMap<number, number>,
): PairedDifference | null {
  const differences = [...values].flatMap(([seed, value]) => {
    const other = others.get(seed);
    return other === undefined ? [] : [value - other];
  });
  if (differences.length === 0) return null;
  const summary = summaryOf(differences);
  const { n, mean, sd, interval } = summary;
  if (sd === null || interval === null) return { ...summary, p: null };
  return { ...summary, p: twoSidedTail((mean * Math.sqrt(n)) / sd, n - 1) };
}

/**
 * p-values of several tests, so adjusted that of all true null hypotheses one is rejected with no more
 * than the chance that one adjusted value states (Holm 1979). null stays what it is: not tested.
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const tested = pValues
    .flatMap((p, at) => (p === null ? [] : [{ p, at }]))
    .sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  tested.forEach(({ p, at }, rank) => {
    largest = Math.max(largest, Math.min(1, p * (tested.length - rank)));
    adjusted[at] = largest;
  });
  return adjusted;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
