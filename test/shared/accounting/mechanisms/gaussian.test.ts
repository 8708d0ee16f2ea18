import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  composedMu,
  gaussianDelta,
  gaussianEpsilon,
  gaussianSigma,
} from "../../../../shared/accounting/mechanisms/gaussian.ts";
import { allowed, exactValues, golden } from "../../../support/accounting-vectors.ts";
import { exactGaussianEpsilon, simpson } from "../../../support/statistics.ts";

const { analytic_gaussian } = golden.sections;

/** What the product says for a golden case, and what it should. */
function answer(one: (typeof analytic_gaussian)[number]): { got: number; expected: number } {
  if (one.kind === "sigma") {
    const { epsilon, delta, sensitivity } = one.inputs;
    return { got: gaussianSigma(epsilon, delta, sensitivity), expected: one.expected.sigma };
  }
  if (one.kind === "epsilon") {
    const mu = one.inputs.sensitivity / one.inputs.sigma;
    return { got: gaussianEpsilon(mu, one.inputs.delta), expected: one.expected.epsilon };
  }
  if (one.kind === "delta") {
    const mu = one.inputs.sensitivity / one.inputs.sigma;
    return { got: gaussianDelta(mu, one.inputs.epsilon), expected: one.expected.delta };
  }
  const { sigma, steps, delta, sensitivity } = one.inputs;
  const mu = composedMu([{ noiseMultiplier: sigma / sensitivity, count: steps }]);
  return { got: gaussianEpsilon(mu, delta), expected: one.expected.epsilon };
}

describe("golden analytic_gaussian", () => {
  it.each(analytic_gaussian)("$id: $kind of $inputs", (one) => {
    const { got, expected } = answer(one);
    const [low, high] = allowed(expected, one.tolerance);
    expect(got).toBeGreaterThanOrEqual(low);
    expect(got).toBeLessThanOrEqual(high);
  });
});

describe("never below the truth to 60 digits, and above it by a hair", () => {
  it.each(exactValues.gaussianDelta)("delta of mu %d at epsilon %d is %d", (mu, epsilon, truth) => {
    expect(gaussianDelta(mu, epsilon)).toBeGreaterThanOrEqual(truth);
    expect(gaussianDelta(mu, epsilon)).toBeLessThan(truth * (1 + 1e-9));
  });
  it.each(exactValues.gaussianEpsilon)("epsilon of mu %d at delta %d is %d", (mu, delta, truth) => {
    expect(gaussianEpsilon(mu, delta)).toBeGreaterThanOrEqual(truth);
    expect(gaussianEpsilon(mu, delta)).toBeLessThan(truth * (1 + 1e-10));
  });
});

it("gaussianDelta is the excess of one density over e^epsilon times the other, integrated", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 6, noNaN: true }),
      fc.double({ min: 0, max: 10, noNaN: true }),
      (mu, epsilon) => {
        const density = (x: number) => Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
        // The first exceeds the other exactly where x > epsilon / mu + mu / 2 (noise at mu and 0).
        const from = epsilon / mu + mu / 2;
        const excess = (x: number) => density(x - mu) - Math.exp(epsilon) * density(x);
        const area = simpson(excess, from, Math.max(from, mu) + 12, 2000);
        expect(gaussianDelta(mu, epsilon)).toBeCloseTo(area, 9);
      },
    ),
  );
});

it.each([
  [0.2, 1e-5],
  [1, 1e-3],
  [2.5, 1e-8],
])("gaussianEpsilon of mu %d at delta %d bisects theorem 8 as it stands", (mu, delta) => {
  expect(gaussianEpsilon(mu, delta)).toBeCloseTo(exactGaussianEpsilon(mu, delta), 7);
});

it("gaussianEpsilon keeps its delta, and a relative 1e-9 less does not", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -6, max: 2, noNaN: true }),
      fc.double({ min: -250, max: -1, noNaN: true }),
      (logMu, logDelta) => {
        const [mu, delta] = [10 ** logMu, 10 ** logDelta];
        const epsilon = gaussianEpsilon(mu, delta);
        expect(gaussianDelta(mu, epsilon)).toBeLessThanOrEqual(delta);
        const less = epsilon * (1 - 1e-9) - 1e-12;
        if (less > 0) expect(gaussianDelta(mu, less)).toBeGreaterThan(delta);
      },
    ),
  );
});

it("gaussianSigma keeps its budget, and a thousandth less noise does not", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 50, noNaN: true }),
      fc.double({ min: -12, max: -2, noNaN: true }),
      fc.double({ min: 0.001, max: 1e5, noNaN: true }),
      (epsilon, logDelta, sensitivity) => {
        const delta = 10 ** logDelta;
        const sigma = gaussianSigma(epsilon, delta, sensitivity);
        expect(gaussianDelta(sensitivity / sigma, epsilon)).toBeLessThanOrEqual(delta);
        expect(gaussianEpsilon(sensitivity / sigma, delta) / epsilon).toBeLessThan(1 + 1e-11);
        expect(gaussianEpsilon(sensitivity / (0.999 * sigma), delta)).toBeGreaterThan(epsilon);
      },
    ),
  );
});

it("gaussianSigma is proportional to the sensitivity", () => {
  const ratio = gaussianSigma(0.7, 1e-6, 25) / gaussianSigma(0.7, 1e-6, 2);
  expect(ratio).toBeCloseTo(12.5, 10);
});

it("composedMu adds squares: 9 steps at 3 and 16 at 2 are one step at mu sqrt 5", () => {
  const steps = [
    { noiseMultiplier: 3, count: 9 },
    { noiseMultiplier: 2, count: 16 },
  ];
  expect(composedMu(steps)).toBeCloseTo(Math.sqrt(5), 14);
  expect(composedMu([])).toBe(0);
  expect(composedMu([{ noiseMultiplier: 0, count: 1 }])).toBe(Infinity);
  expect(composedMu([{ noiseMultiplier: 0, count: 0 }])).toBe(0);
});

it("spends nothing without steps, everything without noise", () => {
  expect(gaussianEpsilon(0, 1e-5)).toBe(0);
  expect(gaussianEpsilon(Infinity, 1e-5)).toBe(Infinity);
  expect(gaussianDelta(Infinity, 3)).toBe(1);
  // 2 Phi(mu / 2) - 1 is the total variation distance: within delta, epsilon is 0.
  expect(gaussianEpsilon(1e-6, 1e-5)).toBe(0);
});

it("stays in [0, 1] where squares overflow and tails underflow", () => {
  expect(gaussianDelta(1e44, 1)).toBe(1);
  expect(gaussianDelta(1e200, 1e100)).toBe(1);
  expect(gaussianDelta(1e-44, 1)).toBe(0);
  expect(gaussianDelta(1e-200, 1e100)).toBe(0);
  expect(gaussianEpsilon(1e10, 1e-5)).toBeGreaterThan(4e19);
});

it("composedMu is rounded up over many unlike steps", () => {
  const steps = Array.from({ length: 1000 }, (_, i) => ({ noiseMultiplier: 3 + i / 7, count: 1 }));
  let [sum, lost] = [0, 0];
  for (const { noiseMultiplier } of steps) {
    // Kahan's sum.
    const term = 1 / noiseMultiplier ** 2 - lost;
    const next = sum + term;
    [lost, sum] = [next - sum - term, next];
  }
  expect(composedMu(steps)).toBeGreaterThanOrEqual(Math.sqrt(sum));
  expect(composedMu(steps)).toBeLessThan(Math.sqrt(sum) * (1 + 1e-12));
});

it.each([0, 1, -0.1, Number.NaN])("refuses delta %d", (delta) => {
  expect(() => gaussianEpsilon(1, delta)).toThrow(RangeError);
  expect(() => gaussianSigma(1, delta, 1)).toThrow(RangeError);
});

it("refuses what is no mu, no epsilon, no sensitivity", () => {
  expect(() => gaussianEpsilon(Number.NaN, 1e-5)).toThrow(RangeError);
  expect(() => gaussianSigma(Number.NaN, 1e-5, 1)).toThrow(RangeError);
  for (const epsilon of [-1, Infinity])
    expect(() => gaussianSigma(epsilon, 1e-5, 1)).toThrow(`epsilon ${epsilon}`);
  for (const sensitivity of [0, -1, Infinity])
    expect(() => gaussianSigma(1, 1e-5, sensitivity)).toThrow(`L2 ${sensitivity}`);
  // At epsilon 0 only the total variation counts, 2 Phi(mu / 2) - 1 = delta: mu is near delta sqrt(2 pi).
  expect(gaussianSigma(0, 1e-5, 1) * 1e-5 * Math.sqrt(2 * Math.PI)).toBeCloseTo(1, 6);
});
