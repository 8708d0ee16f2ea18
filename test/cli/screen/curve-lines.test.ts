/** What a sweep says of its curves, and of the price of choosing among its runs. */
import { expect, it } from "vitest";
import { compositionLines, curveLines } from "../../../cli/screen/curve-lines.ts";
import type { Composition } from "../../../compare/composition.ts";
import { curvesOf } from "../../../compare/curve.ts";
import type { DrawnHeldOut } from "../../../run/scenario/sweep-plan.ts";
import { findings, type PrivatePrice } from "../../../run/sweep/findings.ts";
import { soFarParts } from "../../../shared/events/so-far-text.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { doneResult } from "../../support/sweep-results.ts";

const composition: Composition = {
  ...{ runs: 3, delta: 1e-5, by: "composition" },
  epsilon: { modelRecipients: 1.5, otherClients: 1.5, coordinator: null },
};
/** What is told of a sweep over private rows. */
const told = (own: Partial<Composition> = {}, heldOut: DrawnHeldOut | null = null) =>
  compositionLines({ composition: { ...composition, ...own }, heldOut }).join("\n");

it("is nothing on public rows, and nothing yet on private ones that no run was charged for", () => {
  expect(compositionLines(null).join()).toContain("public data");
  const nothing = { modelRecipients: 0, otherClients: 0, coordinator: 0 };
  expect(told({ runs: 0, epsilon: nothing })).toContain("no run was charged");
  expect(told({ runs: 0, epsilon: nothing })).not.toContain("public");
});

it("is what all runs cost together, by adversary, and no bound for the chosen one alone", () => {
  expect(told()).toContain(
    "all 3 runs on these rows together: ε 1.500 against whoever gets the model",
  );
  expect(told()).toContain("∞ against the coordinator");
  expect(told()).toContain("no private-selection bound");
  expect(told()).not.toContain("holds out");
  expect(told({ by: "addition" })).toContain("at δ 1e-5; claims added up, run by run");
  const none = { modelRecipients: null, otherClients: null, coordinator: null };
  expect(told({ by: "addition", epsilon: none })).toContain("ε ∞, no bound against anybody");
  expect(told({ by: "units differ" })).toContain("no bound");
});

it("says what the files have lost to all runs on them, or that no ledger says it", () => {
  const soFar = {
    ...{
      file: "rows.csv",
      runs: 12,
      unit: "record" as const,
      delta: 1e-5,
      contents: 1,
      limit: null,
    },
    epsilon: { modelRecipients: 4.25, otherClients: 4.25, coordinator: null },
  };
  const price = { composition, heldOut: null };
  for (const of of [compositionLines, (priced: PrivatePrice) => findings([], priced)]) {
    expect(of({ ...price, soFar: [soFar] }).join("\n")).toContain(
      "rows.csv, against whoever gets the model: these rows so far ε 4.250 in 12 runs",
    );
    expect(of({ ...price, soFar: null }).join("\n")).toContain("--no-data-ledger");
    expect(of(price).join("\n")).not.toMatch(/so far|ledger/);
  }
});

it("says that clients are taken to be the same wherever runs of unit client are composed", () => {
  const same = /unit client after unit client: a client is taken to be the same one/;
  expect(told({ unit: "client" })).toMatch(same);
  expect(told()).not.toMatch(same);
  const soFar = { file: "rows.csv", runs: 2, delta: 1e-5, contents: 1, limit: null } as const;
  const { epsilon } = composition;
  const parts = (unit: "record" | "client", runs: number) =>
    soFarParts([{ ...soFar, epsilon, unit, runs }]).join("\n");
  expect(parts("client", 2)).toMatch(same);
  expect(parts("client", 1)).not.toMatch(same);
  expect(parts("record", 2)).not.toMatch(same);
});

it("is of nobody whom a seed holds out, where each draws others from the private rows", () => {
  const heldOut = { seeds: 5, people: 1000 };
  for (const by of ["composition", "units differ"] as const) {
    expect(told({ by }, heldOut)).toContain("each of 5 seeds holds out others");
    expect(told({ by }, heldOut)).toContain("up to 1000 people are in no ε; data.source.testFile");
  }
  expect(told({}, heldOut)).toContain("of people whom no seed holds out: ε 1.500");
  expect(told({}, heldOut)).not.toContain("on these rows");
});

it("says which curves have no twin, and so nothing to tell of what noise costs", () => {
  const CLIP = "training.clipNorm";
  const noised = [1, 2].map((clip) =>
    doneResult({ [CLIP]: clip, "privacy.epsilon": 1 }, 7, 0.8, 1),
  );
  const baseline = doneResult({ [CLIP]: 1, "privacy.trust": "none" }, 7, 0.9, null);
  const told = (results: Parameters<typeof curvesOf>[0]) => {
    const curves = curvesOf(results, () => stream(seededRoot(1), "bootstrap"));
    const lines = curveLines(curves, []).filter((line) => line.includes("no run without noise"));
    expect(findings(curves, null)).toContain(lines.join().trim());
    return lines.join();
  };
  expect(told(noised)).toContain("no run without noise (privacy.epsilon=none): what noise costs");
  expect(told([...noised, baseline])).toContain(
    "no run without noise beside training.clipNorm=2 (",
  );
});

it("says how small an ε is enough, and an interval of it from five seeds on", () => {
  const told = (seeds: number) => {
    const results = Array.from({ length: seeds }, (_, seed) => [
      doneResult({ "privacy.epsilon": 1 }, seed, 0.8, 1),
      doneResult({ "privacy.trust": "none" }, seed, 0.8 + seed / 1000, null),
    ]);
    const curves = curvesOf(results.flat(), () => stream(seededRoot(1), "bootstrap"));
    return curveLines(curves, []).filter((line) => line.includes("within 1 point"));
  };
  const from = "    within 1 point of no noise: from ε 1.000 on";
  expect(told(1)).toEqual([`${from} (1 seed: too few for an interval)`]);
  expect(told(4)).toEqual([`${from} (4 seeds: too few for an interval)`]);
  expect(told(5)).toEqual([`${from} (95 %: 1.000 to 1.000, bootstrap over 5 seeds)`]);
});
