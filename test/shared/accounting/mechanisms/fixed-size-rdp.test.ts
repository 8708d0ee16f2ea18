import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fixedSizeCurve,
  fixedSizeRdp,
  knownSampleCurve,
} from "../../../../shared/accounting/mechanisms/fixed-size-rdp.ts";
import {
  composedCurve,
  epsilonFromRdp,
  ORDERS,
} from "../../../../shared/accounting/mechanisms/rdp.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { goldenMechanisms } from "../../../support/mechanism-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

const cases = goldenMechanisms.fixed_size_sampling_wor.flatMap(
  ({ id, inputs, expected, tolerance }) =>
    "epsilon_rdp" in expected && "alpha" in inputs ? [{ id, inputs, expected, tolerance }] : [],
);

describe("golden fixed_size_sampling_wor, order by order", () => {
  it.each(cases)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { sigma: noiseMultiplier, sample_size, dataset_size, alpha } = inputs;
    const fraction = sample_size / dataset_size;
    const got = fixedSizeRdp({ noiseMultiplier, fraction }, alpha);
    // A whole sample is the full batch, which the curve knows and the theorem doesn't.
    const whole = fixedSizeCurve({ noiseMultiplier, fraction })[ORDERS.indexOf(alpha)];
    const value = fraction === 1 ? (whole ?? Number.NaN) : got;
    const below = { rel: tolerance.rel_below ?? 0, abs: tolerance.abs };
    expect(value).toBeGreaterThanOrEqual(allowed(expected.epsilon_rdp, below)[0]);
    expect(value).toBeLessThanOrEqual(allowed(expected.epsilon_rdp, tolerance)[1]);
  });
});

/**
 * log B(l) for even l up to `highest`, as the theorem has it: alternating sums, to `digits` digits
 * behind the point, since with large noise all that doubles have would cancel.
 */
function exactLogB(noiseMultiplier: number, highest: number, digits: number): number[] {
  const unit = 10n ** BigInt(digits);
  const divisor = BigInt(Math.round(2 * noiseMultiplier ** 2));
  const powers = Array.from({ length: highest + 1 }, (_, i) => {
    // e^(i (i - 1) / 2z²) by its series.
    let [term, sum] = [unit, unit];
    for (let n = 1n; term > 0n; n++) {
      term = (term * BigInt(i * (i - 1))) / (divisor * n);
      sum += term;
    }
    return sum;
  });
  const logs: number[] = [];
  for (let l = 2; l <= highest; l += 2) {
    let [binomial, total] = [1n, 0n];
    powers.slice(0, l + 1).forEach((power, i) => {
      total += (i % 2 === 0 ? binomial : -binomial) * power;
      binomial = (binomial * BigInt(l - i)) / BigInt(i + 1);
    });
    const text = total.toString();
    logs[l] = Math.log(Number(`0.${text.slice(0, 20)}`)) + (text.length - digits) * Math.LN10;
  }
  return logs;
}

it.each([
  [2, 0.1, 8],
  [30, 0.4, 24],
  [100, 0.25, 20],
  [9, 0.4, 220],
  [8, 0.9, 290],
  [14, 0.97, 400],
])(
  "noise %d, fraction %d, order %d: what the alternating sums give to 900 digits",
  (noiseMultiplier, fraction, order) => {
    const logs = exactLogB(noiseMultiplier, 2 * Math.ceil(order / 2), 900);
    let [logBinomial, moment] = [Math.log(order), 1];
    for (let j = 2; j <= order; j++) {
      logBinomial += Math.log((order - j + 1) / j);
      const [even, next] = [logs[2 * Math.floor(j / 2)] ?? 0, logs[2 * Math.ceil(j / 2)] ?? 0];
      const least = Math.min(
        Math.log(4) + (even + next) / 2,
        Math.log(2) + (j * (j - 1)) / (2 * noiseMultiplier ** 2),
      );
      moment += Math.exp(logBinomial + j * Math.log(fraction) + least);
    }
    const due = Math.log(moment) / (order - 1);
    const got = fixedSizeRdp({ noiseMultiplier, fraction }, order);
    expect(got / due).toBeGreaterThanOrEqual(1);
    expect(got / due).toBeLessThan(1 + 1e-9);
  },
);

it("the curve is finite, positive, growing with the order, never above the full batch", () => {
  fc.assert(
    fc.property(logUniform(1e-6, 1), logUniform(0.1, 200), (fraction, noiseMultiplier) => {
      const curve = fixedSizeCurve({ noiseMultiplier, fraction });
      expect(curve).toHaveLength(ORDERS.length);
      curve.forEach((rdp, i) => {
        expect(rdp).toBeGreaterThan(0);
        expect(rdp).toBeGreaterThanOrEqual((curve[i - 1] ?? 0) * (1 - 1e-9));
        const full = (ORDERS[i] ?? Number.NaN) / (2 * noiseMultiplier ** 2);
        expect(rdp).toBeLessThanOrEqual(full * (1 + 1e-12));
      });
    }),
    { numRuns: 25 },
  );
});

/** Rényi divergence of a table (1/2, 0, …) from (-1/2, 0, …), one unit drawn: by the trapezoid rule. */
function sizeOneDivergence(z: number, fraction: number, order: number): number {
  const bell = (x: number) => Math.exp(-(x ** 2) / (2 * z ** 2)) / (z * Math.sqrt(2 * Math.PI));
  const mixture = (x: number, at: number) => (1 - fraction) * bell(x) + fraction * bell(x - at);
  const reach = order + 12 * z;
  const step = z / 20;
  let moment = 0;
  for (let x = -reach; x <= reach; x += step) {
    const [log, other] = [Math.log(mixture(x, 0.5)), Math.log(mixture(x, -0.5))];
    // Where both underflow their weight does too.
    if (other > -Infinity) moment += step * Math.exp(order * log + (1 - order) * other);
  }
  return Math.log(moment) / (order - 1);
}

it("is never below a replaced unit's true divergence at size 1", () => {
  fc.assert(
    fc.property(
      logUniform(1e-2, 1),
      logUniform(0.7, 20),
      fc.integer({ min: 2, max: 20 }),
      (fraction, noise, order) => {
        const truth = sizeOneDivergence(noise, fraction, order);
        expect(fixedSizeRdp({ noiseMultiplier: noise, fraction }, order)).toBeGreaterThan(truth);
      },
    ),
  );
  // The oracle itself, where it is known: at fraction 1 it is order / 2z².
  expect(sizeOneDivergence(3, 1, 5)).toBeCloseTo(5 / 18, 9);
});

it("between whole orders (order - 1) rdp is linear, and below 2 the rdp is that of order 2", () => {
  const step = { noiseMultiplier: 3, fraction: 0.05 };
  const log = (order: number) => (order - 1) * fixedSizeRdp(step, order);
  expect(log(7.25)).toBeCloseTo(0.75 * log(7) + 0.25 * log(8), 14);
  expect(fixedSizeRdp(step, 1.3)).toBeCloseTo(fixedSizeRdp(step, 2), 14);
});

it("grows with the fraction and falls with the noise", () => {
  const at = (noiseMultiplier: number, fraction: number) =>
    fixedSizeRdp({ noiseMultiplier, fraction }, 6);
  expect(at(3, 0.06)).toBeGreaterThan(at(3, 0.05));
  expect(at(3.3, 0.05)).toBeLessThan(at(3, 0.05));
  expect(
    fixedSizeCurve({ noiseMultiplier: 0, fraction: 0.5 }).every((rdp) => rdp === Infinity),
  ).toBe(true);
});

it.each([
  [-1, 0.5, 2],
  [Number.NaN, 0.5, 2],
  [3, 0, 2],
  [3, 1.1, 2],
  [3, 0.5, 1],
  [3, 0.5, Infinity],
])("refuses noise %d, fraction %d, order %d", (noiseMultiplier, fraction, order) => {
  expect(() => fixedSizeRdp({ noiseMultiplier, fraction }, order)).toThrow(RangeError);
});

describe("of a sample that colluders know in part", () => {
  const curve = (known: number) =>
    knownSampleCurve({ noiseMultiplier: 2, size: 10, population: 100, known });
  const epsilon = (known: number) =>
    epsilonFromRdp(composedCurve([{ curve: curve(known), count: 100 }]), 1e-5).epsilon;

  it("costs 5.38, 5.44 and 6.90 by the share that is left, 0, 1 and 20 known; by the mean over j less", () => {
    const byShare = (fraction: number) =>
      epsilonFromRdp(
        composedCurve([{ curve: fixedSizeCurve({ noiseMultiplier: 2, fraction }), count: 100 }]),
        1e-5,
      ).epsilon;
    expect(byShare(10 / 100)).toBeCloseTo(5.38, 2);
    expect(byShare(10 / 99)).toBeCloseTo(5.44, 2);
    expect(byShare(10 / 80)).toBeCloseTo(6.9, 2);
    expect(byShare(1)).toBeGreaterThan(35);
    expect(epsilon(0)).toBeCloseTo(byShare(0.1), 8);
    const [one, twenty] = [epsilon(1), epsilon(20)];
    expect(one).toBeGreaterThan(epsilon(0));
    expect(one).toBeLessThan(byShare(10 / 99));
    expect(twenty).toBeGreaterThan(one + 0.05);
    expect(twenty).toBeCloseTo(5.48, 1);
  });

  it("is the mean over how many of them were drawn, never above the largest share that is left", () => {
    const chances = [0, 1].map((drawn) => (drawn === 1 ? 0.1 : 0.9));
    const parts = [10, 9].map((size) =>
      fixedSizeCurve({ noiseMultiplier: 2, fraction: size / 99 }),
    );
    const got = curve(1);
    for (const order of [2, 8, 32]) {
      const i = ORDERS.indexOf(order);
      const mean = chances.reduce(
        (sum, chance, j) => sum + chance * Math.exp((order - 1) * (parts[j]?.[i] ?? NaN)),
        0,
      );
      expect(got[i]).toBeCloseTo(Math.log(mean) / (order - 1), 8);
      expect(got[i]).toBeLessThanOrEqual(parts[0]?.[i] ?? NaN);
    }
  });

  it("is everybody where no more are left than are drawn", () => {
    const full = ORDERS.map((order) => order / 8);
    for (const [i, rdp] of curve(95).entries())
      expect(rdp).toBeLessThanOrEqual((full[i] ?? 0) * (1 + 1e-9));
    expect(() => curve(100)).toThrow(RangeError);
  });
});

it("is the full batch's, rounded up, where all are drawn", () => {
  for (const noiseMultiplier of [0.7, 1.1, 3]) {
    const curve = fixedSizeCurve({ noiseMultiplier, fraction: 1 });
    ORDERS.forEach((order, i) => {
      const full = order / (2 * noiseMultiplier ** 2);
      expect(curve[i]).toBeGreaterThan(full);
      expect(curve[i]).toBeLessThan(full * (1 + 1e-14));
    });
  }
});
