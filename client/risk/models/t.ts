/**
 * t-closeness (Li, Li & Venkatasubramanian 2007): how far the values of a class are from those of
 * all rows, by the earth mover's distance; here for values that are all equally far apart, and for
 * values in a declared order. t-hierarchical.ts has the third.
 *
 * A class of f rows has Q(v) = count / f, all n rows P(v) = total / n: every distance is a whole
 * number over n f.
 */
import { largestRatio, type Ratio } from "./ratio.ts";
import type { ValueCounts } from "./value-counts.ts";

/** The distance of one class's values from all rows'. */
export type ClassDistance = (id: number) => Ratio;

/** t: the largest of all classes' distances; 0 without rows. */
export function largestDistance({ sizes }: ValueCounts, distance: ClassDistance): Ratio {
  return largestRatio(sizes.length, distance);
}

/** ½ Σ |Q - P|. What Q has more of, other values have less of: half the sum is the excess alone. */
export function equalDistance(counts: ValueCounts): ClassDistance {
  const { rows, sizes, totals, starts, values } = counts;
  return (id) => {
    const size = sizes[id] ?? 0;
    let excess = 0;
    for (let pair = starts[id] ?? 0; pair < (starts[id + 1] ?? 0); pair++) {
      const total = totals[values[pair] ?? 0] ?? 0;
      excess += Math.max(0, (counts.counts[pair] ?? 0) * rows - total * size);
    }
    return { top: excess, bottom: rows * size };
  };
}

/**
 * Σ over i < m of |Σ over u ≤ i of Q(u) - P(u)| ÷ (m - 1), m the length of the order; 0 for m = 1.
 *
 * Between two values of the class the inner sum of Q stands still while that of P rises, so a stretch
 * is summed at once, from both sides of the place where P overtakes: a class costs log m a value.
 *
 * @param order the codes of all values, each once
 * @returns null where a value that occurs is not in the order: nobody said how far it is
 * @throws RangeError where a value is in the order twice
 */
export function orderedDistance(
  counts: ValueCounts,
  order: readonly number[],
): ClassDistance | null {
  const { rows, sizes } = counts;
  const placeOf = placesIn(order, counts);
  if (placeOf === null) return null;
  const upTo = totalsUpTo(order, placeOf, counts);
  const pairs = pairsByPlace(counts, placeOf);
  const last = order.length - 1;
  return (id) => {
    const size = sizes[id] ?? 0;
    const length = pairs.load(id);
    let from = 0;
    let seen = 0;
    let area = 0;
    for (let i = 0; i < length; i++) {
      const place = pairs.places[i] ?? 0;
      area += stretch(upTo, from, place, seen * rows, size);
      from = place;
      seen += pairs.counts[i] ?? 0;
    }
    area += stretch(upTo, from, last, seen * rows, size);
    return { top: area, bottom: Math.max(1, last) * rows * size };
  };
}

/** One class's values by their places in the order, ascending, and how often each occurs. */
interface PairsByPlace {
  readonly places: Float64Array;
  readonly counts: Float64Array;
  /** Fills the beginnings of both by a class's. @returns how many they are */
  readonly load: (id: number) => number;
}

function pairsByPlace(of: ValueCounts, placeOf: Int32Array): PairsByPlace {
  const { rows, totals, starts, values } = of;
  const [places, counts] = [new Float64Array(placeOf.length), new Float64Array(placeOf.length)];
  const occurring = placeOf.filter((_, value) => totals[value] !== 0);
  // A class's values ascend by id, and so mostly by place: codes tend to follow the order.
  const isSorted = occurring.every((place, i) => i === 0 || (occurring[i - 1] ?? 0) < place);
  const radix = rows + 1;
  const load = (id: number) => {
    const from = starts[id] ?? 0;
    const length = (starts[id + 1] ?? 0) - from;
    for (let i = 0; i < length; i++) {
      places[i] = placeOf[values[from + i] ?? 0] ?? 0;
      counts[i] = of.counts[from + i] ?? 0;
    }
    if (isSorted || length < 2) return length;
    sortByPlace(places.subarray(0, length), counts, radix);
    return length;
  };
  return { places, counts, load };
}

/** @param radix above all counts */
function sortByPlace(places: Float64Array, counts: Float64Array, radix: number): void {
  // One whole number for both, so that a typed array sorts them: places × rows is below 2^53.
  for (let i = 0; i < places.length; i++) places[i] = (places[i] ?? 0) * radix + (counts[i] ?? 0);
  places.sort();
  for (let i = 0; i < places.length; i++) {
    const key = places[i] ?? 0;
    counts[i] = key % radix;
    places[i] = (key - (key % radix)) / radix;
  }
}

interface TotalsUpTo {
  /** [m]: rows with a value at this place of the order or before. */
  readonly single: Float64Array;
  /** [m + 1]: sum of `single` before this place. */
  readonly summed: Float64Array;
}

/** Σ over places in [from, to) of |level - size × single[place]|; `single` never falls. */
function stretch(
  { single, summed }: TotalsUpTo,
  from: number,
  to: number,
  level: number,
  size: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((single[middle] ?? 0) * size > level) high = middle;
    else low = middle + 1;
  }
  const between = summed[low] ?? 0;
  const below = (low - from) * level - size * (between - (summed[from] ?? 0));
  const above = size * ((summed[to] ?? 0) - between) - (to - low) * level;
  return below + above;
}

function placesIn(order: readonly number[], { codes, totals }: ValueCounts): Int32Array | null {
  const placeOfCode = new Map(order.map((code, place) => [code, place]));
  if (placeOfCode.size !== order.length) throw new RangeError("an order with a value twice");
  const places = new Int32Array(codes.length);
  for (let value = 0; value < codes.length; value++) {
    const place = placeOfCode.get(codes[value] ?? 0);
    if (place === undefined && totals[value] !== 0) return null;
    places[value] = place ?? 0;
  }
  return places;
}

function totalsUpTo(
  order: readonly number[],
  placeOf: Int32Array,
  { totals }: ValueCounts,
): TotalsUpTo {
  const single = new Float64Array(order.length);
  for (const [value, total] of totals.entries()) if (total > 0) single[placeOf[value] ?? 0] = total;
  const summed = new Float64Array(order.length + 1);
  let before = 0;
  for (let place = 0; place < order.length; place++) {
    before += single[place] ?? 0;
    single[place] = before;
    summed[place + 1] = (summed[place] ?? 0) + before;
  }
  return { single, summed };
}
