import { describe, expect, it } from "vitest";
import {
  bayesAccuracy,
  labelProbability,
  PURCHASES_BAYES_ACCURACY,
  PURCHASES_BAYES_ERROR,
} from "../../../client/generators/purchases-bayes.ts";
import { seededRoot, stream } from "../../../shared/random.ts";

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

describe("labelProbability", () => {
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
