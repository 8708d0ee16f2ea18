import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaUnderCurve, meanAreaUnderCurve } from "../../../server/evaluation/auc.ts";

/** Every pair of a positive and a negative row, one by one. */
function byPairs(scores: readonly number[], positive: readonly number[]): number | null {
  let [pairs, won] = [0, 0];
  for (const [i, a] of scores.entries())
    for (const [j, b] of scores.entries()) {
      if (positive[i] !== 1 || positive[j] === 1) continue;
      pairs++;
      won += a > b ? 1 : a === b ? 0.5 : 0;
    }
  return pairs === 0 ? null : won / pairs;
}

describe("areaUnderCurve", () => {
  it("is the share of pairs in the right order, ties counting half", () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const [scores, positive] = [rows.map(([s]) => s / 4), rows.map(([, p]) => p)];
        const area = areaUnderCurve(Float64Array.from(scores), Uint8Array.from(positive));
        const expected = byPairs(scores, positive);
        if (area === null || expected === null) expect(area).toBe(expected);
        else expect(area).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("knows a perfect order, its reverse, and one that says nothing", () => {
    const area = (scores: number[]) =>
      areaUnderCurve(Float64Array.from(scores), Uint8Array.of(0, 0, 1, 1));
    expect(area([1, 2, 3, 4])).toBe(1);
    expect(area([4, 3, 2, 1])).toBe(0);
    expect(area([5, 5, 5, 5])).toBe(0.5);
    expect(area([1, Number.NaN, 3, 4])).toBeNull();
  });
});

describe("meanAreaUnderCurve", () => {
  it("averages each class against the rest, of the classes that occur", () => {
    // Three classes, of which the last has no row.
    const chances = Float64Array.of(0.7, 0.2, 0.1, 0.5, 0.3, 0.2, 0.6, 0.4, 0, 0.1, 0.8, 0.1);
    const labels = [0, 1, 1, 1];
    const first = byPairs([0.7, 0.5, 0.6, 0.1], [1, 0, 0, 0]) ?? NaN;
    const second = byPairs([0.2, 0.3, 0.4, 0.8], [0, 1, 1, 1]) ?? NaN;
    expect(meanAreaUnderCurve(chances, labels, 3)).toBeCloseTo((first + second) / 2, 12);
    expect(meanAreaUnderCurve(chances.slice(0, 3), [0], 3)).toBeNull();
  });
});
