/** Student's t against scipy and mpmath (test/vectors/statistics.json), and closed forms. */
import { expect, it } from "vitest";
import { twoSidedQuantile, twoSidedTail } from "../../compare/student-t.ts";
import { STATISTICS } from "../support/statistics-vectors.ts";

const DIGITS = 1e-10;

it("gives tails to ten digits, far out too", () => {
  expect(STATISTICS.tails.length).toBeGreaterThan(100);
  for (const { t, freedom, tail } of STATISTICS.tails) {
    const off = Math.abs(twoSidedTail(t, freedom) / tail - 1);
    expect(off, `t ${t} at ${freedom} degrees of freedom`).toBeLessThan(DIGITS);
    expect(twoSidedTail(-t, freedom)).toBe(twoSidedTail(t, freedom));
  }
});

it("gives quantiles to ten digits", () => {
  for (const { t, freedom, tail } of STATISTICS.quantiles) {
    const off = Math.abs(twoSidedQuantile(tail, freedom) / t - 1);
    expect(off, `tail ${tail} at ${freedom} degrees of freedom`).toBeLessThan(DIGITS);
  }
});

it("is Cauchy's distribution at one degree of freedom, and has a root's form at two", () => {
  for (const t of [0.01, 0.3, 1, 4, 1e3]) {
    expect(twoSidedTail(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 13);
    expect(twoSidedTail(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 13);
  }
});

it("knows the ends", () => {
  expect(twoSidedTail(0, 7)).toBe(1);
  expect(twoSidedTail(1e200, 7)).toBe(0);
});

it.each([0, -1, 1.5, Number.NaN])("refuses %f degrees of freedom", (freedom) => {
  expect(() => twoSidedTail(1, freedom)).toThrow(RangeError);
});

it.each([0, 1, Number.NaN])("refuses a quantile of tail %f", (tail) => {
  expect(() => twoSidedQuantile(tail, 3)).toThrow(RangeError);
});
