import { describe, expect, it } from "vitest";
import { expFixed } from "../../../shared/noise/exact-exp.ts";
import { exponential, ONE } from "../../support/noise-table.ts";

/** ⌊10^60 x⌋ of the digits behind "0." to ⌊2^128 x⌋. */
const inBits = (digits: string) => (BigInt(digits) << 128n) / 10n ** BigInt(digits.length);
const within = (got: bigint, due: bigint, units: bigint) =>
  expect(got - due <= units && due - got <= units).toBe(true);

it.each([
  [1n, 1n, "367879441171442321595523770161460867445811131031767834507836"],
  [1n, 10n, "904837418035959573164249059446436621194705360980400952056257"],
  [37n, 2n, "000000009237449661970594897883170384597758064645835854156804"],
] as const)(
  "e^-(%d / %d) begins with the digits of Python's decimal module",
  (numerator, denominator, digits) => {
    within(expFixed(numerator, denominator, 128n), inBits(digits), 2n);
  },
);

describe("against one over the series of positive terms", () => {
  it.each([64n, 128n, 256n, 400n])("with %d bits", (bits) => {
    for (let i = 0n; i < 60n; i++) {
      const [numerator, denominator] = [7n * i * i + i, 200n + i];
      const due = (ONE * ONE) / exponential(numerator, denominator);
      const got = expFixed(numerator, denominator, bits);
      const down = due >> (512n - bits);
      expect(got <= down && got >= down - 2n).toBe(true);
    }
  });
});

it("is exactly 1 at 0, and nothing far out", () => {
  expect(expFixed(0n, 3n, 128n)).toBe(1n << 128n);
  expect(expFixed(1n << 20n, 1n, 128n)).toBe(0n);
});

it.each([
  [-1n, 1n],
  [1n, 0n],
  [1n, -1n],
  [(1n << 20n) + 1n, 1n],
] as const)("refuses %d / %d, where its bound does not hold", (numerator, denominator) => {
  expect(() => expFixed(numerator, denominator, 128n)).toThrow(RangeError);
});
