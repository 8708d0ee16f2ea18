/** Fractions of counts, compared exactly and divided once at the end. */

/** top / bottom: whole numbers below 2^53, top ≥ 0, bottom > 0. */
export interface Ratio {
  readonly top: number;
  readonly bottom: number;
}

export const ZERO_RATIO: Ratio = { top: 0, bottom: 1 };

/** Twice the relative error that two rounded products may have between them. */
const PRODUCT_ERROR = 2 ** -51;

/** a > b, by cross-multiplication; in big integers only where rounded products are too close. */
export function isLarger(a: Ratio, b: Ratio): boolean {
  const left = a.top * b.bottom;
  const right = b.top * a.bottom;
  const exact = left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER;
  if (exact || Math.abs(left - right) > PRODUCT_ERROR * Math.max(left, right)) return left > right;
  return BigInt(a.top) * BigInt(b.bottom) > BigInt(b.top) * BigInt(a.bottom);
}

/** The largest of `count` ratios; 0 where there is none. */
export function largestRatio(count: number, ratioOf: (index: number) => Ratio): Ratio {
  let largest = ZERO_RATIO;
  for (let index = 0; index < count; index++) {
    const ratio = ratioOf(index);
    if (isLarger(ratio, largest)) largest = ratio;
  }
  return largest;
}

/**
 * As a double, rounded once. Against a decimal parameter compare this and not the exact fraction: 1/5
 * and a written 0.2 round to the same double, whatever side of 1/5 that lies on.
 */
export function quotient({ top, bottom }: Ratio): number {
  return top / bottom;
}
