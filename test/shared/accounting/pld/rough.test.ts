import { expect, it } from "vitest";
import {
  gaussianDelta,
  gaussianEpsilon,
} from "../../../../shared/accounting/mechanisms/gaussian.ts";
import { sampledGaussianRdp } from "../../../../shared/accounting/mechanisms/rdp.ts";
import { pldDelta, pldEpsilon } from "../../../../shared/accounting/pld/pld.ts";
import { roughEpsilon } from "../../../../shared/accounting/pld/rough.ts";

it("one step at rate 1 has the exact epsilon, and its slope", () => {
  const [noiseMultiplier, delta] = [0.7, 1e-6];
  const mu = 1 / noiseMultiplier;
  // A variance of next to nothing leaves the single loss alone.
  const { epsilon, slope } = roughEpsilon([{ rate: 1, noiseMultiplier, count: 1 }], 1e-9, delta);
  expect(epsilon / gaussianEpsilon(mu, delta)).toBeCloseTo(1, 2);
  const fall = Math.log(gaussianDelta(mu, epsilon) / gaussianDelta(mu, epsilon + 1e-4)) / 1e-4;
  expect(slope / fall).toBeGreaterThan(0.95);
  expect(slope / fall).toBeLessThan(1.05);
});

it.each([
  [1e-6, 0.598, 18_015, 1e-12],
  [0.0003, 0.8, 500, 1e-9],
  [0.01, 1.1, 1000, 1e-5],
  [0.3, 8, 2000, 1e-5],
  [0.0002, 1.38, 1333, 4.2e-11],
])("rate %d, noise %d, %d steps: within a factor of two of what the grid says", (...given) => {
  const [rate, noiseMultiplier, count, delta] = given;
  const steps = [{ rate, noiseMultiplier, count }];
  const variance = (2 * count * sampledGaussianRdp(rate, noiseMultiplier, 1.1)) / 1.1;
  const rough = roughEpsilon(steps, variance, delta);
  const epsilon = pldEpsilon(steps, delta);
  const slope = Math.log(delta / pldDelta(steps, 1.01 * epsilon)) / (0.01 * epsilon);
  for (const ratio of [rough.epsilon / epsilon, rough.slope / slope]) {
    expect(ratio).toBeGreaterThan(1 / 2);
    expect(ratio).toBeLessThan(2);
  }
});

it.each([
  [0.2, 1, 1e-4],
  [0.01, 2, 1e-6],
  [0.5, 4, 0.01],
])("one step of three draws at %d, noise %d: the loss of its grid, and its slope", (...given) => {
  const [rate, noiseMultiplier, delta] = given;
  const step = { rate, noiseMultiplier, count: 1, coins: 3 };
  // A variance of next to nothing leaves the single loss alone.
  const { epsilon, slope } = roughEpsilon([step], 1e-9, delta);
  expect(epsilon / pldEpsilon([step], delta)).toBeCloseTo(1, 1);
  const at = (epsilon: number) => Math.log(pldDelta([step], epsilon));
  const fall = (at(0.98 * epsilon) - at(1.02 * epsilon)) / (0.04 * epsilon);
  expect(slope / fall).toBeGreaterThan(0.9);
  expect(slope / fall).toBeLessThan(1.1);
});

it("leaves to the normal loss what no single one reaches, at 0 or beyond any grid", () => {
  const few = [{ rate: 1e-6, noiseMultiplier: 30, count: 1 }];
  const normal = (variance: number, delta: number) => ({
    epsilon: expect.closeTo(variance / 2 + Math.sqrt(-2 * variance * Math.log(delta)), 12),
    slope: expect.closeTo(Math.sqrt((-2 * Math.log(delta)) / variance), 9),
  });
  // Its delta at 0 is less than is asked for.
  expect(roughEpsilon(few, 1e-4, 0.01)).toEqual(normal(1e-4, 0.01));
  // At 700 still more than is asked for.
  const bare = [{ rate: 0.5, noiseMultiplier: 0.01, count: 1 }];
  expect(roughEpsilon(bare, 4, 1e-9)).toEqual(normal(4, 1e-9));
});
