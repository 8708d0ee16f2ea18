import { describe, expect, it } from "vitest";
import { countRows } from "../../client/count.ts";
import { fusedEngine } from "../../shared/engine/fused.ts";
import { buildModel } from "../../shared/model.ts";
import type { Counts } from "../../shared/privacy-terms.ts";
import { seededRoot, stream } from "../../shared/random.ts";
import { planWith } from "../support/plans.ts";
import { chiSquareBounds } from "../support/statistics.ts";

const model = buildModel({ kind: "logistic", activation: "tanh" }, 2);
const engine = fusedEngine(model);
const noise = (round = 0) => stream(seededRoot(3), "countNoise", round, 0, "c1");
const counts: Counts = {
  statistics: { noiseMultiplier: 10, classes: true, histograms: [{ input: 1, bins: 4 }] },
  evaluation: { noiseMultiplier: 7.5, every: 1 },
};
const plan = (trust: "central" | "local" | "none") =>
  planWith({ trust, counts, targetEpsilon: null, statedNoise: trust === "none" ? null : 20 });
/** Second inputs from -1 to 1, both ends included; labels 0, 0, 1 in turn. */
const rows = {
  examples: {
    count: 9,
    width: 2,
    inputs: Float32Array.from({ length: 18 }, (_, i) => (i % 2 ? (i - 9) / 8 : 0.5)),
    labels: Float32Array.from({ length: 9 }, (_, i) => Number(i % 3 === 2)),
  },
};
/** Says label 1 where the second input is above 0.3. */
const sign = Float32Array.of(0, 1, -0.3);
const count = (
  task: "statistics" | "evaluation",
  given: Parameters<typeof countRows>[2] = rows,
) => [...countRows(task, sign, given, engine, plan("none"), noise())];

it("counts the labels, then each input's bins, the last closed above", () => {
  expect(count("statistics")).toEqual([6, 3, 2, 2, 2, 3]);
});

it("counts right and wrong ones of the broadcast model", () => {
  // Inputs above it are slots 6, 7 and 8: predicted 1; slots 2, 5 and 8 are 1.
  expect(count("evaluation")).toEqual([5, 4]);
  // A logit of 0 is no 1.
  const zero = countRows("evaluation", new Float32Array(3), rows, engine, plan("none"), noise());
  expect([...zero]).toEqual([6, 3]);
});

it("leaves out who is not in the population, and slots beyond it", () => {
  const present = Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1);
  expect(count("statistics", { ...rows, present })).toEqual([5, 3, 1, 2, 2, 3]);
  const few = planWith({ trust: "none", counts, targetEpsilon: null, population: 4, delta: 0.1 });
  const counted = countRows("statistics", sign, rows, engine, few, noise());
  expect(counted.slice(0, 2)).toEqual(Int32Array.of(3, 1));
});

it("moves each histogram by one in one bin, whichever record is gone: √ of their number in L2", () => {
  const whole = count("statistics");
  for (let gone = 0; gone < 9; gone++) {
    const present = Uint8Array.from({ length: 9 }, (_, slot) => Number(slot !== gone));
    const without = count("statistics", { ...rows, present });
    const square = whole.reduce((sum, x, i) => sum + (x - (without[i] ?? 0)) ** 2, 0);
    expect(square).toBe(2);
  }
});

describe("noise", () => {
  /** Noise on each count over many rounds, in planned deviations. */
  const drawn = (task: "statistics" | "evaluation", stddev: number) =>
    Array.from({ length: 500 }, (_, round) => {
      const exact = count(task);
      const noised = countRows(task, sign, rows, engine, plan("central"), noise(round));
      return exact.map((x, i) => ((noised[i] ?? Number.NaN) - x) / stddev);
    }).flat();

  it.each([
    // 10 · √2 rounded up, for a record is in two histograms; 7.5 rounded up.
    ["statistics", 15],
    ["evaluation", 8],
  ] as const)("is each client's own, whole, under central too: %s", (task, stddev) => {
    const draws = drawn(task, stddev);
    const statistic = draws.reduce((sum, x) => sum + x * x, 0);
    // Five deviations: a false alarm once in two million seeds. (Rounding adds 1/12 to σ².)
    const [low, high] = chiSquareBounds(draws.length, 5);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high * (1 + 1 / (12 * stddev ** 2)));
  });
});
