/**
 * How what is learned travels: behind the model, float32: how many releases there were, then each feature's range as
 * it stands. So each request says by itself what its rows are to be scaled by, to a host that comes back amid a run too.
 */
import { BOUNDS_RELEASES } from "../privacy/bounds-terms.ts";
import type { Learned } from "./learned-ranges.ts";
import { isRange, type Outer, type Range } from "./range.ts";

/** @param learned undefined: nothing is to be */
export function withLearned(parameters: Float32Array, learned: Learned | undefined): Float32Array {
  if (learned === undefined) return parameters;
  const tail = [learned.releases, ...learned.ranges.flat()];
  const both = new Float32Array(parameters.length + tail.length);
  both.set(parameters);
  both.set(tail, parameters.length);
  return both;
}

/**
 * The model, and what is learned; null: what stands there are no ranges within the outer bounds.
 *
 * @param outers of the features that learn, at least one
 */
export function splitLearned(
  values: Float32Array,
  outers: readonly Outer[],
): { readonly parameters: Float32Array; readonly learned: Learned } | null {
  const start = values.length - 1 - 2 * outers.length;
  const [releases = Number.NaN, ...ends] = values.subarray(start);
  const ranges = outers.map(
    (_, i): Range => [ends[2 * i] ?? Number.NaN, ends[2 * i + 1] ?? Number.NaN],
  );
  const known = Number.isInteger(releases) && releases >= 0 && releases <= BOUNDS_RELEASES;
  if (!known || !ranges.every((range, i) => isWithin(range, outers[i]))) return null;
  return { parameters: values.subarray(0, start), learned: { releases, ranges } };
}

function isWithin(range: Range, outer: Outer | undefined): boolean {
  if (outer === undefined || !isRange(range, outer.scale)) return false;
  return range[0] >= Math.fround(outer.bounds[0]) && range[1] <= Math.fround(outer.bounds[1]);
}
