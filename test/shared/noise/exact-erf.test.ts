import { describe, expect, it } from "vitest";
import { erfFloor } from "../../../shared/noise/exact-erf.ts";
import { tableEntry } from "../../support/noise-table.ts";

/** ⌊10^50 x⌋ of the digits behind "0." to ⌊2^128 x⌋. */
const inBits = (digits: string) => (BigInt(digits) << 128n) / 10n ** BigInt(digits.length);

// erf to 60 digits by mpmath 1.3.0.
it.each([
  [1n, 100n, "112462916018284892203275071743968383221696299159702547534494"],
  [1n, 1n, "842700792949714869341220635082609259296066997966302908459938"],
  [9n, 1n, "999977909503001414558627223870417679620152292912600750342761"],
] as const)("erf(sqrt(%d / %d)) begins with mpmath's digits", (numerator, denominator, digits) => {
  expect(erfFloor(numerator, denominator, 128n)).toBe(inBits(digits));
});

describe("against the series of positive terms", () => {
  it.each([1, 3, 4097, 34_000, 134_217_728])("at sigma %d, from 0 to 14 sigma", (sigma) => {
    for (let i = 0; i <= 28; i++) {
      const a = Math.min(14 * sigma - 1, Math.floor((i * sigma) / 2));
      const numerator = BigInt(2 * a + 1) ** 2n;
      const denominator = 8n * BigInt(sigma) ** 2n;
      for (const places of [128n, 200n]) {
        expect(erfFloor(numerator, denominator, places)).toBe(tableEntry(a, sigma, places));
      }
    }
  });
});

it("takes more bits where the first ones leave the last place open", () => {
  // At 420 places and more the first try has 256 bits beyond them, as at any other.
  expect(erfFloor(97n, 1n, 420n) >> 292n).toBe(erfFloor(97n, 1n, 128n));
});

it.each([
  [0n, 1n],
  [98n, 1n],
  [-1n, 1n],
] as const)(
  "refuses the square %d / %d, where its bound does not hold",
  (numerator, denominator) => {
    expect(() => erfFloor(numerator, denominator, 128n)).toThrow(RangeError);
  },
);
