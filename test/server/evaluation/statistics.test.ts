import { expect, it } from "vitest";
import { statisticLines } from "../../../cli/screen/print-trace.ts";
import { statisticsOf } from "../../../server/evaluation/statistics.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { sealedWith } from "../../support/plans.ts";

const { contract, privacy } = sealedWith({
  targetEpsilon: null,
  statedNoise: 20,
  counts: {
    statistics: {
      noiseMultiplier: 2,
      classes: 2,
      histograms: [
        { input: 2, bins: 4 },
        { input: 0, bins: 2 },
      ],
    },
    evaluation: null,
  },
}).plan;
const [age] = contract.features;
if (age?.kind !== "number") throw new Error("no number");
const group = {
  ...age,
  name: "group",
  kind: "oneHot",
  bounds: null,
  scale: "linear",
  width: 1,
  labels: ["group=a"],
} as const;
const spend = { ...age, name: "spend", bounds: [0, Math.expm1(4)], scale: "log" } as const;
const wide: Contract = { ...contract, features: [age, group, spend] };

it("names what was counted, in the order of the counts", () => {
  const all = statisticsOf(Int32Array.of(30, 10, 10, 10, 10, 10, 3, 4), privacy, wide);
  expect(all.map(({ name }) => name)).toEqual(["label", "spend", "age"]);
  expect(all.map(({ counts }) => counts)).toEqual([
    [30, 10],
    [10, 10, 10, 10],
    [3, 4],
  ]);
  expect(all[0]?.quantiles).toBeNull();
  // 2 · √3 rounded up, of five clients.
  for (const { noiseStddev } of all) expect(noiseStddev).toBeCloseTo(4 * Math.sqrt(5), 12);
});

it("gives quantiles in the feature's own units, through its scale", () => {
  const [, spends, ages] = statisticsOf(Int32Array.of(0, 0, 10, 10, 10, 10, 30, 10), privacy, wide);
  const median = (of: typeof ages) => of?.quantiles?.find(([share]) => share === 0.5)?.[1];
  expect(median(spends)).toBeCloseTo(Math.expm1(2), 9);
  // Two thirds of [0, 60) hold half of forty.
  expect(median(ages)).toBeCloseTo(40, 9);
});

it("takes noise below zero for nobody", () => {
  const [, spends] = statisticsOf(Int32Array.of(0, 0, -50, 20, -7, 0, 0, 0), privacy, wide);
  for (const [, value] of spends?.quantiles ?? []) {
    expect(value).toBeGreaterThanOrEqual(Math.expm1(1));
    expect(value).toBeLessThanOrEqual(Math.expm1(2) + 1e-9);
  }
});

it("names the classes that are listed, in the order of their counts", () => {
  const target = {
    kind: "classes",
    name: "digit",
    column: "digit",
    classes: ["4", "7", "9"],
  } as const;
  const counts = {
    statistics: { noiseMultiplier: 2, classes: 3, histograms: [] },
    evaluation: null,
  };
  const [told] = statisticsOf(Int32Array.of(5, 0, 8), { ...privacy, counts }, { ...wide, target });
  expect(told).toMatchObject({ name: "digit", names: ["4", "7", "9"], counts: [5, 0, 8] });
  expect(statisticLines(told ? [told] : [])[1]).toMatch(/digit: 4: 5, 7: 0, 9: 8, each count ± \d/);
});
