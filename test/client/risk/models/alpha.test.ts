import fc from "fast-check";
import { expect, it } from "vitest";
import { largestShare } from "../../../../client/risk/models/alpha.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

it("is the largest share that one value has of one class", () => {
  // 2/3 of a small class beats 3/5 of a larger one.
  expect(largestShare(countsOf([1, 1, 1, 2, 3], [2, 2, 1]))).toEqual({ top: 2, bottom: 3 });
});

it("is 1 where a class has one value, and 0 without rows", () => {
  expect(largestShare(countsOf([1, 2, 3], [4, 4]))).toEqual({ top: 2, bottom: 2 });
  expect(largestShare(countsOf()).top).toBe(0);
});

it("agrees with counting", () => {
  fc.assert(
    fc.property(anyClasses, (classes) => {
      const shares = classes.map((values) => Math.max(...tally(values, 6)) / values.length);
      const { top, bottom } = largestShare(countsOf(...classes));
      expect(top / bottom).toBe(Math.max(...shares));
    }),
  );
});
