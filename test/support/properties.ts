/** What the property tests of accounting draw from. */
import fc from "fast-check";

/** Log-uniform in [low, high], so that small values are tried as often as large ones. */
export function logUniform(low: number, high: number): fc.Arbitrary<number> {
  return fc
    .double({ min: Math.log(low), max: Math.log(high), noNaN: true })
    .map((log) => Math.min(high, Math.max(low, Math.exp(log))));
}
