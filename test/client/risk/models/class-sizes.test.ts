import { expect, it } from "vitest";
import {
  afterSuppression,
  averageClassSize,
  discernibility,
  discernibilityAt,
  normalizedAverage,
} from "../../../../client/risk/models/class-sizes.ts";

const sizes = Int32Array.of(4, 1, 7, 3, 3);

it("averages over classes, in rows and in units of k", () => {
  expect(averageClassSize(sizes)).toBe(18 / 5);
  expect(normalizedAverage(sizes, 4)).toBe(18 / 20);
});

it("charges each row the size of its class", () => {
  expect(discernibility(sizes)).toBe(16 + 1 + 49 + 9 + 9);
});

it("charges each row of a class below k all rows", () => {
  expect(discernibilityAt(sizes, 1)).toBe(84);
  expect(discernibilityAt(sizes, 3)).toBe(16 + 49 + 9 + 9 + 18);
  expect(discernibilityAt(sizes, 4)).toBe(16 + 49 + 18 * 7);
  expect(discernibilityAt(sizes, 8)).toBe(18 * 18);
});

it("adds up beyond 2^32", () => {
  expect(discernibility(Int32Array.of(100_000, 100_000))).toBe(2e10);
  expect(discernibilityAt(Int32Array.of(100_000, 1), 2)).toBe(1e10 + 100_001);
});

it("tells what suppression leaves", () => {
  expect(afterSuppression(sizes, 3)).toEqual({
    rows: 17,
    classes: 4,
    k: 3,
    averageClassSize: 17 / 4,
  });
  expect(afterSuppression(sizes, 5)).toEqual({ rows: 7, classes: 1, k: 7, averageClassSize: 7 });
  const nothing = { rows: 0, classes: 0, k: 0, averageClassSize: 0 };
  expect(afterSuppression(sizes, 8)).toEqual(nothing);
  expect(afterSuppression(new Int32Array(), 1)).toEqual(nothing);
});

it("is 0 without rows", () => {
  const none = new Int32Array();
  expect([averageClassSize(none), normalizedAverage(none, 5)]).toEqual([0, 0]);
  expect([discernibility(none), discernibilityAt(none, 5)]).toEqual([0, 0]);
});
