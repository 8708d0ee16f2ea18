import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deltaAfterTable,
  type Repeated,
  spentEpsilon,
} from "../../../shared/accounting/compose.ts";
import type { PrivacyEvent, Sampling } from "../../../shared/accounting/event.ts";
import { gaussianEpsilon } from "../../../shared/accounting/gaussian.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { allowed, golden } from "../../support/accounting-vectors.ts";

const full: Sampling = { kind: "full" };
const poisson = (rate: number): Sampling => ({ kind: "poisson", rate });
const gaussian = (noiseMultiplier: number, sampling: Sampling = full): PrivacyEvent => ({
  mechanism: "gaussian",
  noiseMultiplier,
  sampling,
  adjacency: "zeroOut",
});
const times = (count: number, event: PrivacyEvent): Repeated => ({ event, count });

describe("golden heterogeneous_composition, by RDP", () => {
  it.each(golden.sections.heterogeneous_composition)(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const { rdp_rel: rel, rdp_abs: abs } = tolerance;
      const [low, high] = allowed(expected.epsilon_rdp_improved, { rel, abs });
      const events = inputs.phases.map(({ q, sigma, steps }) =>
        times(steps, gaussian(sigma, poisson(q))),
      );
      expect(spentEpsilon("rdp", events, inputs.delta)).toBeGreaterThanOrEqual(low);
      expect(spentEpsilon("rdp", events, inputs.delta)).toBeLessThanOrEqual(high);
    },
  );
});

it("gdp composes unlike full steps to the exact Gaussian of their summed mu²", () => {
  const events = [times(30, gaussian(10)), times(10, gaussian(5))];
  const exact = gaussianEpsilon(Math.sqrt(30 / 100 + 10 / 25), 1e-5);
  expect(spentEpsilon("gdp", events, 1e-5)).toBeCloseTo(exact, 12);
  // The golden true estimate of the same two phases (het-s006).
  expect(spentEpsilon("gdp", events, 1e-5)).toBeCloseTo(3.5649136917, 9);
});

describe.each(["gdp", "rdp"] as const)("%s", (accountant) => {
  it("spends nothing on no events, or on events that happened 0 times", () => {
    expect(spentEpsilon(accountant, [], 1e-5)).toBe(0);
    const never = [times(0, gaussian(1)), times(0, { mechanism: "none" })];
    expect(spentEpsilon(accountant, never, 1e-5)).toBe(0);
  });

  it("spends everything on one bare release, and on one without noise", () => {
    const bare = [times(3, gaussian(25)), times(1, { mechanism: "none" })];
    expect(spentEpsilon(accountant, bare, 1e-5)).toBe(Infinity);
    expect(spentEpsilon(accountant, [times(1, gaussian(0))], 1e-5)).toBe(Infinity);
  });

  it("doesn't mind how equal events are grouped, or in which order they come", () => {
    const [a, b] = [gaussian(12), gaussian(7)];
    const whole = spentEpsilon(accountant, [times(9, a), times(4, b)], 1e-6);
    const parts = [times(4, b), times(2, a), times(7, a)];
    expect(spentEpsilon(accountant, parts, 1e-6)).toBeCloseTo(whole, 12);
  });

  it.each([-1, 0.5, Number.NaN, Infinity])("refuses a count of %d", (count) => {
    expect(() => spentEpsilon(accountant, [times(count, gaussian(1))], 1e-5)).toThrow(RangeError);
  });

  it("refuses a delta that is none, and noise that is none", () => {
    expect(() => spentEpsilon(accountant, [], 0)).toThrow(RangeError);
    expect(() => spentEpsilon(accountant, [times(1, gaussian(-2))], 1e-5)).toThrow(RangeError);
    expect(() => spentEpsilon(accountant, [times(1, gaussian(Number.NaN))], 1e-5)).toThrow(
      RangeError,
    );
  });
});

it("gdp refuses sampled steps: the central limit formula is no bound", () => {
  const events = [times(1, gaussian(2)), times(5, gaussian(2, poisson(0.1)))];
  expect(() => spentEpsilon("gdp", events, 1e-5)).toThrow(BudgetError);
  expect(() => spentEpsilon("gdp", events, 1e-5)).toThrow(/gdp for poisson sampling/);
});

const logUniform = (low: number, high: number) =>
  fc
    .double({ min: Math.log(low), max: Math.log(high), noNaN: true })
    .map((log) => Math.min(high, Math.max(low, Math.exp(log))));
const deltas = logUniform(1e-12, 1e-2);
const runs = fc.record({
  rate: logUniform(1e-6, 1),
  noise: logUniform(0.2, 200),
  steps: logUniform(1, 1e6).map(Math.round),
  delta: deltas,
});

it("rdp: grows with steps and rate, falls with noise and delta; never NaN or below 0", () => {
  fc.assert(
    fc.property(runs, ({ rate, noise, steps, delta }) => {
      const spent = (count: number, z: number, q: number, d: number) =>
        spentEpsilon("rdp", [times(count, gaussian(z, poisson(q)))], d);
      const epsilon = spent(steps, noise, rate, delta);
      expect(epsilon).toBeGreaterThanOrEqual(0);
      expect(epsilon).toBeLessThan(Infinity);
      expect(spent(2 * steps, noise, rate, delta)).toBeGreaterThanOrEqual(epsilon);
      expect(spent(steps, noise, Math.min(1, 1.5 * rate), delta)).toBeGreaterThanOrEqual(epsilon);
      expect(spent(steps, 1.2 * noise, rate, delta)).toBeLessThanOrEqual(epsilon);
      expect(spent(steps, noise, rate, 2 * delta)).toBeLessThanOrEqual(epsilon);
    }),
  );
});

it("gdp: grows with steps, falls with noise and delta, and is never above rdp", () => {
  fc.assert(
    fc.property(runs, ({ noise, steps, delta }) => {
      const spent = (count: number, z: number, d: number) =>
        spentEpsilon("gdp", [times(count, gaussian(z))], d);
      const epsilon = spent(steps, noise, delta);
      expect(epsilon).toBeGreaterThanOrEqual(0);
      expect(epsilon).toBeLessThanOrEqual(
        spentEpsilon("rdp", [times(steps, gaussian(noise))], delta),
      );
      expect(spent(2 * steps, noise, delta)).toBeGreaterThanOrEqual(epsilon);
      expect(spent(steps, 1.2 * noise, delta)).toBeLessThanOrEqual(epsilon);
      expect(spent(steps, noise, 2 * delta)).toBeLessThanOrEqual(epsilon);
    }),
  );
});

it("remembers curves without mixing them up, past the number that it keeps", () => {
  const once = (i: number) =>
    spentEpsilon("rdp", [times(50, gaussian(1 + i / 100, poisson(0.01)))], 1e-5);
  const first = Array.from({ length: 80 }, (_, i) => once(i));
  const again = Array.from({ length: 80 }, (_, i) => once(79 - i)).reverse();
  expect(again).toEqual(first);
  // All different, and falling with the noise.
  expect(first).toEqual([...new Set(first)].sort((a, b) => b - a));
});

describe("deltaAfterTable", () => {
  it("takes distance · (1 + e^epsilon) off, rounded down", () => {
    const left = deltaAfterTable(1e-5, 1e-7, 3);
    expect(left).toBeLessThan(1e-5 - 1e-7 * (1 + Math.exp(3)));
    expect(left).toBeCloseTo(1e-5 - 1e-7 * (1 + Math.exp(3)), 18);
  });

  it("takes something off even where the difference is beyond a double's digits", () => {
    expect(deltaAfterTable(1e-5, 1e-30, 1)).toBeLessThan(1e-5);
    expect(deltaAfterTable(1e-5, 0, 1)).toBe(1e-5);
  });

  it("refuses when nothing is left", () => {
    expect(() => deltaAfterTable(1e-5, 1e-7, 6)).toThrow(BudgetError);
    expect(() => deltaAfterTable(1e-5, 1e-30, 1000)).toThrow(BudgetError);
    expect(() => deltaAfterTable(1e-5, Number.NaN, 1)).toThrow(RangeError);
  });
});
