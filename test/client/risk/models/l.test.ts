import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  leastDistinct,
  leastEntropy,
  recursiveBound,
  satisfiesRecursive,
} from "../../../../client/risk/models/l.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

describe("distinct l", () => {
  it("is the least number of values in a class", () => {
    expect(leastDistinct(countsOf([5, 6, 7], [5, 6, 6]))).toBe(2);
    expect(leastDistinct(countsOf([5, 6], [9, 9, 9]))).toBe(1);
  });

  it("is 0 without rows", () => {
    expect(leastDistinct(countsOf())).toBe(0);
    expect(leastEntropy(countsOf())).toBe(0);
  });
});

describe("entropy l", () => {
  it("is that of the class which is worst", () => {
    // 2, 1, 1 of 4: ½ ln 2 + 2 × ¼ ln 4 = 1.5 ln 2; the other class has ln 3.
    expect(leastEntropy(countsOf([1, 1, 2, 3], [4, 5, 6]))).toBeCloseTo(1.5 * Math.LN2, 15);
  });

  it("is that of one distribution, whatever its values are called", () => {
    const entropy = (values: readonly number[]) => leastEntropy(countsOf(values));
    expect(entropy([1, 1, 1, 2, 2, 3])).toBe(entropy([3, 3, 3, 1, 1, 2]));
    expect(entropy([8, 8, 8])).toBe(0);
  });

  it("agrees with -Σ q ln q", () => {
    fc.assert(
      fc.property(anyClasses, (classes) => {
        const entropies = classes.map((values) =>
          tally(values, 6)
            .filter((count) => count > 0)
            .reduce((sum, n) => sum - (n / values.length) * Math.log(n / values.length), 0),
        );
        expect(leastEntropy(countsOf(...classes))).toBeCloseTo(Math.min(...entropies), 12);
      }),
    );
  });
});

describe("recursive (c,l)", () => {
  it("is the most frequent value against the l-th and rarer ones", () => {
    // Counts 5, 3, 2, 1: 5/6, 5/3 and 5/1 at l = 2, 3, 4.
    const counts = countsOf([1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4]);
    expect(recursiveBound(counts, 1)).toEqual({ top: 5, bottom: 11 });
    expect(recursiveBound(counts, 2)).toEqual({ top: 5, bottom: 6 });
    expect(recursiveBound(counts, 3)).toEqual({ top: 5, bottom: 3 });
    expect(recursiveBound(counts, 4)).toEqual({ top: 5, bottom: 1 });
    expect(recursiveBound(counts, 5)).toBeNull();
  });

  it("needs c above the bound, strictly", () => {
    const bound = recursiveBound(countsOf([1, 1, 1, 2]), 2);
    expect(bound).toEqual({ top: 3, bottom: 1 });
    expect([2.9, 3, 3.1].map((c) => satisfiesRecursive(bound, c))).toEqual([false, false, true]);
    expect(satisfiesRecursive(null, 1e9)).toBe(false);
  });

  it("is decided by the worst class, and by one with too few values", () => {
    expect(recursiveBound(countsOf([1, 2], [1, 1, 2], [1, 2, 3, 3]), 2)).toEqual({
      top: 2,
      bottom: 1,
    });
    expect(recursiveBound(countsOf([1, 2, 3], [1, 1, 2]), 3)).toBeNull();
  });

  it("agrees with the definition", () => {
    fc.assert(
      fc.property(anyClasses, fc.integer({ min: 1, max: 4 }), (classes, l) => {
        const bounds = classes.map((values) => {
          const ranked = tally(values, 6).sort((a, b) => b - a);
          const rest = ranked.slice(l - 1).reduce((a, b) => a + b, 0);
          return rest === 0 ? Infinity : (ranked[0] ?? NaN) / rest;
        });
        const bound = recursiveBound(countsOf(...classes), l);
        expect(bound ? bound.top / bound.bottom : Infinity).toBe(Math.max(...bounds));
      }),
    );
  });
});
