/** What the property tests of accounting draw from. */
import fc from "fast-check";

const PARTS = 2 ** 30;

/**
 * Log-uniform in [low, high], its ends somewhat more often. (fast-check's doubles are uniform over
 * their bit patterns instead, of which most are tiny: their powers are nearly all about 1.)
 */
export function logUniform(low: number, high: number): fc.Arbitrary<number> {
  const [from, to] = [Math.log(low), Math.log(high)];
  return fc
    .integer({ min: 0, max: PARTS })
    .map((part) => Math.exp(from + (part / PARTS) * (to - from)))
    .map((x) => Math.min(high, Math.max(low, x)));
}
