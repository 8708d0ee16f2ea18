/** Curves that no picture can show are told by their CSV, and it is said why. */
import { expect, it } from "vitest";
import { curvesOf } from "../../../compare/curve.ts";
import type { DoneResult } from "../../../compare/sweep-result.ts";
import { MOST_CURVES } from "../../../report/figures/accuracy-figure.ts";
import { writeCurves } from "../../../run/sweep/curve-files.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { doneResult } from "../../support/sweep-results.ts";

/** What is written of the curves of some results, and what is said of a missing figure. */
async function written(results: readonly DoneResult[]) {
  const files: string[] = [];
  const curves = curvesOf(results, (curve) => stream(seededRoot(1), "bootstrap", curve));
  const source = { name: "a sweep", murmur: "0.1.0" };
  const said = await writeCurves(source, curves, [], [], (name) => files.push(name));
  return { files, said };
}

it("says that baselines alone have no ε to be drawn against", async () => {
  const baselines = [7, 8].map((seed) => doneResult({ "privacy.trust": "none" }, seed, 0.8, null));
  const { files, said } = await written(baselines);
  expect(files).toEqual(["curve.csv"]);
  expect(said).toContain("no run of a bounded ε has finished");
});

it("says so too where rows decide how others are recoded, so that the raw table has none", async () => {
  const unbounded = { ...doneResult({ "privacy.epsilon": 1 }, 7, 0.8, null), noiseMultiplier: 1 };
  const { files, said } = await written([unbounded]);
  expect(files).toEqual(["curve.csv"]);
  expect(said).toContain("no figure");
});

it("says of more curves than can be told apart how many there are", async () => {
  const many = Array.from({ length: MOST_CURVES + 1 }, (_, i) =>
    doneResult({ "training.clipNorm": i + 1 }, 7, 0.8, 1),
  );
  const { files, said } = await written(many);
  expect(files).toEqual(["curve.csv"]);
  expect(said).toContain(
    `more than ${MOST_CURVES} curves cannot be told apart, and here are ${MOST_CURVES + 1}`,
  );
});
