import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  laplaceDelta,
  laplaceEpsilon,
  laplaceRdp,
} from "../../../../shared/accounting/mechanisms/laplace.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

const { mechanisms } = goldenMechanisms;

describe("golden laplace", () => {
  it.each(ofKind(mechanisms, "laplace"))("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const charge = laplaceEpsilon(expected.scale / inputs.l1_sensitivity);
    expect(charge / inputs.epsilon).toBeCloseTo(1, 10);
    const [low, high] = allowed(expected.delta_at_query_epsilon, tolerance);
    expect(laplaceDelta(inputs.epsilon, inputs.query_epsilon)).toBeGreaterThanOrEqual(low);
    expect(laplaceDelta(inputs.epsilon, inputs.query_epsilon)).toBeLessThanOrEqual(high);
  });
});

describe("golden laplace_rdp", () => {
  it.each(ofKind(mechanisms, "laplace_rdp"))("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const [low, high] = allowed(expected.epsilon_rdp, tolerance);
    expect(laplaceRdp(inputs.epsilon, inputs.alpha)).toBeGreaterThanOrEqual(low);
    expect(laplaceRdp(inputs.epsilon, inputs.alpha)).toBeLessThanOrEqual(high);
  });
});

it("is the integral of the densities' ratio, by the midpoint rule", () => {
  for (const [charge, order] of [
    [0.3, 1.5],
    [1.7, 6],
    [4, 20],
  ] as const) {
    // Unit scale; the other table is shifted by `charge`, and the integrand falls like e^-|x|.
    const step = 1e-3;
    let moment = 0;
    for (let x = -40 + step / 2; x < 40 + order * charge; x += step) {
      const log = -order * Math.abs(x) + (order - 1) * Math.abs(x - charge);
      moment += (step / 2) * Math.exp(log);
    }
    const rdp = laplaceRdp(charge, order);
    expect(rdp / (Math.log(moment) / (order - 1))).toBeCloseTo(1, 5);
  }
});

it("costs nothing in delta from its own epsilon on", () => {
  expect(laplaceDelta(0.7, 0.7)).toBe(0);
  expect(laplaceDelta(0.7, 3)).toBe(0);
  expect(laplaceDelta(0.7, 0.699)).toBeGreaterThan(0);
  expect(laplaceDelta(1e4, 0)).toBe(1);
});

it("RDP grows with charge and order, is at most the charge, never NaN or below 0", () => {
  fc.assert(
    fc.property(logUniform(1e-12, 1e4), logUniform(1.01, 1024), (charge, order) => {
      const rdp = laplaceRdp(charge, order);
      expect(rdp).toBeGreaterThan(0);
      expect(rdp).toBeLessThanOrEqual(charge);
      expect(laplaceRdp(charge, 1.1 * order)).toBeGreaterThanOrEqual(rdp * (1 - 1e-11));
      expect(laplaceRdp(1.1 * charge, order)).toBeGreaterThan(rdp);
      // Both ends that are known: order × charge² / 2 (Bun & Steinke) above, the divergence below.
      expect(rdp).toBeLessThanOrEqual(((order * charge ** 2) / 2) * (1 + 1e-9));
      expect(rdp).toBeGreaterThan((charge + Math.expm1(-charge)) * (1 - 1e-3));
    }),
  );
});

it("costs everything without noise, and refuses noise that is none", () => {
  expect(laplaceEpsilon(0)).toBe(Infinity);
  expect(laplaceRdp(Infinity, 2)).toBe(Infinity);
  for (const bad of [-1, Number.NaN]) expect(() => laplaceEpsilon(bad)).toThrow(RangeError);
});
