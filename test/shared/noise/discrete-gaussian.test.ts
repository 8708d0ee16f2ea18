import { describe, expect, it } from "vitest";
import { chargeOf } from "../../../shared/accounting/charge.ts";
import { fillDiscreteGaussian } from "../../../shared/noise/discrete-gaussian.ts";
import { gaussianSumFloors } from "../../../shared/noise/exact-gaussian-sum.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { Random } from "../../../shared/noise/random.ts";
import { discreteGaussian } from "../../support/distributions.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";
import { discreteGaussianByRejection } from "../../support/rejection.ts";
import { chiSquareBounds, gaussianMass, moments, pearson } from "../../support/statistics.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

function drawn(count: number, sigma: number, byte: number): Int32Array {
  const out = new Int32Array(count).fill(99_999);
  fillDiscreteGaussian(out, sigma, random(byte));
  return out;
}

/** Pearson's statistic of draws against a mass, and what a right sampler leaves once in 2 million. */
function against(draws: Iterable<number>, mass: (x: number) => number, reach: number) {
  const { statistic, dof } = pearson(draws, mass, reach);
  const [low, high] = chiSquareBounds(dof, 5);
  return { statistic, low, high };
}

// Fixed seeds, and bounds that a right sampler breaks for one seed in two million.
describe.each([1, 4, 63, 64, 200])("in bulk, at sigma %d", (sigma) => {
  const draws = drawn(400_000, sigma, sigma);

  it("has the discrete Gaussian's masses, neither too far off nor too close", () => {
    const { statistic, low, high } = against(draws, discreteGaussian(sigma ** 2).mass, 6 * sigma);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });

  it.each([0.5, 0.95, 1.05, 2])("does not fit %d times that", (factor) => {
    const wrong = discreteGaussian((factor * sigma) ** 2).mass;
    const { statistic, high } = against(draws, wrong, 6 * sigma);
    expect(statistic).toBeGreaterThan(high);
  });
});

it("is not the rounded Gaussian, which is wider by 1/12", () => {
  const rounded = (a: number) => gaussianMass(a - 0.5, a + 0.5, 1);
  const { statistic, high } = against(drawn(400_000, 1, 2), rounded, 6);
  expect(statistic).toBeGreaterThan(high);
});

describe("golden discrete_gaussian_pmf", () => {
  const whole = ofKind(goldenMechanisms.mechanisms, "discrete_gaussian_pmf").filter(({ inputs }) =>
    Number.isInteger(Math.sqrt(inputs.sigma_squared)),
  );
  it.each(whole)("$id fits draws at sigma² $inputs.sigma_squared", ({ inputs, expected }) => {
    const sigma = Math.sqrt(inputs.sigma_squared);
    const masses = new Map(inputs.x.map((x, i) => [x, expected.pmf[i] ?? Number.NaN]));
    const rest = 1 - [...masses.values()].reduce((a, b) => a + b);
    // All that the vector does not list is one cell, at 9, where no listed one is.
    const cells = Array.from(drawn(300_000, sigma, 3), (x) => (masses.has(x) ? x : 9));
    const { statistic, high } = against(cells, (x) => (x === 9 ? rest : (masses.get(x) ?? 0)), 9);
    expect(statistic).toBeLessThan(high);
    const { variance } = moments(drawn(300_000, sigma, 4), 0);
    const [low, most] = chiSquareBounds(300_000, 5);
    // The fourth moment of a discrete Gaussian is no larger than a Gaussian's, to 1e-6 at sigma 1.
    expect((variance / expected.variance) * 300_000).toBeGreaterThan(low);
    expect((variance / expected.variance) * 300_000).toBeLessThan(most);
  });
});

describe.each([
  [4, 1, 20_000],
  [20_000, 4_000, 12_000],
])("beside the rejection sampler, at sigma %d in cells of %d", (sigma, cell, count) => {
  const cellOf = (x: number) => Math.round(x / cell);
  const exact = random(5);
  const slow = Array.from({ length: count }, () => discreteGaussianByRejection(sigma, exact));

  /** Pearson's statistic for two samples of different size: one degree a cell. */
  const apart = (fast: Int32Array) => {
    const counts = new Map<number, [number, number]>();
    const add = (x: number, which: 0 | 1) => {
      // What lies further out is pooled.
      const at = Math.max(-12, Math.min(12, cellOf(x)));
      const pair = counts.get(at) ?? [0, 0];
      pair[which] += 1;
      counts.set(at, pair);
    };
    for (const x of slow) add(x, 0);
    for (const x of fast) add(x, 1);
    const ratio = Math.sqrt(fast.length / slow.length);
    const cells = [...counts.values()].filter(([a, b]) => a + b >= 40);
    const statistic = cells.reduce(
      (sum, [a, b]) => sum + (a * ratio - b / ratio) ** 2 / (a + b),
      0,
    );
    return { statistic, high: chiSquareBounds(cells.length - 1, 5)[1] };
  };

  it("draws the same distribution", () => {
    const { statistic, high } = apart(drawn(200_000, sigma, 6));
    expect(statistic).toBeLessThan(high);
  });

  it("would not, at a sigma 10 % larger", () => {
    const { statistic, high } = apart(drawn(200_000, Math.ceil(sigma * 1.1), 6));
    expect(statistic).toBeGreaterThan(high);
  });
});

describe("in bulk, at sigma 34000", () => {
  const SIGMA = 34_000;
  const draws = drawn(1_000_000, SIGMA, 7);

  it("has mean 0 and variance sigma²", () => {
    const { mean, variance } = moments(draws, 0);
    expect(Math.abs(mean)).toBeLessThan((5 * SIGMA) / Math.sqrt(draws.length));
    const [low, high] = chiSquareBounds(draws.length, 5);
    expect((variance / SIGMA ** 2) * draws.length).toBeGreaterThan(low);
    expect((variance / SIGMA ** 2) * draws.length).toBeLessThan(high);
  });

  it.each([1, 2, 3, 4])("has its share beyond %d deviations, on each side", (deviations) => {
    const beyond = gaussianMass(deviations * SIGMA, (deviations + 1) * SIGMA, SIGMA);
    const further = gaussianMass((deviations + 1) * SIGMA, (deviations + 6) * SIGMA, SIGMA);
    const expected = draws.length * (beyond + further);
    for (const side of [1, -1]) {
      const seen = draws.reduce((n, x) => n + (side * x > deviations * SIGMA ? 1 : 0), 0);
      expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

describe.each([
  [1, 1],
  [4, 3],
  [25, 7],
])("at sigma %d, against a unit that moves the sum by %d", (sigma, step) => {
  const thresholds = gaussianSumFloors(14 * sigma, sigma, 128n);
  /** Mass of the table itself. */
  const mass = (x: number) => {
    const a = Math.abs(x);
    if (a > 14 * sigma) return 0;
    const below = a === 0 ? 0n : (thresholds[a - 1] ?? 0n);
    const both = Number((thresholds[a] ?? 1n << 128n) - below) / 2 ** 128;
    return a === 0 ? both : both / 2;
  };
  const all = Array.from({ length: 30 * sigma + 1 }, (_, i) => i - 15 * sigma);
  const rho = chargeOf({
    mechanism: "discreteGaussian",
    noiseMultiplier: sigma / step,
    sampling: { kind: "full" },
    adjacency: "zeroOut",
  }).rho;

  it.each([2, 3, 5])("the table has the Rényi divergence that is charged, at order %d", (order) => {
    // Where the table ends it would be infinite: that is what its distance to delta is for.
    const inner = all.filter((x) => Math.abs(x) <= 12 * sigma && Math.abs(x - step) <= 12 * sigma);
    const moment = inner.reduce(
      (sum, x) => sum + mass(x) ** order * mass(x - step) ** (1 - order),
      0,
    );
    const divergence = Math.log(moment) / (order - 1) / order;
    expect(divergence).toBeLessThanOrEqual((rho ?? 0) * (1 + 1e-9));
    expect(divergence).toBeGreaterThan((rho ?? Infinity) * (1 - 1e-9));
  });

  it("the table's delta is no more than the distribution's, plus what its distance adds", () => {
    const { mass: exact } = discreteGaussian(sigma ** 2);
    const delta = (p: (x: number) => number, epsilon: number) =>
      all.reduce((sum, x) => sum + Math.max(0, p(x) - Math.exp(epsilon) * p(x - step)), 0);
    for (const epsilon of [0, 0.5, 2, 8]) {
      const added = tableDistance(sigma) * (1 + Math.exp(epsilon));
      // Sums of float64: an error of some 1e-16 a term.
      expect(delta(mass, epsilon)).toBeLessThanOrEqual(delta(exact, epsilon) + added + 1e-14);
    }
  });
});

it.each([0, -1, 0.5, 2 ** 27 + 1, Number.NaN, Infinity])("refuses sigma %d", (sigma) => {
  expect(() => fillDiscreteGaussian(new Int32Array(1), sigma, random(8))).toThrow(RangeError);
});

it("is the same for the same stream, and another for another", () => {
  for (const sigma of [4, 4097]) {
    expect(drawn(500, sigma, 9)).toEqual(drawn(500, sigma, 9));
    expect(drawn(500, sigma, 9)).not.toEqual(drawn(500, sigma, 10));
  }
});
