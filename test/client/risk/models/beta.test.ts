import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betaLikeness, satisfiesEnhancedBeta } from "../../../../client/risk/models/beta.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

/** (Q - P) / P of each value in each class, with its P. */
function growths(classes: readonly (readonly number[])[]): { growth: number; share: number }[] {
  const rows = classes.flat().length;
  const totals = tally(classes.flat(), 6);
  return classes.flatMap((values) =>
    tally(values, 6).flatMap((count, value) => {
      const share = (totals[value] ?? 0) / rows;
      return share > 0 ? [{ growth: (count / values.length - share) / share, share }] : [];
    }),
  );
}

it("is the largest growth of a share, by itself", () => {
  // P(1) = 3/8, P(2) = 5/8. First class: Q(1) = 2/3, by 7/9; second: Q(2) = 4/5, by 7/25.
  const { basic } = betaLikeness(countsOf([1, 1, 2], [1, 2, 2, 2, 2]));
  expect(basic.top / basic.bottom).toBeCloseTo(7 / 9, 15);
});

it("does not count a share that shrinks", () => {
  // Value 1 vanishes from the second class: (0 - P) / P = -1 is no growth.
  const { basic } = betaLikeness(countsOf([1, 2, 2, 2], [2, 2, 2, 2]));
  expect(basic.top / basic.bottom).toBeCloseTo(1, 15);
});

it("is 0 where every class is as the table", () => {
  const { basic, belowLog } = betaLikeness(countsOf([1, 2], [2, 1], [1, 1, 2, 2]));
  expect(basic.top).toBe(0);
  expect(belowLog).toBe(true);
});

it("agrees with the definition", () => {
  fc.assert(
    fc.property(anyClasses, (classes) => {
      const { basic } = betaLikeness(countsOf(...classes));
      const wanted = Math.max(0, ...growths(classes).map(({ growth }) => growth));
      expect(basic.top / basic.bottom).toBeCloseTo(wanted, 12);
    }),
  );
});

describe("enhanced", () => {
  it("also keeps each growth below -ln P of its value", () => {
    // P(1) = 1/10: growth 1 of -ln P = 2.3. P(2) = 9/10 grows by 1/9 in the other class, over 0.105.
    const rare = [1, 2, 2, 2, 2];
    const counts = betaLikeness(countsOf(rare, [2, 2, 2, 2, 2]));
    expect(counts.basic.top / counts.basic.bottom).toBeCloseTo(1, 15);
    expect(counts.belowLog).toBe(false);
    expect(satisfiesEnhancedBeta(counts, 5)).toBe(false);
  });

  it("keeps each growth to beta, which may be reached", () => {
    // Three values, 1/2, 1/4 and 1/4 of all; 5/8 and 3/8 of a class.
    const likeness = betaLikeness(countsOf([1, 1, 1, 1, 1, 2, 2, 2], [1, 1, 1, 2, 3, 3, 3, 3]));
    expect(likeness.belowLog).toBe(true);
    expect(likeness.basic.top / likeness.basic.bottom).toBe(1);
    expect([0.99, 1, 1.01].map((beta) => satisfiesEnhancedBeta(likeness, beta))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("agrees with the definition", () => {
    fc.assert(
      fc.property(anyClasses, fc.constantFrom(0.37, 1, 2, 3, 5), (classes, beta) => {
        const wanted = growths(classes).every(
          ({ growth, share }) =>
            growth <= 1e-12 || growth <= Math.min(beta, -Math.log(share)) + 1e-12,
        );
        expect(satisfiesEnhancedBeta(betaLikeness(countsOf(...classes)), beta)).toBe(wanted);
      }),
    );
  });
});
