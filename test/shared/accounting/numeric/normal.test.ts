import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  erfc,
  erfcInverse,
  erfcx,
  logNormalCdf,
  millsRatio,
  normalCdf,
  normalDensity,
} from "../../../../shared/accounting/numeric/normal.ts";
import { exactValues } from "../../../support/accounting-vectors.ts";
import { simpson } from "../../../support/statistics.ts";

/** Relative distance, so that a tail of 1e-295 counts as much as one of 0.9. */
const relativeError = (got: number, truth: number) => Math.abs(got / truth - 1);

describe("against 60-digit values, tails included, all to 2e-15 of themselves", () => {
  it.each(exactValues.erfc)("erfc(%d) is %d", (x, truth) => {
    expect(relativeError(erfc(x), truth)).toBeLessThan(2e-15);
    expect(relativeError(2 - erfc(-x), truth)).toBeLessThan(2e-16 / truth + 2e-15);
  });
  it.each(exactValues.erfcx)("erfcx(%d) is %d", (x, truth) => {
    expect(relativeError(erfcx(x), truth)).toBeLessThan(2e-15);
  });
  it.each(exactValues.logNormalCdf)("logNormalCdf(%d) is %d", (x, truth) => {
    expect(relativeError(logNormalCdf(x), truth)).toBeLessThan(2e-15);
  });
});

it("erfcx keeps its scale below 0, where it has no tail to keep", () => {
  expect(relativeError(erfcx(-2), Math.exp(4) * (1 + 0.9953222650189527))).toBeLessThan(1e-15);
  expect(erfcx(-30)).toBe(Infinity);
});

it("has nothing left in tails whose squares overflow", () => {
  for (const x of [1e5, 1e39, 1e200, Number.MAX_VALUE]) {
    expect([normalCdf(-x), normalCdf(x), normalDensity(-x), erfc(x), erfc(-x)]).toEqual([
      ...[0, 1, 0],
      ...[0, 2],
    ]);
  }
});

it("normalCdf is the integral of normalDensity", () => {
  for (const x of [-5, -1.3, -0.2, 0, 0.7, 3]) {
    const area = simpson(normalDensity, -12, x, 4000);
    expect(relativeError(normalCdf(x), area)).toBeLessThan(1e-8);
  }
});

it("millsRatio lies between Gordon's bounds x / (x² + 1) and 1 / x", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e6, noNaN: true }), (x) => {
      expect(millsRatio(x)).toBeGreaterThan((x / (x * x + 1)) * (1 - 1e-15));
      expect(millsRatio(x)).toBeLessThan((1 / x) * (1 + 1e-15));
    }),
  );
});

it("erfcInverse undoes erfc from the middle to 2^-128 and beyond", () => {
  fc.assert(
    fc.property(fc.double({ min: -900, max: 0, noNaN: true }), (logTail) => {
      const tail = 2 ** logTail;
      const x = erfcInverse(tail);
      // An error e in x is one of about 2 x e in the tail's logarithm.
      expect(relativeError(erfc(x), tail)).toBeLessThan(1e-14 * (1 + x * x));
    }),
  );
  expect(erfcInverse(1)).toBe(0);
  expect(() => erfcInverse(0)).toThrow(RangeError);
});
