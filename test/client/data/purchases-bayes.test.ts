import { describe, expect, it } from "vitest";
import {
  bayesAccuracy,
  labelProbability,
  PURCHASES_BAYES_ACCURACY,
  PURCHASES_BAYES_ERROR,
} from "../../../client/data/purchases-bayes.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";

describe("bayesAccuracy", () => {
  const result = bayesAccuracy(6_000, stream(seededRoot(9), "simulate", "test"));

  it("finds the stated constant again, within both errors", () => {
    const error = Math.hypot(result.standardError, PURCHASES_BAYES_ERROR);
    expect(Math.abs(result.accuracy - PURCHASES_BAYES_ACCURACY)).toBeLessThan(5 * error);
    // The published figure, of another program.
    expect(Math.abs(PURCHASES_BAYES_ACCURACY - 0.895)).toBeLessThan(5 * PURCHASES_BAYES_ERROR);
  });

  it("is as often right as it says it will be", () => {
    expect(Math.abs(result.accuracy - result.expected)).toBeLessThan(5 * result.standardError);
  });
});

/** Both unknowns, the rate and the day of the lapse, summed over a grid: nothing done by hand. */
function byDoubleSum(purchases: number, last: number, logMean: number): number {
  let [bought, all] = [0, 0];
  for (let z = -5; z <= 5; z += 0.01) {
    const rate = Math.min(Math.exp(logMean + Math.sqrt(4 - 0.35 ** 2) * z), 60) / 30;
    const density = Math.exp((-z * z) / 2) * rate ** purchases;
    const stays = 0.65 * density * Math.exp(-rate * 360);
    bought += stays * (1 - Math.exp(-rate * 30));
    all += stays;
    for (let day = 0.25; day < 360; day += 0.5) {
      if (day > last) all += 0.35 * density * Math.exp(-rate * day) * (0.5 / 360);
    }
  }
  return bought / all;
}

describe("labelProbability", () => {
  it.each([
    [0, 0, Math.log(3)],
    [1, 50, Math.log(3)],
    [3, 200, Math.log(2)],
    [12, 350, Math.log(5)],
    [60, 330, Math.log(4)],
  ])(
    "agrees with a double sum for %d purchases, the last on day %d",
    (purchases, last, logRate) => {
      const direct = byDoubleSum(purchases, last, logRate);
      expect(Math.abs(labelProbability(purchases, last, logRate) - direct)).toBeLessThan(0.002);
    },
  );

  it("believes in the next purchase the more, the more and the later the last ones were", () => {
    const logRate = Math.log(3);
    expect(labelProbability(40, 355, logRate)).toBeGreaterThan(0.9);
    expect(labelProbability(40, 100, logRate)).toBeLessThan(0.01);
    expect(labelProbability(1, 5, logRate)).toBeLessThan(labelProbability(1, 350, logRate));
    expect(labelProbability(0, 0, logRate)).toBeLessThan(0.1);
  });

  it("stays a probability for histories as long as there are", () => {
    for (const [purchases, last] of [
      [800, 359.9],
      [800, 10],
      [1, 0.001],
    ] as const) {
      const probability = labelProbability(purchases, last, 1);
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
    }
  });
});
