/** Bounds for a column of numbers, read off them: tight enough to learn from, whatever a few outliers are. */

/** Shares of the numbers that may lie beyond, at either end, before the bounds are widened. */
const TAIL = 0.02;
/** Of the distance between the two quantiles, on either side. */
const WIDENED = 0.1;
/** In steps of a hundredth to a tenth of their distance: two significant digits. */
const DIGITS = 2;
const FINEST = 10;
/** Of a step: what binary fractions add to a decimal one. */
const DUST = 1e-9;

/**
 * The numbers' 2 % and 98 % quantiles, a tenth wider, no wider than the numbers, rounded outward.
 *
 * @param numbers ascending, two different ones at least
 */
export function proposedBounds(numbers: Float64Array): [low: number, high: number] {
  const [least, largest] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
  const [low, high] = [quantile(numbers, TAIL), quantile(numbers, 1 - TAIL)];
  const wider = WIDENED * (high - low);
  const span: [number, number] =
    high > low
      ? [Math.max(least, low - wider), Math.min(largest, high + wider)]
      : // Most are one number: what is rare is all there is to learn.
        [least, largest];
  return outward(span, DUST);
}

/** From the least to the largest number, rounded outward: nothing lies beyond. */
export function wholeRange(numbers: Float64Array): [low: number, high: number] {
  return outward([numbers[0] ?? 0, numbers.at(-1) ?? 0], 0);
}

/** What an empty cell counts as: the middle one of the numbers, as coarse as the bounds. */
export function middleNumber(numbers: Float64Array, bounds: readonly [number, number]): number {
  const step = stepOf(bounds);
  return tidy(Math.round(quantile(numbers, 0.5) / step) * step);
}

/**
 * A feature's bounds around the numbers' mean, so wide that its column's are within: what is usual is then near 0 and
 * takes up little of the clip norm. Midway between the column's bounds, a pixel that is nearly always empty would be −1.
 *
 * @param numbers ascending; what is beyond the column's bounds counts as these
 */
export function centredBounds(
  numbers: Float64Array,
  [low, high]: readonly [number, number],
): [low: number, high: number] {
  const total = numbers.reduce((sum, x) => sum + Math.min(Math.max(x, low), high), 0);
  const step = stepOf([low, high]);
  const mean = tidy(Math.round(total / numbers.length / step) * step);
  const reach = Math.max(high - mean, mean - low);
  return [tidy(mean - reach), tidy(mean + reach)];
}

/** @param slack of a step, that an end may be beyond */
function outward([low, high]: readonly [number, number], slack: number): [number, number] {
  const step = stepOf([low, high]);
  const bottom = tidy(Math.floor(low / step + slack) * step);
  return [bottom, Math.max(tidy(Math.ceil(high / step - slack) * step), tidy(bottom + step))];
}

/** A power of ten; not so small that the ends, to twelve digits, would be one number. */
function stepOf([low, high]: readonly [number, number]): number {
  const digits = Math.floor(Math.log10(high - low)) + 1 - DIGITS;
  const finest = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high)))) - FINEST;
  return 10 ** Math.max(digits, finest, -FINEST);
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}
