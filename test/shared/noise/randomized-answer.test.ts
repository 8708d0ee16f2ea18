import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactFraction } from "../../../shared/noise/exact-fraction.ts";
import { Random } from "../../../shared/noise/random.ts";
import { randomizedAnswer, truthThreshold } from "../../../shared/noise/randomized-answer.ts";
import { CountedRandom } from "../../support/counted-random.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";
import { exponential, ONE } from "../../support/noise-table.ts";
import { logUniform } from "../../support/properties.ts";
import { chiSquareBounds, pearson } from "../../support/statistics.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));
const ALL = 1n << 128n;

describe("golden k_ary_randomized_response", () => {
  const cases = ofKind(goldenMechanisms.mechanisms, "k_ary_randomized_response");

  it.each(cases)("$id: $inputs", ({ inputs: { categories, epsilon }, expected, tolerance }) => {
    const truth = Number(truthThreshold(categories, epsilon)) / 2 ** 128;
    expect(Math.abs(truth / expected.prob_truth - 1)).toBeLessThan(tolerance.rel);
  });

  // Fixed seeds, and bounds that a right sampler breaks for one seed in two million.
  it.each(cases)("$id fits 40,000 answers", ({ inputs: { categories, epsilon }, expected }) => {
    const source = random(1);
    const truth = Math.floor(categories / 2);
    const answers = Array.from({ length: 40_000 }, () =>
      randomizedAnswer(truth, categories, epsilon, source),
    );
    expect(answers.every((x) => Number.isInteger(x) && x >= 0 && x < categories)).toBe(true);
    const mass = (x: number) => {
      if (x < 0 || x >= categories) return 0;
      return x === truth ? expected.prob_truth : expected.prob_each_other;
    };
    const { statistic, dof } = pearson(answers, mass, categories);
    expect(statistic).toBeLessThan(chiSquareBounds(dof, 5)[1]);
    // Not resampled over all categories, which would add the truth's share of that.
    const resampled = (x: number) =>
      x === truth ? expected.prob_truth + expected.prob_each_other : mass(x);
    if (expected.prob_each_other > 0.08) {
      const wrong = pearson(answers, resampled, categories);
      expect(wrong.statistic).toBeGreaterThan(chiSquareBounds(wrong.dof, 5)[1]);
    }
  });
});

it("has exactly epsilon or less, and no answer likelier than the truth, at any k and epsilon", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 2 ** 32 })),
      logUniform(2 ** -40, 100),
      (categories, epsilon) => {
        const threshold = truthThreshold(categories, epsilon);
        const others = BigInt(categories - 1);
        const { numerator, denominator } = exactFraction(epsilon);
        const ratio = exponential(numerator, denominator);
        // truth / (others' share / (k - 1)) ≤ e^epsilon; the other way round it is at most 1. The
        // oracle is short by less than 2^-480 of itself.
        expect(threshold * others * ONE <= (ALL - threshold) * (ratio + (ratio >> 480n))).toBe(
          true,
        );
        expect(threshold * others >= ALL - threshold).toBe(true);
        // And it is no further below the mechanism's own chance than it says.
        const due = (ALL * ratio) / (ratio + others * ONE);
        expect(due - threshold <= 1n && threshold <= due).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

/** Coins whose 128 bits are scripted; the other answer is the first one after the truth. */
const scripted = (bits: bigint) => ({
  bytes: () => Buffer.from(bits.toString(16).padStart(32, "0"), "hex").reverse(),
  below: () => 0,
});

it("tells the truth for 128 bits below the threshold, another answer from there on", () => {
  const threshold = truthThreshold(5, 1.3);
  expect(randomizedAnswer(4, 5, 1.3, scripted(threshold - 1n))).toBe(4);
  expect(randomizedAnswer(4, 5, 1.3, scripted(threshold))).toBe(0);
  expect(randomizedAnswer(4, 5, 1.3, scripted(0n))).toBe(4);
  expect(randomizedAnswer(4, 5, 1.3, scripted(ALL - 1n))).toBe(0);
});

it("reads the same bytes whatever the truth is", () => {
  const read = [0, 1, 6].map((truth) => {
    const source = new CountedRandom(Buffer.alloc(32, 2));
    for (let i = 0; i < 300; i++) randomizedAnswer(truth, 7, 0.5, source);
    return source.bytesRead;
  });
  expect(new Set(read).size).toBe(1);
});

it.each([
  [1, 1],
  [2.5, 1],
  [2 ** 32 + 1, 1],
  [Number.NaN, 1],
  [4, 0],
  [4, -1],
  [4, 2 ** -41],
  [4, 101],
  [4, Number.NaN],
])("refuses %d categories at epsilon %d", (categories, epsilon) => {
  expect(() => randomizedAnswer(0, categories, epsilon, random(3))).toThrow(RangeError);
});

it.each([-1, 4, 1.5, Number.NaN])("refuses the truth %d among 4 and does not say it", (truth) => {
  expect(() => randomizedAnswer(truth, 4, 1, random(4))).toThrow(
    /^truth: expected a whole number in \[0, 4\)$/,
  );
});
