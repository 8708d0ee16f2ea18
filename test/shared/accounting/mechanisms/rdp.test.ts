import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gaussianEpsilon } from "../../../../shared/accounting/mechanisms/gaussian.ts";
import {
  classicalEpsilonFromRdp,
  composedCurve,
  epsilonFromRdp,
  ORDERS,
  sampledGaussianCurve,
  sampledGaussianRdp,
} from "../../../../shared/accounting/mechanisms/rdp.ts";
import { allowed, exactValues, golden } from "../../../support/accounting-vectors.ts";

const { rdp_poisson_gaussian, rdp_to_epsilon } = golden.sections;

/** Log-uniform, so that small rates and noises are tried as often as large ones. */
const logUniform = (low: number, high: number) =>
  fc
    .double({ min: Math.log(low), max: Math.log(high), noNaN: true })
    .map((log) => Math.min(high, Math.max(low, Math.exp(log))));
const rates = logUniform(1e-6, 1);
const noises = logUniform(0.2, 200);

it("tries the golden file's orders, exactly", () => {
  expect(ORDERS).toEqual(golden.standard_orders);
});

describe("golden rdp_poisson_gaussian", () => {
  it.each(rdp_poisson_gaussian)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const [low, high] = allowed(expected.epsilon_rdp, tolerance);
    const got = sampledGaussianRdp(inputs.q, inputs.sigma, inputs.alpha);
    expect(got).toBeGreaterThanOrEqual(low);
    expect(got).toBeLessThanOrEqual(high);
  });
});

describe("golden rdp_to_epsilon", () => {
  it.each(rdp_to_epsilon)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { q, sigma, steps, delta } = inputs;
    const curve = composedCurve([{ curve: sampledGaussianCurve(q, sigma), count: steps }]);
    const [low, high] = allowed(expected.epsilon_improved, tolerance);
    expect(epsilonFromRdp(curve, delta).epsilon).toBeGreaterThanOrEqual(low);
    expect(epsilonFromRdp(curve, delta).epsilon).toBeLessThanOrEqual(high);
    const [classicalLow, classicalHigh] = allowed(expected.epsilon_classical_mironov, tolerance);
    expect(classicalEpsilonFromRdp(curve, delta).epsilon).toBeGreaterThanOrEqual(classicalLow);
    expect(classicalEpsilonFromRdp(curve, delta).epsilon).toBeLessThanOrEqual(classicalHigh);
  });
});

describe("never below the truth to 60 digits, and above it by a hair", () => {
  it.each(exactValues.sampledGaussianRdp)(
    "rate %d, noise %d, order %d: %d",
    (rate, noise, order, truth) => {
      expect(sampledGaussianRdp(rate, noise, order)).toBeGreaterThanOrEqual(truth);
      expect(sampledGaussianRdp(rate, noise, order)).toBeLessThan(truth * (1 + 1e-9));
    },
  );
});

it("the curve holds the same values as the orders one by one", () => {
  const curve = sampledGaussianCurve(0.013, 0.7);
  ORDERS.forEach((order, i) => {
    expect(curve[i]).toBeCloseTo(sampledGaussianRdp(0.013, 0.7, order), 10);
  });
});

it("the quadrature of fractional orders meets the binomial sum of integer ones", () => {
  fc.assert(
    fc.property(rates, noises, fc.integer({ min: 2, max: 60 }), (rate, noise, order) => {
      const whole = sampledGaussianRdp(rate, noise, order);
      // Either side, so that the slope cancels: it can be some thousands of the value.
      const near = (side: number) => sampledGaussianRdp(rate, noise, order * (1 + side * 1e-9));
      expect((near(1) + near(-1)) / 2 / whole).toBeCloseTo(1, 6);
    }),
  );
});

it("is finite, positive, growing with the order, and never above the unsampled one", () => {
  fc.assert(
    fc.property(rates, noises, (rate, noise) => {
      const curve = sampledGaussianCurve(rate, noise);
      curve.forEach((rdp, i) => {
        expect(rdp).toBeGreaterThan(0);
        expect(rdp).toBeGreaterThanOrEqual(curve[i - 1] ?? 0);
        expect(rdp).toBeLessThanOrEqual((ORDERS[i] ?? Number.NaN) / (2 * noise ** 2));
      });
    }),
  );
});

it("grows with the rate and falls with the noise", () => {
  fc.assert(
    fc.property(rates, noises, fc.constantFrom(1.1, 2.7, 8, 64), (rate, noise, order) => {
      const rdp = sampledGaussianRdp(rate, noise, order);
      expect(sampledGaussianRdp(Math.min(1, rate * 1.01), noise, order)).toBeGreaterThanOrEqual(
        rdp,
      );
      expect(sampledGaussianRdp(rate, noise * 1.01, order)).toBeLessThan(rdp);
    }),
  );
});

it("at rate 1 is order / (2 noise²), Mironov 2017, corollary 3", () => {
  expect(sampledGaussianRdp(1, 3, 7)).toBe(7 / 18);
  expect(sampledGaussianRdp(1, 3, 1.5)).toBe(1.5 / 18);
});

it("counts steps at next to no noise as unsampled ones", () => {
  expect(sampledGaussianRdp(0.01, 0.04, 2.5)).toBe(2.5 / (2 * 0.04 ** 2));
  expect(sampledGaussianRdp(0.01, 0, 2)).toBe(Infinity);
});

it("at rate 1 proves no less than the exact Gaussian, and the classical conversion no more", () => {
  fc.assert(
    fc.property(
      noises,
      fc.integer({ min: 1, max: 1000 }),
      logUniform(1e-12, 1e-2),
      (noise, count, delta) => {
        const curve = composedCurve([{ curve: sampledGaussianCurve(1, noise), count }]);
        const { epsilon } = epsilonFromRdp(curve, delta);
        expect(epsilon).toBeGreaterThanOrEqual(gaussianEpsilon(Math.sqrt(count) / noise, delta));
        expect(classicalEpsilonFromRdp(curve, delta).epsilon).toBeGreaterThanOrEqual(epsilon);
      },
    ),
  );
});

it("composition adds at each order", () => {
  const [one, other] = [sampledGaussianCurve(0.2, 1.5), sampledGaussianCurve(1, 6)];
  const sum = composedCurve([
    { curve: one, count: 3 },
    { curve: other, count: 25 },
  ]);
  sum.forEach((rdp, i) => {
    expect(rdp).toBeCloseTo(3 * (one[i] ?? 0) + 25 * (other[i] ?? 0), 12);
  });
  expect(sum).toHaveLength(ORDERS.length);
});

it("a negative, absent or undefined RDP throws: it is a bug, not a divergence", () => {
  const good = ORDERS.map(() => 0.5);
  for (const wrong of [-1e-9, Number.NaN]) {
    const curve = good.with(17, wrong);
    expect(() => epsilonFromRdp(curve, 1e-5)).toThrow("never negative");
    expect(() => classicalEpsilonFromRdp(curve, 1e-5)).toThrow("never negative");
  }
  expect(() => epsilonFromRdp(good.slice(1), 1e-5)).toThrow("never negative");
});

it("epsilon is 0 once the divergence bounds the total variation below delta", () => {
  // sqrt(1 - e^-rdp) is the bound: rdp 9e-11 is within delta 1e-5, 1.1e-10 is not.
  const flat = (rdp: number) => ORDERS.map(() => rdp);
  expect(epsilonFromRdp(flat(9e-11), 1e-5).epsilon).toBe(0);
  expect(epsilonFromRdp(flat(1.1e-10), 1e-5).epsilon).toBeGreaterThan(0);
});

it.each([
  [0, 1, 2],
  [1.1, 1, 2],
  [Number.NaN, 1, 2],
  [0.5, -1, 2],
  [0.5, Number.NaN, 2.5],
  [0.5, 1, 1],
  [0.5, 1, Number.NaN],
])("refuses rate %d, noise %d, order %d", (rate, noise, order) => {
  expect(() => sampledGaussianRdp(rate, noise, order)).toThrow(RangeError);
});
