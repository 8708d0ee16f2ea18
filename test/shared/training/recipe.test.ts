import { expect, it } from "vitest";
import { learningRates } from "../../../shared/training/learning-rates.ts";
import { recipeFor } from "../../../shared/training/recipe.ts";

/** Units: so many that their number limits nothing. */
const MANY = 750;

/** The sum of a recipe's steps, were all clipped gradients to agree: rates × clip norm, carried on by momentum. */
function travelOf({ rounds, learningRate, momentum, clipNorm }: ReturnType<typeof recipeFor>) {
  const rates = learningRates(learningRate, rounds);
  return (rates.reduce((sum, rate) => sum + rate, 0) * clipNorm) / (1 - momentum);
}

it.each([
  // Least and greatest travel, and in between the reach times the noise that is allowed.
  [0.01, 4],
  [1, 8],
  [10, 80],
  [100, 800],
  [370, 2960],
  [1e4, 3000],
  [Number.POSITIVE_INFINITY, 3000],
])("a reach of %f goes %f far with classes, to two digits of the rate", (reach, travel) => {
  const gone = travelOf(recipeFor(reach, false, MANY)) / travel;
  expect(gone).toBeGreaterThan(0.94);
  expect(gone).toBeLessThan(1.06);
});

it.each([
  [0.5, 2],
  [20, 20],
  [5000, 300],
])("a reach of %f goes %f far with numbers", (reach, travel) => {
  const gone = travelOf(recipeFor(reach, true, MANY)) / travel;
  expect(gone).toBeGreaterThan(0.94);
  expect(gone).toBeLessThan(1.06);
});

it.each([
  [Number.POSITIVE_INFINITY, 120, 480],
  [Number.POSITIVE_INFINITY, 749, 2996],
  [10, 120, 80],
  [100, 120, 480],
])("a reach of %f goes with %i units no farther than four each: %f", (reach, units, travel) => {
  const gone = travelOf(recipeFor(reach, false, units)) / travel;
  expect(gone).toBeGreaterThan(0.94);
  expect(gone).toBeLessThan(1.06);
});

it("takes 50 to 200 rounds, more of them the farther it goes, and clips less where noise is small", () => {
  const reaches = [0.1, 1, 10, 50, 100, 300, 1000, Number.POSITIVE_INFINITY];
  const recipes = reaches.map((reach) => recipeFor(reach, false, MANY));
  expect(recipes.map(({ rounds }) => rounds)).toEqual([50, 50, 50, 73, 146, 200, 200, 200]);
  expect(recipes.map(({ clipNorm }) => clipNorm)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.87, 1, 1]);
  for (const { momentum, learningRate } of recipes) {
    expect(momentum).toBe(0.9);
    expect(learningRate.end / learningRate.start).toBeCloseTo(0.1, 2);
  }
});
