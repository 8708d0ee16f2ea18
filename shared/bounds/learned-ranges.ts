/**
 * Released histograms → the range of each feature. Post-processing: who has the released counts comes to the same
 * ranges. All ranges are float32, as they travel.
 */
import {
  BOUNDS_RELEASES,
  EQUAL_BINS,
  FEATURE_BINS,
  OCTAVE_BINS,
  WEIGHT,
} from "../privacy/bounds-terms.ts";
import { type Cut, equalRange, octavesRange } from "./histogram.ts";
import { cutTo, isRange, OUTER_SHARE, type Outer, type Range, widened } from "./range.ts";

/** What is known after so many releases; after BOUNDS_RELEASES the bounds by which all scale. */
export interface Learned {
  readonly releases: number;
  readonly ranges: readonly Range[];
}

/** By the contract alone. */
export function nothingLearned(outers: readonly Outer[]): Learned {
  return { releases: 0, ranges: outers.map(({ bounds }) => narrow(bounds)) };
}

/** How the next release cuts each feature. */
export function cutsOf({ releases, ranges }: Learned, outers: readonly Outer[]): readonly Cut[] {
  return outers.map(({ scale, bounds }, i) =>
    releases === 0 ? { kind: "octaves" } : { kind: "equal", range: ranges[i] ?? bounds, scale },
  );
}

/** The threshold's chance to keep any empty octave. */
const FALSE_BINS = 0.05;
/** Fewer bins than these between the quantiles say little of them. */
const FEW_BINS = 4;

/**
 * What one more release adds.
 *
 * @param counts of all features, in lattice steps, noise included
 * @param deviation of the noise on a count, in records
 */
export function learn(
  before: Learned,
  counts: ArrayLike<number>,
  outers: readonly Outer[],
  deviation: number,
): Learned {
  const releases = before.releases + 1;
  const ranges = outers.map((outer, i) => {
    const own = Array.from(
      { length: FEATURE_BINS },
      (_, bin) => (counts[i * FEATURE_BINS + bin] ?? 0) / WEIGHT,
    );
    const known = before.ranges[i] ?? outer.bounds;
    const next =
      releases === 1 ? ofOctaves(own, outer, deviation) : ofBins(own, known, outer, releases);
    return usable(next, outer) ?? usable(known, outer) ?? narrow(outer.bounds);
  });
  return { releases, ranges };
}

/** From the first octave that is surely not empty to the last; without one, the outer bounds. */
function ofOctaves(counts: readonly number[], outer: Outer, deviation: number): Range {
  const least = deviation * Math.sqrt(2 * Math.log((2 * OCTAVE_BINS) / FALSE_BINS));
  const kept = counts.slice(0, OCTAVE_BINS).map((count) => count > least);
  const first = kept.indexOf(true);
  return first < 0 ? outer.bounds : octavesRange(first, kept.lastIndexOf(true));
}

/**
 * Between the quantiles. After the second release, where they are near, their bins and one on either side: what is
 * looked at once more. After the last what bounds are made of, widened. `known` stands where noise has put them in the
 * wrong order, and where nearly all is in one bin of the last.
 */
function ofBins(counts: readonly number[], known: Range, outer: Outer, releases: number): Range {
  const bins = counts.slice(0, EQUAL_BINS);
  const [first, last] = [quantileBin(bins), EQUAL_BINS - 1 - quantileBin(bins.toReversed())];
  const isLast = releases === BOUNDS_RELEASES;
  if (first > last || (isLast && first === last)) return known;
  if (isLast) return widened(equalRange(first, last, known, outer.scale), outer.scale);
  const isNear = last - first + 1 < FEW_BINS;
  return isNear ? equalRange(first - 1, last + 1, known, outer.scale) : known;
}

/** The first bin with which a tenth of all is reached; beyond the last where there is nothing. */
function quantileBin(bins: readonly number[]): number {
  const share = OUTER_SHARE * bins.reduce((sum, count) => sum + count, 0);
  if (!(share > 0)) return bins.length;
  let sum = 0;
  return bins.findIndex((count) => {
    sum += count;
    return sum >= share;
  });
}

function usable(range: Range, outer: Outer): Range | undefined {
  const cut = narrow(cutTo(range, outer));
  return isRange(cut, outer.scale) ? cut : undefined;
}

function narrow([low, high]: Range): Range {
  return [Math.fround(low), Math.fround(high)];
}
