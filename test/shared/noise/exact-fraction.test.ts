import fc from "fast-check";
import { expect, it } from "vitest";
import { exactFraction } from "../../../shared/noise/exact-fraction.ts";

it.each([
  [0, 0n, 1n],
  [3, 3n, 1n],
  [-2.5, -5n, 2n],
  [0.1, 3602879701896397n, 2n ** 55n],
  [Number.MIN_VALUE, 1n, 2n ** 1074n],
  [2 ** 200, 2n ** 200n, 1n],
])("%d is %d / %d", (x, numerator, denominator) => {
  expect(exactFraction(x)).toEqual({ numerator, denominator });
});

/** x · 2^1074, a whole number, from the bits of x (IEEE 754, binary64). */
function inSmallestUnits(x: number): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(x);
  const bits = bytes.readBigUInt64BE();
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0n ? fraction : (fraction + (1n << 52n)) << (exponent - 1n);
  return x < 0 ? -size : size;
}

it("is the number itself, whatever float64 it is", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const { numerator, denominator } = exactFraction(x);
      expect(denominator > 0n).toBe(true);
      expect(numerator << 1074n).toBe(inSmallestUnits(x) * denominator);
    }),
  );
});

it.each([Number.NaN, Infinity, -Infinity])("refuses %d", (x) => {
  expect(() => exactFraction(x)).toThrow(RangeError);
});
