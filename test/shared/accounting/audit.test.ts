import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Audit, auditLowerBound, auditPValue } from "../../../shared/accounting/audit.ts";
import { gaussianEpsilon, gaussianSigma } from "../../../shared/accounting/mechanisms/gaussian.ts";
import { decode, roundToLattice } from "../../../shared/noise/lattice.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../../shared/noise/rounded-gaussian.ts";
import { recordLattice } from "../../../shared/privacy/lattice-terms.ts";
import { audit_one_run } from "../../support/audit-vectors.ts";

const audit = (canaries: number, guesses: number, correct: number): Audit => ({
  canaries,
  guesses,
  correct,
});

describe("golden audit_one_run", () => {
  it.each(audit_one_run)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { m, guesses, correct, delta, confidence } = inputs;
    const got = auditPValue(audit(m, guesses, correct), 1, delta);
    expect(Math.abs(got - expected.p_value_at_epsilon_1)).toBeLessThan(tolerance.p_value_abs);
    const bound = auditLowerBound(audit(m, guesses, correct), delta, confidence);
    const truth = expected.epsilon_lower_bound;
    expect(Math.abs(bound - truth)).toBeLessThanOrEqual(tolerance.abs + tolerance.rel * truth);
    // Twelve digits of the truth: ours are rounded down.
    expect(bound).toBeLessThanOrEqual(truth * (1 + 1e-11));
    expect(bound).toBeGreaterThanOrEqual(truth * (1 - 1e-7));
  });
});

/** The theorem's sum as it stands there, over masses that are products of whole numbers. */
function slowPValue({ canaries, guesses, correct }: Audit, epsilon: number, delta: number): number {
  const chance = 1 / (1 + Math.exp(-epsilon));
  const failure = Math.exp(-epsilon) * chance;
  const mass = (k: number) => {
    let choose = 1n;
    for (let i = 0; i < k; i++) choose = (choose * BigInt(guesses - i)) / BigInt(i + 1);
    return Number(choose) * chance ** k * failure ** (guesses - k);
  };
  const masses = Array.from({ length: guesses + 1 }, (_, k) => mass(k));
  const between = (from: number, to: number) =>
    masses.slice(from, to).reduce((sum, mass) => sum + mass, 0);
  let largest = 0;
  for (let i = 1; i <= correct; i++) {
    largest = Math.max(largest, between(correct - i, correct) / i);
  }
  return Math.min(1, between(correct, guesses + 1) + 2 * canaries * delta * largest);
}

const audits = fc
  .tuple(fc.nat(120), fc.nat(120), fc.nat(120))
  .map((counts) => counts.toSorted((a, b) => a - b))
  .map(([correct = 0, guesses = 0, canaries = 0]) => audit(canaries, guesses, correct));
const epsilons = fc.double({ min: 0, max: 8, noNaN: true });
const deltas = fc.constantFrom(0, 1e-9, 1e-5, 1e-3, 0.1);

it("is the theorem's sum, to ten digits, and never below it", () => {
  fc.assert(
    fc.property(audits, epsilons, deltas, (audit, epsilon, delta) => {
      const truth = slowPValue(audit, epsilon, delta);
      const got = auditPValue(audit, epsilon, delta);
      expect(got).toBeGreaterThanOrEqual(Math.min(1, truth));
      expect(got).toBeLessThanOrEqual(truth * (1 + 3e-10));
    }),
    { numRuns: 300 },
  );
});

it("the bound is where the p-value passes the chance of a false alarm", () => {
  fc.assert(
    fc.property(
      audits,
      deltas,
      fc.constantFrom(0.9, 0.999, 1 - 1e-6),
      (audit, delta, confidence) => {
        const bound = auditLowerBound(audit, delta, confidence);
        if (bound > 0) expect(slowPValue(audit, bound, delta)).toBeLessThanOrEqual(1 - confidence);
        expect(slowPValue(audit, bound * (1 + 1e-8) + 2e-6, delta)).toBeGreaterThan(1 - confidence);
      },
    ),
  );
});

it("grows with right guesses, falls with wrong ones, canaries, delta and confidence", () => {
  const bound = ([canaries, guesses, correct]: readonly [number, number, number], delta = 1e-5) =>
    auditLowerBound(audit(canaries, guesses, correct), delta, 0.95);
  const base = [1000, 200, 180] as const;
  expect(bound([1000, 200, 181])).toBeGreaterThan(bound(base));
  expect(bound([1000, 201, 181])).toBeGreaterThan(bound(base));
  expect(bound([1000, 201, 180])).toBeLessThan(bound(base));
  expect(bound([1200, 200, 180])).toBeLessThan(bound(base));
  expect(bound(base, 1e-4)).toBeLessThan(bound(base));
  expect(bound(base, 0)).toBeGreaterThan(bound(base));
  expect(auditLowerBound(audit(...base), 1e-5, 0.99)).toBeLessThan(bound(base));
  let last = 1;
  for (let correct = 0; correct <= 200; correct++) {
    const got = auditPValue(audit(1000, 200, correct), 0.8, 1e-5);
    expect(got).toBeLessThanOrEqual(last);
    last = got;
  }
});

it("keeps its digits at a hundred thousand canaries", () => {
  // All right: p^r, and p^(r - 1) (1 - p) r for the one just below, in closed form.
  const [r, epsilon] = [100_000, 9];
  const failure = 1 / (1 + Math.exp(epsilon));
  const truth = Math.exp(r * Math.log1p(-failure));
  expect(auditPValue(audit(r, r, r), epsilon, 0) / truth).toBeCloseTo(1, 9);
  // Half of them right at epsilon 0: half of all mass, and half of that at the middle more.
  const middle = Math.exp(-1 / (4 * r)) * Math.sqrt(2 / (Math.PI * r));
  expect(auditPValue(audit(r, r, r / 2), 0, 0)).toBeCloseTo(0.5 + middle / 2, 9);
  const many = auditLowerBound(audit(r, r, 0.75 * r), 1e-9, 0.95);
  // log 3, less 1.645 deviations of its estimate, 1 / sqrt(r p (1 - p)) each, by the normal law.
  expect(many).toBeGreaterThan(Math.log(3) - 2 * Math.sqrt(16 / 3 / r));
  expect(many).toBeLessThan(Math.log(3) - 1.5 * Math.sqrt(16 / 3 / r));
});

it("refutes nothing without right guesses, or with no better ones than coins", () => {
  expect(auditLowerBound(audit(50, 0, 0), 1e-5, 0.95)).toBe(0);
  expect(auditLowerBound(audit(50, 20, 0), 0, 0.95)).toBe(0);
  expect(auditLowerBound(audit(50, 20, 10), 0, 0.95)).toBe(0);
  expect(auditPValue(audit(50, 0, 0), 3, 0)).toBe(1);
  for (const correct of [20, 10, 1]) expect(auditPValue(audit(50, 20, correct), 1e9, 0)).toBe(1);
});

it.each([
  [audit(10, 5, 6), 1, 0, 0.95],
  [audit(4, 5, 3), 1, 0, 0.95],
  [audit(10, 5, -1), 1, 0, 0.95],
  [audit(10, 5.5, 5), 1, 0, 0.95],
  [audit(10, Number.NaN, 5), 1, 0, 0.95],
  [audit(10, 5, 5), -1, 0, 0],
  [audit(10, 5, 5), Number.NaN, 0, 1],
  [audit(10, 5, 5), Number.POSITIVE_INFINITY, 0, 1],
  [audit(10, 5, 5), 1, 1, 0.95],
  [audit(10, 5, 5), 1, -1e-9, 0.95],
])("refuses %o at epsilon %d, delta %d, confidence %d", (bad, epsilon, delta, confidence) => {
  expect(() => auditPValue(bad, epsilon, delta)).toThrow(RangeError);
  expect(() => auditLowerBound(bad, delta, confidence)).toThrow(RangeError);
});

it.each([0, 1, -0.1, 1.1, Number.NaN])(
  "refuses a confidence of %d for what it is",
  (confidence) => {
    expect(() => auditLowerBound(audit(10, 5, 5), 0, confidence)).toThrow(
      `confidence ${confidence}`,
    );
  },
);

/**
 * One release under `central`: each canary is clipped, those whose coin says so are summed, rounded,
 * noised and decoded. The auditor guesses the coins of the `guesses` canaries that it is surest of.
 */
function auditedRelease(noiseMultiplier: number, seed: number): Audit {
  const [canaries, guesses, clipNorm] = [1000, 400, 0.5];
  const coins = stream(seededRoot(seed), "sample", 0);
  const joined = Array.from({ length: canaries }, () => coins.uint32() % 2 === 1);
  // Nearly one-hot: most of a canary's norm is where no other has much.
  const [own, next] = [3, 0.4].map((x) => (x * clipNorm) / Math.hypot(3, 0.4));
  if (own === undefined || next === undefined) throw new Error("two coordinates");
  const sum = new Float64Array(canaries);
  joined.forEach((joins, i) => {
    if (!joins) return;
    sum[i] = (sum[i] ?? 0) + own;
    const neighbour = (i + 1) % canaries;
    sum[neighbour] = (sum[neighbour] ?? 0) + next;
  });
  const { scale, sensitivity } = recordLattice(canaries, clipNorm, canaries);
  const noise = new Int32Array(canaries);
  const sigma = Math.ceil(noiseMultiplier * sensitivity);
  fillRoundedGaussian(noise, sigma, stream(seededRoot(seed), "centralNoise", 0));
  const released = decode(
    roundToLattice(sum, scale).map((steps, i) => steps + (noise[i] ?? 0)),
    scale,
  );
  // Above the middle between taking part and not, the neighbour's half included.
  const scores = Array.from(released, (x, i) => ({ i, score: x - (own + next) / 2 }));
  const surest = scores.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score)).slice(0, guesses);
  const correct = surest.filter(({ i, score }) => score > 0 === joined[i]).length;
  return audit(canaries, guesses, correct);
}

describe("our own central mechanism, audited at a false-alarm rate of 1e-6", () => {
  const [epsilon, delta, confidence, seed] = [2, 1e-9, 1 - 1e-6, 2];
  const noiseMultiplier = gaussianSigma(epsilon, delta, 1);

  it("keeps the epsilon that it claims", () => {
    expect(gaussianEpsilon(1 / noiseMultiplier, delta)).toBeLessThanOrEqual(epsilon);
    const result = auditedRelease(noiseMultiplier, seed);
    expect(auditLowerBound(result, delta, confidence)).toBeLessThanOrEqual(epsilon);
    // The auditor is no fool: by coins it would be right so often with a chance of 1e-6.
    expect(auditPValue(result, 0, 0)).toBeLessThan(1e-6);
  });

  it("is caught with a tenth of the noise", () => {
    const result = auditedRelease(noiseMultiplier / 10, seed);
    expect(auditLowerBound(result, delta, confidence)).toBeGreaterThan(epsilon);
  });
});
