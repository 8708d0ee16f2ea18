import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { robustSum } from "../../../server/attempts/robust.ts";
import { type RobustAggregation, robustWeight } from "../../../shared/training/aggregation.ts";

const MEDIAN = { kind: "median" } as const;
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** By sorting plain numbers and the textbook's words, a coordinate at a time. */
function slow(values: readonly number[], aggregation: RobustAggregation): number {
  const sorted = [...values].sort((a, b) => a - b);
  const left = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  if (aggregation.kind === "trimmedMean") {
    // Tenths are whole numbers here, so that nothing is lost.
    const out = Math.floor((Math.round(10 * aggregation.trim) * sorted.length) / 10);
    return left(sorted.slice(out, sorted.length - out));
  }
  const half = sorted.length / 2;
  if (Number.isInteger(half)) return left(sorted.slice(half - 1, half + 1));
  return sorted[Math.floor(half)] ?? Number.NaN;
}

const cohort = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }))
  .chain(([count, length]) =>
    fc.array(fc.array(fc.integer(INT32), { minLength: length, maxLength: length }), {
      minLength: count,
      maxLength: count,
    }),
  );

describe("robustSum", () => {
  it.each<RobustAggregation>([
    MEDIAN,
    { kind: "trimmedMean", trim: 0.1 },
    { kind: "trimmedMean", trim: 0.3 },
  ])("is weight times the %o of each coordinate, beyond int32 too", (aggregation) => {
    fc.assert(
      fc.property(cohort, fc.integer({ min: 1, max: 500 }), (updates, weight) => {
        const words = updates.map((update) => Int32Array.from(update));
        const { length = 0 } = updates[0] ?? [];
        const got = robustSum(words, length, aggregation, weight);
        for (const [i, sum] of got.entries()) {
          const due =
            weight *
            slow(
              updates.map((update) => update[i] ?? 0),
              aggregation,
            );
          expect(Math.abs(sum - due)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(due)));
        }
        expect(words.map((word) => [...word])).toEqual(updates);
      }),
    );
  });

  it("doesn't depend on whose update is whose", () => {
    fc.assert(
      fc.property(cohort, (updates) => {
        const words = updates.map((update) => Int32Array.from(update));
        const { length = 0 } = updates[0] ?? [];
        const turned = [...words].reverse();
        expect(robustSum(turned, length, MEDIAN, 3)).toEqual(robustSum(words, length, MEDIAN, 3));
      }),
    );
  });

  it("row 38: stays within the honest ones while fewer than half lie, and no further than the trimmed part", () => {
    const honest = [10, 11, 12, 13, 14, 15, 16].map((x) => Int32Array.of(x));
    const liars = Array.from({ length: 3 }, () => Int32Array.of(-(2 ** 31)));
    const all = [...liars, ...honest];
    expect(robustSum(all, 1, MEDIAN, 1)[0]).toBe(11.5);
    const [trimmed = 0] = robustSum(all, 1, { kind: "trimmedMean", trim: 0.3 }, 1);
    expect(trimmed).toBeCloseTo((10 + 11 + 12 + 13) / 4);
    const [broken = 0] = robustSum(all, 1, { kind: "trimmedMean", trim: 0.2 }, 1);
    expect(broken).toBeLessThan(-1e8);
  });

  it("is zeros where nobody was drawn", () => {
    expect(robustSum([], 3, MEDIAN, 10)).toEqual(new Float64Array(3));
  });
});

it("weighs by clients where all are in each round, by the expected ones where they are drawn", () => {
  const plan = { clients: 10, expectedUnits: 4 };
  expect(robustWeight({ ...plan, unit: "record" })).toBe(10);
  expect(robustWeight({ ...plan, unit: "client" })).toBe(4);
});
