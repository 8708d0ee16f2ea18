import { describe, expect, it } from "vitest";
import { allowed } from "./accounting-vectors.ts";
import { discreteGaussian, noisyMaxOdds, permuteAndFlipOdds } from "./distributions.ts";
import { goldenMechanisms, ofKind } from "./mechanism-vectors.ts";

const { mechanisms } = goldenMechanisms;

function expectWithin(got: number, due: number, tolerance: { rel: number; abs: number }): void {
  const [low, high] = allowed(due, tolerance);
  expect(got).toBeGreaterThanOrEqual(low);
  expect(got).toBeLessThanOrEqual(high);
}

describe("golden discrete_gaussian_pmf", () => {
  it.each(ofKind(mechanisms, "discrete_gaussian_pmf"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const { mass, atLeast, normaliser, variance } = discreteGaussian(inputs.sigma_squared);
      expect(inputs.x).toHaveLength(expected.pmf.length);
      inputs.x.forEach((x, i) => {
        expectWithin(mass(x), expected.pmf[i] ?? Number.NaN, tolerance);
      });
      expectWithin(normaliser, expected.normaliser, tolerance);
      expectWithin(variance, expected.variance, tolerance);
      const { x, value } = expected.tail_probability_ge;
      expectWithin(atLeast(x), value, tolerance);
    },
  );
});

describe("golden report_noisy_max_exponential_noise", () => {
  it.each(ofKind(mechanisms, "report_noisy_max_exponential_noise"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const scale = (2 * inputs.sensitivity) / inputs.epsilon;
      expectWithin(scale, expected.noise_scale, tolerance);
      const odds = permuteAndFlipOdds(inputs.utilities, scale);
      odds.forEach((chance, i) => {
        expectWithin(chance, expected.probabilities[i] ?? Number.NaN, tolerance);
      });
    },
  );
});

describe("golden report_noisy_max_laplace", () => {
  it.each(ofKind(mechanisms, "report_noisy_max_laplace"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const scale = (2 * inputs.sensitivity) / inputs.epsilon;
      expectWithin(scale, expected.noise_scale, tolerance);
      const odds = noisyMaxOdds(
        inputs.utilities,
        (x) => Math.exp(-Math.abs(x) / scale) / (2 * scale),
        (x) => (x < 0 ? Math.exp(x / scale) / 2 : 1 - Math.exp(-x / scale) / 2),
        [-40 * scale, 40 * scale],
      );
      odds.forEach((chance, i) => {
        expectWithin(chance, expected.probabilities[i] ?? Number.NaN, tolerance);
      });
    },
  );
});
