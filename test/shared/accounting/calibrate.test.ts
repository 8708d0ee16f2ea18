import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrateNoise } from "../../../shared/accounting/calibrate.ts";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import type { Accountant, Sampling } from "../../../shared/accounting/event.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { golden } from "../../support/accounting-vectors.ts";

const samplingAt = (rate: number): Sampling =>
  rate === 1 ? { kind: "full" } : { kind: "poisson", rate };

/** Epsilon after `steps`, by the accountant. */
function spent(
  accountant: Accountant,
  sampling: Sampling,
  steps: number,
  noiseMultiplier: number,
  delta: number,
): number {
  const event = { mechanism: "gaussian", noiseMultiplier, sampling, adjacency: "zeroOut" } as const;
  return spentEpsilon(accountant, [{ event, count: steps }], delta);
}

describe("golden calibration", () => {
  it.each(golden.sections.calibration)("$id: $inputs", ({ inputs, expected }) => {
    const { q, steps, epsilon, delta } = inputs;
    const sampling = samplingAt(q);
    const noise = calibrateNoise("rdp", sampling, steps, epsilon, delta);
    // Its eight digits come of a root finder; ours may be above by its own 1e-5 only.
    expect(noise / expected.sigma_rdp).toBeGreaterThan(1 - 1e-6);
    expect(noise / expected.sigma_rdp).toBeLessThan(1 + 1.1e-5);
    expect(spent("rdp", sampling, steps, noise, delta)).toBeLessThanOrEqual(epsilon);
    if (expected.sigma_exact_gaussian === null) return;
    const exact = calibrateNoise("gdp", sampling, steps, epsilon, delta);
    expect(exact / expected.sigma_exact_gaussian).toBeCloseTo(1, 10);
  });
});

const targets = {
  epsilon: fc.double({ min: Math.log(0.05), max: Math.log(20), noNaN: true }).map(Math.exp),
  delta: fc.double({ min: -10, max: -3, noNaN: true }).map((log) => 10 ** log),
  steps: fc.integer({ min: 1, max: 5000 }),
};

it("full batch, exactly: keeps its target, and a relative 1e-11 less noise does not", () => {
  fc.assert(
    fc.property(fc.record(targets), ({ epsilon, delta, steps }) => {
      const sampling = samplingAt(1);
      const noise = calibrateNoise("gdp", sampling, steps, epsilon, delta);
      expect(spent("gdp", sampling, steps, noise, delta)).toBeLessThanOrEqual(epsilon);
      expect(spent("gdp", sampling, steps, noise * (1 - 1e-11), delta)).toBeGreaterThan(epsilon);
    }),
  );
});

it("sampled, by rdp: keeps its target, and a thousandth less noise does not", () => {
  const rate = fc.double({ min: -6, max: 0, noNaN: true }).map((log) => 10 ** log);
  fc.assert(
    fc.property(fc.record({ ...targets, rate }), ({ epsilon, delta, steps, rate }) => {
      const sampling = samplingAt(rate);
      const noise = calibrateNoise("rdp", sampling, steps, epsilon, delta);
      expect(spent("rdp", sampling, steps, noise, delta)).toBeLessThanOrEqual(epsilon);
      expect(spent("rdp", sampling, steps, 0.999 * noise, delta)).toBeGreaterThan(epsilon);
    }),
    { numRuns: 25 },
  );
});

it("needs more noise for more steps, a smaller epsilon, a smaller delta", () => {
  const noise = calibrateNoise("gdp", samplingAt(1), 5, 1, 1e-5);
  expect(calibrateNoise("gdp", samplingAt(1), 20, 1, 1e-5)).toBeCloseTo(2 * noise, 9);
  expect(calibrateNoise("gdp", samplingAt(1), 5, 0.5, 1e-5)).toBeGreaterThan(noise);
  expect(calibrateNoise("gdp", samplingAt(1), 5, 1, 1e-6)).toBeGreaterThan(noise);
});

it("refuses sampled steps by gdp, and a target that no noise reaches", () => {
  expect(() => calibrateNoise("gdp", samplingAt(0.1), 5, 1, 1e-5)).toThrow(BudgetError);
  expect(() => calibrateNoise("gdp", samplingAt(1), 1, 1e-300, 1e-30)).toThrow(BudgetError);
});

it.each([
  [0, 1],
  [Number.NaN, 1],
  [Infinity, 1],
  [1, 0],
  [1, 2.5],
  [1, Number.NaN],
])("refuses epsilon %d over %d steps", (epsilon, steps) => {
  expect(() => calibrateNoise("gdp", samplingAt(1), steps, epsilon, 1e-5)).toThrow(RangeError);
});
