import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  gaussianDelta,
  gaussianEpsilon,
} from "../../../../shared/accounting/mechanisms/gaussian.ts";
import {
  deltaFromRho,
  epsilonFromRho,
  gaussianRho,
  pureRho,
  rhoFromEpsilon,
} from "../../../../shared/accounting/mechanisms/zcdp.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

describe("golden rho_to_epsilon", () => {
  it.each(ofKind(goldenMechanisms.zcdp, "rho_to_epsilon"))(
    "$id: $inputs",
    ({ inputs: { rho, delta }, expected, tolerance }) => {
      const { epsilon, order } = epsilonFromRho(rho, delta);
      const [low, high] = allowed(expected.epsilon, tolerance);
      expect(epsilon).toBeGreaterThanOrEqual(low);
      expect(epsilon).toBeLessThanOrEqual(high);
      expect(order / expected.optimal_alpha).toBeCloseTo(1, 3);
      // Bun & Steinke's simple conversion, from above.
      expect(epsilon).toBeLessThan(rho + 2 * Math.sqrt(rho * Math.log(1 / delta)));
    },
  );
});

describe("golden epsilon_to_rho", () => {
  it.each(ofKind(goldenMechanisms.zcdp, "epsilon_to_rho"))(
    "$id: $inputs",
    ({ inputs: { epsilon, delta }, expected, tolerance }) => {
      const rho = rhoFromEpsilon(epsilon, delta);
      const [low, high] = allowed(expected.rho, tolerance);
      expect(rho).toBeGreaterThanOrEqual(low);
      expect(rho).toBeLessThanOrEqual(high);
      expect(epsilonFromRho(rho, delta).epsilon).toBeLessThanOrEqual(epsilon);
    },
  );
});

describe("golden discrete_gaussian", () => {
  it.each(ofKind(goldenMechanisms.zcdp, "discrete_gaussian"))(
    "$id: $inputs",
    ({ inputs: { l2_sensitivity, sigma, steps, delta }, expected, tolerance }) => {
      const rho = gaussianRho(sigma / l2_sensitivity);
      expect(rho / expected.rho_per_step).toBeCloseTo(1, 11);
      const [low, high] = allowed(expected.epsilon, tolerance);
      const { epsilon } = epsilonFromRho(steps * rho, delta);
      expect(epsilon).toBeGreaterThanOrEqual(low);
      expect(epsilon).toBeLessThanOrEqual(high);
    },
  );
});

describe("never below the truth to 25 digits, and above it by a hair", () => {
  const digits = z.string().transform(Number);
  const triples = z.array(z.tuple([z.number(), z.number(), digits])).min(1);
  const file = join(import.meta.dirname, "../../../vectors/zcdp-digits.json");
  const exact = z
    .object({ epsilonFromRho: triples, deltaFromRho: triples })
    .parse(JSON.parse(readFileSync(file, "utf8")));

  it.each(exact.epsilonFromRho)("rho %d, delta %d: epsilon %d", (rho, delta, truth) => {
    const { epsilon } = epsilonFromRho(rho, delta);
    expect(epsilon).toBeGreaterThanOrEqual(truth);
    expect(epsilon).toBeLessThan(truth * (1 + 1e-11));
  });

  it.each(exact.deltaFromRho)("rho %d, epsilon %d: delta %d", (rho, epsilon, truth) => {
    expect(deltaFromRho(rho, epsilon)).toBeGreaterThanOrEqual(truth);
    expect(deltaFromRho(rho, epsilon)).toBeLessThan(truth * (1 + 1e-10));
  });
});

const rhos = logUniform(1e-9, 1e3);
const deltas = logUniform(1e-12, 1e-2);

/** The conversion as the paper states it, at one order. */
const atOrder = (rho: number, delta: number, order: number) =>
  rho * order + Math.log(1 - 1 / order) - Math.log(delta * order) / (order - 1);

it("finds the best order: none of a fine grid proves less", () => {
  fc.assert(
    fc.property(rhos, deltas, logUniform(1e-3, 1e5), (rho, delta, t) => {
      const { epsilon } = epsilonFromRho(rho, delta);
      const there = Math.max(0, atOrder(rho, delta, 1 + t));
      expect(epsilon).toBeLessThanOrEqual(there + 1e-9 * (1 + there));
    }),
  );
});

it("is never below what the Gaussian of that rho truly costs, and within a third of it", () => {
  fc.assert(
    fc.property(logUniform(1e-3, 30), deltas, (rho, delta) => {
      const mu = Math.sqrt(2 * rho);
      const truth = gaussianEpsilon(mu, delta);
      const { epsilon } = epsilonFromRho(rho, delta);
      expect(epsilon).toBeGreaterThanOrEqual(truth);
      expect(epsilon).toBeLessThan(truth * 1.34 + 0.02);
      const back = deltaFromRho(rho, epsilon);
      expect(back).toBeGreaterThanOrEqual(gaussianDelta(mu, epsilon));
    }),
  );
});

it("delta and epsilon are each other's inverse", () => {
  fc.assert(
    fc.property(logUniform(1e-4, 1e2), deltas, (rho, delta) => {
      const { epsilon } = epsilonFromRho(rho, delta);
      fc.pre(epsilon > 0);
      expect(deltaFromRho(rho, epsilon) / delta).toBeCloseTo(1, 6);
    }),
  );
});

it("epsilon grows with rho and falls with delta, delta falls with epsilon; never NaN or below 0", () => {
  fc.assert(
    fc.property(logUniform(1e-300, 1e300), logUniform(1e-300, 0.9), (rho, delta) => {
      const { epsilon } = epsilonFromRho(rho, delta);
      expect(epsilon).toBeGreaterThanOrEqual(0);
      expect(epsilonFromRho(1.5 * rho, delta).epsilon).toBeGreaterThanOrEqual(epsilon);
      expect(epsilonFromRho(rho, delta / 2).epsilon).toBeGreaterThanOrEqual(epsilon);
      const at = deltaFromRho(rho, delta);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(1);
      expect(deltaFromRho(rho, 2 * delta)).toBeLessThanOrEqual(at);
    }),
  );
});

it("costs nothing at 0 or where delta covers it, and everything at infinity", () => {
  expect(epsilonFromRho(0, 1e-200).epsilon).toBe(0);
  // sqrt(1 - e^-rho) bounds the total variation: at 1e-10 it is delta. All orders prove e / 2 more.
  expect(epsilonFromRho(1.355e-10, 1e-5).epsilon).toBe(0);
  expect(epsilonFromRho(1.365e-10, 1e-5).epsilon).toBeGreaterThan(0);
  expect(epsilonFromRho(Infinity, 1e-5).epsilon).toBe(Infinity);
  expect(epsilonFromRho(5e-324, 1e-300).epsilon).toBeLessThan(1e-90);
  expect(deltaFromRho(0, 0)).toBe(0);
  expect(deltaFromRho(Infinity, 3)).toBe(1);
});

it("rho of noise is 1 / 2z², of a pure mechanism epsilon² / 2, both rounded up", () => {
  expect(gaussianRho(3)).toBeCloseTo(1 / 18, 15);
  expect(gaussianRho(3)).toBeGreaterThan(1 / 18);
  expect(gaussianRho(0)).toBe(Infinity);
  expect(pureRho(0.5)).toBeCloseTo(0.125, 15);
  expect(pureRho(0.5)).toBeGreaterThan(0.125);
});

it.each([-1, Number.NaN])("refuses rho, noise or epsilon %d", (bad) => {
  expect(() => epsilonFromRho(bad, 1e-5)).toThrow(RangeError);
  expect(() => deltaFromRho(bad, 1)).toThrow(RangeError);
  expect(() => deltaFromRho(1, bad)).toThrow(RangeError);
  expect(() => gaussianRho(bad)).toThrow(RangeError);
  expect(() => rhoFromEpsilon(bad, 1e-5)).toThrow(RangeError);
  expect(() => epsilonFromRho(1, 0)).toThrow(RangeError);
});

it("refuses epsilons from 1e100 on, where the search's bracket would overflow", () => {
  expect(deltaFromRho(1, 9.9e99)).toBe(0);
  expect(epsilonFromRho(1e100, 1e-5).epsilon).toBeLessThan(1.1e100);
  expect(() => deltaFromRho(1, 1e100)).toThrow(RangeError);
});

it("finds a rho at epsilon 0, of which nothing but delta is left, and none at Infinity", () => {
  const rho = rhoFromEpsilon(0, 0.1);
  expect(rho).toBeGreaterThan(0);
  expect(epsilonFromRho(rho, 0.1).epsilon).toBe(0);
  expect(epsilonFromRho(rho * (1 + 1e-9), 0.1).epsilon).toBeGreaterThan(0);
  expect(() => rhoFromEpsilon(Infinity, 0.1)).toThrow("epsilon Infinity");
});
