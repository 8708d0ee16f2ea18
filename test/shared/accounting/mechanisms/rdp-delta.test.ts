import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gaussianDelta } from "../../../../shared/accounting/mechanisms/gaussian.ts";
import {
  classicalEpsilonFromRdp,
  composedCurve,
  epsilonFromRdp,
  ORDERS,
  sampledGaussianCurve,
} from "../../../../shared/accounting/mechanisms/rdp.ts";
import {
  classicalDeltaFromRdp,
  deltaFromRdp,
} from "../../../../shared/accounting/mechanisms/rdp-delta.ts";
import { golden } from "../../../support/accounting-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

describe("golden rdp_to_epsilon, backwards", () => {
  it.each(golden.sections.rdp_to_epsilon)("$id: $inputs", ({ inputs, expected }) => {
    const { q, sigma, steps, delta } = inputs;
    const curve = composedCurve([{ curve: sampledGaussianCurve(q, sigma), count: steps }]);
    for (const [epsilon, convert] of [
      [expected.epsilon_improved, deltaFromRdp],
      [expected.epsilon_classical_mironov, classicalDeltaFromRdp],
    ] as const) {
      // Where epsilon was clamped at 0, delta may be less than asked for. d log delta is at most
      // (order - 1) d epsilon, and the golden epsilons have twelve digits.
      if (epsilon === 0) continue;
      expect(Math.log(convert(curve, epsilon).delta)).toBeCloseTo(Math.log(delta), 5);
    }
    expect(deltaFromRdp(curve, expected.epsilon_improved).delta).toBeLessThan(delta * (1 + 1e-5));
  });
});

it("is the inverse of epsilon, never better than the exact Gaussian, never above classical", () => {
  fc.assert(
    fc.property(logUniform(0.3, 200), logUniform(1e-12, 1e-2), (noise, delta) => {
      const curve = sampledGaussianCurve(1, noise);
      const { epsilon } = epsilonFromRdp(curve, delta);
      const improved = deltaFromRdp(curve, epsilon).delta;
      expect(improved).toBeLessThanOrEqual(delta * (1 + 1e-9));
      expect(improved).toBeGreaterThanOrEqual(gaussianDelta(1 / noise, epsilon));
      const classical = classicalEpsilonFromRdp(curve, delta).epsilon;
      expect(classicalDeltaFromRdp(curve, classical).delta / delta).toBeCloseTo(1, 8);
      expect(deltaFromRdp(curve, classical).delta).toBeLessThanOrEqual(delta);
    }),
  );
});

it("falls with epsilon from at most the total variation bound; within [0, 1]", () => {
  const flat = (rdp: number) => ORDERS.map(() => rdp);
  expect(deltaFromRdp(flat(1e-12), 0).delta / 1e-6).toBeCloseTo(1, 9);
  expect(deltaFromRdp(flat(1e-12), 0).delta).toBeGreaterThanOrEqual(1e-6 * (1 - 1e-12));
  expect(deltaFromRdp(flat(Infinity), 5)).toEqual({ delta: 1, order: Infinity });
  expect(deltaFromRdp(flat(0), 5).delta).toBe(0);
  expect(classicalDeltaFromRdp(flat(2), 1).delta).toBe(1);
  fc.assert(
    fc.property(logUniform(0.3, 50), logUniform(1e-3, 30), (noise, epsilon) => {
      const curve = sampledGaussianCurve(0.05, noise);
      for (const convert of [deltaFromRdp, classicalDeltaFromRdp]) {
        const { delta } = convert(curve, epsilon);
        expect(delta).toBeGreaterThanOrEqual(0);
        expect(delta).toBeLessThanOrEqual(1);
        expect(convert(curve, 1.1 * epsilon).delta).toBeLessThanOrEqual(delta);
      }
    }),
  );
});

it("a negative or absent RDP throws, and so does an epsilon that is none", () => {
  const good = ORDERS.map(() => 0.5);
  expect(() => deltaFromRdp(good.with(17, -1e-9), 1)).toThrow("never negative");
  expect(() => classicalDeltaFromRdp(good.slice(1), 1)).toThrow("never negative");
  for (const bad of [-1, Number.NaN, Infinity]) {
    expect(() => deltaFromRdp(good, bad)).toThrow(RangeError);
  }
});

it.each([
  [1.1, 2 ** 20, 2 ** 20 + 64],
  [1024, 2 ** 10, 2 ** 10 + 2 ** -7],
])("is raised at order %d by a few roundings of its terms, and no more", (only, rdp, epsilon) => {
  const curve = ORDERS.map((order) => (order === only ? rdp : Infinity));
  const { delta, order } = classicalDeltaFromRdp(curve, epsilon);
  expect(order).toBe(only);
  const raised = Math.log(delta) - (only - 1) * (rdp - epsilon);
  const rounding = 2 ** -53 * (only - 1) * (rdp + epsilon);
  expect(raised / rounding).toBeGreaterThan(4);
  expect(raised / rounding).toBeLessThan(16);
});
