import { describe, expect, it } from "vitest";
import { countRows } from "../../../client/training/count.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import type { Counts } from "../../../shared/privacy/terms.ts";
import { denseModel } from "../../support/nets.ts";
import { planWith } from "../../support/plans.ts";
import { chiSquareBounds } from "../../support/statistics.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 2);
const engine = fusedEngine(model);
const noise = (round = 0) => stream(seededRoot(3), "countNoise", round, 0, "c1");
const counts: Counts = {
  statistics: { noiseMultiplier: 10, classes: 2, histograms: [{ input: 1, bins: 4 }] },
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
const count = async (
  task: "statistics" | "evaluation",
  given: Parameters<typeof countRows>[2] = rows,
) => [...(await countRows(task, sign, given, engine, plan("none"), noise()))];

it("counts the labels, then each input's bins, the last closed above", async () => {
  expect(await count("statistics")).toEqual([6, 3, 2, 2, 2, 3]);
});

it("counts right and wrong ones of the broadcast model", async () => {
  // Inputs above it are slots 6, 7 and 8: predicted 1; slots 2, 5 and 8 are 1.
  expect(await count("evaluation")).toEqual([5, 4]);
  // A logit of 0 is no 1.
  const zero = await countRows(
    "evaluation",
    new Float32Array(3),
    rows,
    engine,
    plan("none"),
    noise(),
  );
  expect([...zero]).toEqual([6, 3]);
});

it("leaves out who is not in the population, and slots beyond it", async () => {
  const present = Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1);
  expect(await count("statistics", { ...rows, present })).toEqual([5, 3, 1, 2, 2, 3]);
  const few = planWith({ trust: "none", counts, targetEpsilon: null, population: 4, delta: 0.1 });
  const counted = await countRows("statistics", sign, rows, engine, few, noise());
  expect(counted.slice(0, 2)).toEqual(Int32Array.of(3, 1));
});

it("moves each histogram by one in one bin, whichever record is gone: √ of their number in L2", async () => {
  const whole = await count("statistics");
  for (let gone = 0; gone < 9; gone++) {
    const present = Uint8Array.from({ length: 9 }, (_, slot) => Number(slot !== gone));
    const without = await count("statistics", { ...rows, present });
    const square = whole.reduce((sum, x, i) => sum + (x - (without[i] ?? 0)) ** 2, 0);
    expect(square).toBe(2);
  }
});

describe("noise", () => {
  /** Noise on each count over many rounds, in planned deviations. */
  const drawn = async (task: "statistics" | "evaluation", stddev: number) => {
    const draws: number[] = [];
    const exact = await count(task);
    for (let round = 0; round < 500; round++) {
      const noised = await countRows(task, sign, rows, engine, plan("central"), noise(round));
      exact.forEach((x, i) => {
        draws.push(((noised[i] ?? Number.NaN) - x) / stddev);
      });
    }
    return draws;
  };

  it.each([
    // 10 · √2 rounded up, for a record is in two histograms; 7.5 rounded up.
    ["statistics", 15],
    ["evaluation", 8],
  ] as const)("is each client's own, whole, under central too: %s", async (task, stddev) => {
    const draws = await drawn(task, stddev);
    const statistic = draws.reduce((sum, x) => sum + x * x, 0);
    // Five deviations: a false alarm once in two million seeds. (Rounding adds 1/12 to σ².)
    const [low, high] = chiSquareBounds(draws.length, 5);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high * (1 + 1 / (12 * stddev ** 2)));
  });
});

it("counts as many labels as there are classes, whichever of them occur", async () => {
  const many: Counts = {
    statistics: { noiseMultiplier: 10, classes: 4, histograms: [] },
    evaluation: null,
  };
  const labels = Float32Array.of(3, 0, 3, 1, 3, 3, 0, 0, 3);
  const given = { ...rows, examples: { ...rows.examples, labels } };
  const all = planWith({ trust: "none", counts: many, targetEpsilon: null, statedNoise: null });
  const counted = await countRows("statistics", sign, given, engine, all, noise());
  expect([...counted]).toEqual([3, 1, 0, 5]);
});
