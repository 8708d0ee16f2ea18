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
  return threshold(low, high, precision, satisfies).above;
}

/** The largest x in [low, high) that `satisfies`, likewise; it must hold at low and fail at high. */
export function largestSatisfying(
  low: number,
  high: number,
  precision: number,
  satisfies: (x: number) => boolean,
): number {
  return threshold(low, high, precision, (x) => !satisfies(x)).below;
}

/** The largest whole x in [low, high) that `satisfies`, which holds at low and fails at high. */
export function largestWhole(low: number, high: number, satisfies: (x: number) => boolean): number {
  let [below, above] = [low, high];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (satisfies(middle)) below = middle;
    else above = middle;
  }
  return below;
}

/** The last two points around the change from false to true. */
function threshold(
  low: number,
  high: number,
  precision: number,
  isAbove: (x: number) => boolean,
): { below: number; above: number } {
  let [below, above] = [low, high];
  for (;;) {
    const middle = below > 0 ? Math.sqrt(below) * Math.sqrt(above) : above / 2;
    // Also where rounding leaves nothing between the ends.
    if (!(middle > below && middle < above) || above - below <= precision * above) {
      return { below, above };
    }
    if (isAbove(middle)) above = middle;
    else below = middle;
  }
}
