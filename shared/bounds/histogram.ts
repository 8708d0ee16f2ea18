/** In which bin of its feature's histogram a value is, and where a bin lies. */
import { LARGEST_LEARNED } from "../contract/feature.ts";
import { EQUAL_BINS, FEATURE_BINS, OCTAVE_BINS, WEIGHT } from "../privacy/bounds-terms.ts";
import { axisOf, type Range, type Scale } from "./range.ts";

/** Of values without a number. */
const MISSING_BIN = FEATURE_BINS - 1;
const ZERO_BIN = (OCTAVE_BINS - 1) / 2;
const LAST_OCTAVE = 20;

/** How a release cuts a feature: octaves where no range is known, else its range in equal parts. */
export type Cut =
  | { readonly kind: "octaves" }
  | { readonly kind: "equal"; readonly range: Range; readonly scale: Scale };

/** @param value NaN: none */
export function binOf(value: number, cut: Cut): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  return cut.kind === "octaves" ? octaveOf(value) : equalBinOf(value, cut);
}

/** Bin ZERO_BIN ± (e + 21) holds what is in ±[2^e, 2^(e+1)), the outer ones all beyond. */
function octaveOf(value: number): number {
  const size = Math.min(Math.abs(value), LARGEST_LEARNED);
  if (size < 2 ** -LAST_OCTAVE) return ZERO_BIN;
  let exponent = Math.floor(Math.log2(size));
  // A logarithm may be rounded across a power of two.
  if (2 ** exponent > size) exponent -= 1;
  if (2 ** (exponent + 1) <= size) exponent += 1;
  const away = Math.min(exponent, LAST_OCTAVE) + LAST_OCTAVE + 1;
  return ZERO_BIN + (value < 0 ? -away : away);
}

function equalBinOf(
  value: number,
  { range: [low, high], scale }: Extract<Cut, { kind: "equal" }>,
): number {
  if (value <= low) return 0;
  if (value >= high) return EQUAL_BINS - 1;
  const { at } = axisOf(scale);
  const part = (at(value) - at(low)) / (at(high) - at(low));
  return Math.min(EQUAL_BINS - 1, Math.max(0, Math.floor(EQUAL_BINS * part)));
}

/** All values of bins `first` to `last`. */
export function octavesRange(first: number, last: number): Range {
  return [octaveEnds(first)[0], octaveEnds(last)[1]];
}

function octaveEnds(bin: number): Range {
  const away = Math.abs(bin - ZERO_BIN);
  if (away === 0) return [-(2 ** -LAST_OCTAVE), 2 ** -LAST_OCTAVE];
  const [near, far] = [2 ** (away - LAST_OCTAVE - 1), 2 ** (away - LAST_OCTAVE)];
  return bin < ZERO_BIN ? [-far, -near] : [near, far];
}

/** The same of equal bins; `last` may lie beyond them, as may `first`. */
export function equalRange(first: number, last: number, [low, high]: Range, scale: Scale): Range {
  const { at, back } = axisOf(scale);
  const width = (at(high) - at(low)) / EQUAL_BINS;
  const end = (bin: number) => back(at(low) + bin * width);
  return [end(Math.max(0, first)), end(Math.min(EQUAL_BINS, last + 1))];
}

/** Adds one record: WEIGHT in one bin of each feature. @param values NaN: none */
export function countRecord(
  counts: Int32Array,
  values: ArrayLike<number>,
  cuts: readonly Cut[],
): void {
  cuts.forEach((cut, i) => {
    const at = i * FEATURE_BINS + binOf(values[i] ?? Number.NaN, cut);
    counts[at] = (counts[at] ?? 0) + WEIGHT;
  });
}
