import { describe, expect, it } from "vitest";
import { chargeOf } from "../../shared/accounting/charge.ts";
import { ORDERS } from "../../shared/accounting/mechanisms/rdp.ts";
import { Random } from "../../shared/noise/random.ts";
import { integerLaplace, integerLaplaceEvent, noisyCount } from "./integer-laplace.ts";
import { chiSquareBounds, moments, pearson } from "./statistics.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

/** P(x) = (1 - r) / (1 + r) r^|x|, r = e^(-epsilon / sensitivity). */
function geometricMass(sensitivity: number, epsilon: number): (x: number) => number {
  const r = Math.exp(-epsilon / sensitivity);
  return (x) => ((1 - r) / (1 + r)) * r ** Math.abs(x);
}

// Fixed seeds, and bounds that a right sampler breaks for one seed in two million.
describe.each([
  [1, 1],
  [1, 3],
  [3, 0.7],
  [40, 0.1],
])("of sensitivity %d and epsilon %d", (sensitivity, epsilon) => {
  const source = random(1);
  const draws = Array.from({ length: 20_000 }, () =>
    Number(integerLaplace(sensitivity, epsilon, source)),
  );
  const scale = sensitivity / epsilon;
  const against = (factor: number) => {
    const mass = geometricMass(sensitivity, epsilon * factor);
    const { statistic, dof } = pearson(draws, mass, Math.ceil(30 * scale));
    const [low, high] = chiSquareBounds(dof, 5);
    return { statistic, low, high };
  };

  it("has the two-sided geometric masses, neither too far off nor too close", () => {
    const { statistic, low, high } = against(1);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });

  it.each([0.5, 0.85, 1.15, 2])("does not fit %d times epsilon", (factor) => {
    const { statistic, high } = against(factor);
    expect(statistic).toBeGreaterThan(high);
  });

  it("has mean 0 and the variance 2r / (1 - r)²", () => {
    const r = Math.exp(-1 / scale);
    const due = (2 * r) / (1 - r) ** 2;
    const { mean, variance } = moments(draws, 0);
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(due / draws.length));
    // Squares deviate by the fourth moment: due (r² + 10 r + 1) / (1 - r)².
    const fourth = (due * (r ** 2 + 10 * r + 1)) / (1 - r) ** 2;
    const deviation = Math.sqrt((fourth - due ** 2) / draws.length);
    expect(Math.abs(variance - due)).toBeLessThan(5 * deviation);
  });
});

describe.each([
  [1, 1],
  [1, 0.1],
  [3, 2],
])("the charge at sensitivity %d and epsilon %d", (sensitivity, epsilon) => {
  const mass = geometricMass(sensitivity, epsilon);
  const reach = Math.ceil((60 * sensitivity) / epsilon);
  const all = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const charge = chargeOf(integerLaplaceEvent(epsilon, "zeroOut"));

  it("is the largest log-ratio of neighbouring counts", () => {
    const worst = all.reduce(
      (most, x) => Math.max(most, Math.log(mass(x) / mass(x - sensitivity))),
      0,
    );
    expect(worst).toBeCloseTo(epsilon, 10);
    expect(charge.pure).toBe(epsilon);
    expect(chargeOf(integerLaplaceEvent(epsilon, "replaceOne")).pure).toBe(2 * epsilon);
  });

  const rdp = (order: number) => {
    const moment = all.reduce(
      (sum, x) => sum + mass(x) ** order * mass(x - sensitivity) ** (1 - order),
      0,
    );
    return Math.log(moment) / (order - 1);
  };
  const delta = (at: number) =>
    all.reduce((sum, x) => sum + Math.max(0, mass(x) - Math.exp(at) * mass(x - sensitivity)), 0);

  it("covers its Rényi divergence, exactly so at sensitivity 1", () => {
    const curve = charge.curve();
    for (const [i, order] of ORDERS.entries()) {
      // Powers of masses of 60 deviations' distance would underflow.
      if (order > 10) continue;
      const charged = curve[i] ?? Number.NaN;
      expect(charged).toBeGreaterThan(rdp(order) * (1 - 1e-9));
      if (sensitivity === 1) expect(charged / rdp(order)).toBeCloseTo(1, 8);
      expect(((charge.rho ?? 0) * order) / rdp(order)).toBeGreaterThan(1);
    }
  });

  it("covers its delta at any smaller epsilon, exactly so at sensitivity 1", () => {
    for (const part of [0, 0.3, 0.9]) {
      const charged = charge.alone?.(part * epsilon) ?? Number.NaN;
      expect(charged).toBeGreaterThan(delta(part * epsilon) * (1 - 1e-9));
      if (sensitivity === 1) expect(charged / delta(part * epsilon)).toBeCloseTo(1, 8);
    }
  });

  it("is more than that of continuous Laplace noise, which would be too little", () => {
    const laplace = chargeOf({
      mechanism: "laplace",
      noiseMultiplier: 1 / epsilon,
      adjacency: "zeroOut",
    });
    if (sensitivity > 1) return expect(laplace.pure).toBeCloseTo(epsilon, 12);
    const second = ORDERS.indexOf(2);
    expect(laplace.curve()[second]).toBeLessThan(rdp(2) * 0.999);
    expect(laplace.alone?.(0)).toBeLessThan(delta(0) * 0.999);
  });
});

describe("noisyCount", () => {
  it("adds the noise of the stream to the count", () => {
    for (const count of [0, -3, 1000]) {
      const noise = Number(integerLaplace(2, 0.3, random(2)));
      expect(noisyCount(count, 2, 0.3, random(2))).toBe(count + noise);
    }
    expect(integerLaplace(2, 0.3, random(2))).not.toBe(0n);
  });

  it("stays within the safe integers, whatever the noise", () => {
    const source = random(3);
    const seen = Array.from({ length: 40 }, () => noisyCount(7, 1, 1e-30, source));
    expect(new Set(seen)).toEqual(new Set([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]));
  });

  it.each([0.5, Number.NaN, 2 ** 53, Infinity])(
    "refuses the count %d and does not say it",
    (count) => {
      const draw = () => noisyCount(count, 1, 1, random(4));
      expect(draw).toThrow(RangeError);
      expect(draw).toThrow(/^noisyCount: expected a whole number$/);
    },
  );
});

it.each([
  [0, 1],
  [-1, 1],
  [1.5, 1],
  [Number.NaN, 1],
  [1, 0],
  [1, -1],
  [1, Infinity],
  [1, Number.NaN],
])("refuses sensitivity %d with epsilon %d", (sensitivity, epsilon) => {
  expect(() => integerLaplace(sensitivity, epsilon, random(5))).toThrow(RangeError);
});

it("refuses to charge what cannot be drawn", () => {
  for (const epsilon of [0, -1, Infinity, Number.NaN]) {
    expect(() => integerLaplaceEvent(epsilon, "zeroOut")).toThrow(RangeError);
  }
});
