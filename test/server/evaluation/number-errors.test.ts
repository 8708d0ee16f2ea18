import { describe, expect, it } from "vitest";
import { errorFigures, reportNumbers } from "../../../server/evaluation/number-errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";

const BOUNDS = [10, 30] as const;
/** In [-1, 1], of numbers in the units of BOUNDS. */
const scaled = (numbers: readonly number[]) => Float32Array.from(numbers, (y) => (y - 20) / 10);

describe("errors of numbers", () => {
  it("are in the target's own units, by hand", () => {
    // Errors 2, -1, 0, 3; the mean of the truths is 18, their squares about it 36 + 4 + 0 + 64 = 104.
    const { rmse, mae, r2 } = errorFigures(
      scaled([10, 17, 18, 23]),
      scaled([12, 16, 18, 26]),
      BOUNDS,
    );
    expect(rmse).toBeCloseTo(Math.sqrt(14 / 4), 5);
    expect(mae).toBeCloseTo(6 / 4, 5);
    expect(r2).toBeCloseTo(1 - 14 / 104, 5);
  });

  it("take what is given beyond the bounds for the nearer end", () => {
    const { rmse } = errorFigures(Float32Array.of(7, -3), scaled([30, 13]), BOUNDS);
    expect(rmse).toBeCloseTo(3 / Math.SQRT2, 5);
  });

  it("have no R² where all rows are of one number", () => {
    const found = reportNumbers(scaled([12, 13]), scaled([15, 15]), BOUNDS);
    expect(found.r2).toBeNull();
    expect(found.r2Interval).toBeNull();
  });

  it("stand beside those of always giving the mean", () => {
    const { baseline, rows } = reportNumbers(scaled([15, 15, 15]), scaled([10, 13, 28]), BOUNDS);
    expect(rows).toBe(3);
    expect(baseline.mean).toBeCloseTo(17, 5);
    expect(baseline.rmse).toBeCloseTo(Math.sqrt((49 + 16 + 121) / 3), 5);
    expect(baseline.mae).toBeCloseTo((7 + 4 + 11) / 3, 5);
  });

  it("count each row once, by what it is and by what it was given, ends included", () => {
    const { predicted, residuals } = reportNumbers(
      scaled([10, 30, 30.5, 20.1]),
      scaled([10, 30, 10, 29.9]),
      BOUNDS,
    );
    const cells = predicted.flatMap((row, i) =>
      row.flatMap((rows, j) => (rows > 0 ? [[i, j, rows]] : [])),
    );
    expect(cells).toEqual([
      [0, 0, 1],
      [0, 19, 1],
      [19, 10, 1],
      [19, 19, 1],
    ]);
    expect(residuals.counts.reduce((a, b) => a + b)).toBe(4);
    // 9.8 and -20 of an RMSE of 11.1: below and above the middle.
    expect(residuals.counts.slice(0, 12).reduce((a, b) => a + b)).toBe(1);
  });

  it("lie in their 95 % intervals as often as these say", () => {
    // y = x + e, given x: MSE 4, spread 4 + 9, R² = 9 / 13; of 400 tables of 300 rows.
    const random = stream(seededRoot(5), "simulate", "intervals");
    let [inRmse, inR2] = [0, 0];
    for (let table = 0; table < 400; table++) {
      const given = Array.from({ length: 300 }, () => 20 + 3 * random.normal());
      const truths = given.map((x) => x + 2 * random.normal());
      const found = reportNumbers(
        Float32Array.from(given, (x) => x / 1000),
        Float32Array.from(truths, (y) => y / 1000),
        [-1000, 1000],
      );
      const within = ([low, high]: readonly [number, number], x: number) =>
        Number(low <= x && x <= high);
      inRmse += within(found.rmseInterval, 2);
      inR2 += within(found.r2Interval ?? [Number.NaN, Number.NaN], 9 / 13);
    }
    // Five standard deviations of 400 draws at 0.95 are 0.054.
    for (const share of [inRmse / 400, inR2 / 400]) {
      expect(share).toBeGreaterThan(0.89);
      expect(share).toBeLessThan(0.995);
    }
  });
});
