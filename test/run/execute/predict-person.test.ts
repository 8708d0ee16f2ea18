/** One person in four layers, by hand: which class is named, and with what likelihood. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { predictionLines } from "../../../cli/screen/print-trace.ts";
import { predictPerson } from "../../../run/execute/predict-person.ts";
import type { PreparedPerson } from "../../../shared/events/host-report.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Loss } from "../../../shared/model/model-spec.ts";
import { ledgerOpening, makePlan } from "../../../shared/plan/plan.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
let ledgers = 0;

const FEATURES = `half: { formula: "income / 2", bounds: [0, 500] }
whole: { formula: "income", bounds: [0, 1000] }`;
const YES = '{ name: buys, column: bought, positive: "yes" }';
const CLASSES = "{ name: buys, column: bought, classes: [never, often, seldom] }";

/** Both inputs 1, straight to outputs: of each, kernel and bias sum up to what it is to be. */
async function predicted(target: string, loss: Loss, outputs: readonly number[]) {
  const scenario = peopleScenario({ target, features: FEATURES });
  const contract = await contractFor(scenario);
  const width = outputs.length;
  const sealed = makePlan(scenario, contract, "fused", {
    input: [1, 1, 2],
    layers: [{ kind: "dense", units: width, activation: "linear" }],
    loss,
    init: { kind: "zeros" },
  });
  const parameters = new Float32Array(3 * width);
  for (const [j, output] of outputs.entries()) {
    for (const [row, value] of [output - 3, 1, 2].entries()) parameters[row * width + j] = value;
  }
  const path = join(folder.path, `ledger-${ledgers++}.jsonl`);
  const { lines } = new Ledger(path, ledgerOpening(sealed, "07".repeat(16)));
  const person: PreparedPerson = {
    columns: ["income"],
    features: [
      { name: "half", value: 500 },
      { name: "whole", value: 1000 },
    ],
    inputs: Float32Array.of(1, 1),
    inputNames: ["half", "whole"],
  };
  const evidence = { contract, ledger: lines, modelHash: "" };
  return predictPerson(person, sealed.model, parameters, evidence);
}

it("tells the positive label's likelihood, however small", async () => {
  const prediction = await predicted(YES, "binaryCrossEntropy", [-2]);
  expect(prediction.label).toBe("buys");
  expect(prediction.likelihood).toBeCloseTo(0.119202922022118, 9); // 1 / (1 + e^2)
  expect(prediction.layers[2]?.lines).toEqual(["sigmoid(-2.0000) = 0.1192"]);
  expect(predictionLines(2, "buys", prediction)[0]).toContain("1 × 2 → buys likelihood 0.12");
});

it("names the likeliest of several classes, and its likelihood", async () => {
  // e^0, e^ln 5, e^ln 4: a tenth, a half, four tenths.
  const outputs = [0, Math.log(5), Math.log(4)];
  const prediction = await predicted(CLASSES, "categoricalCrossEntropy", outputs);
  expect(prediction.label).toBe("often");
  expect(prediction.likelihood).toBeCloseTo(0.5, 6);
  expect(prediction.layers[2]?.lines).toEqual([
    "softmax(0.0000 1.6094 1.3863) = 0.1000 0.5000 0.4000",
    "likeliest: often 0.5000",
  ]);
  expect(predictionLines(2, "buys", prediction)[0]).toContain("buys often, likelihood 0.50");
});

it("takes squared error's outputs for likelihoods, within 0 and 1", async () => {
  const prediction = await predicted(CLASSES, "meanSquaredError", [0.25, -0.5, 1.5]);
  expect(prediction).toMatchObject({ label: "seldom", likelihood: 1 });
  expect(prediction.layers[2]?.lines).toEqual([
    "clip to [0, 1] (0.2500 -0.5000 1.5000) = 0.2500 0.0000 1.0000",
    "likeliest: seldom 1.0000",
  ]);
});
