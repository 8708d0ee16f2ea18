/** Bounds from values that are public: quantiles of them, as they are, widened. They cost no epsilon. */
import { cutTo, isRange, OUTER_SHARE, type Outer, type Range, widened } from "./range.ts";

/**
 * The nearest-rank quantiles 0.1 and 0.9, widened and cut to the outer bounds. Where most values are one number the ends
 * of all stand in the quantiles' place; where all are, or there is none, the outer bounds do.
 *
 * @param values of a feature, in any order
 */
export function publicBounds(values: Iterable<number>, outer: Outer): Range {
  const sorted = Float64Array.from(values).sort();
  const { length } = sorted;
  const rank = Math.max(0, Math.ceil(OUTER_SHARE * length) - 1);
  const pair = (i: number): Range => [
    sorted[i] ?? Number.NaN,
    sorted[length - 1 - i] ?? Number.NaN,
  ];
  const candidates = [widened(pair(rank), outer.scale), pair(0)].map((range) =>
    cutTo(range, outer),
  );
  return candidates.find((range) => isRange(range, outer.scale)) ?? outer.bounds;
}
