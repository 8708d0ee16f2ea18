/** Bisection for thresholds of privacy, which returns the side that keeps the promise. */

/**
 * The smallest x in (low, high] that `satisfies`, to within a relative `precision`, never one that
 * does not. `satisfies` must fail at low, hold at high and change once; positive ends are halved in
 * log x, so that the relative precision is the same all over the range.
 *
 * @param precision relative width at which to stop; 0 goes on to neighbouring doubles
 */
export function smallestSatisfying(
  low: number,
  high: number,
  precision: number,
  satisfies: (x: number) => boolean,
): number {
  for (;;) {
    const middle = low > 0 ? Math.sqrt(low) * Math.sqrt(high) : high / 2;
    // Also where rounding leaves nothing between the ends.
    if (!(middle > low && middle < high) || high - low <= precision * high) return high;
    if (satisfies(middle)) high = middle;
    else low = middle;
  }
}
