/** The library's front door: one run, and what the other functions make of it. */
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  BudgetError,
  exportModel,
  lint,
  planScenario,
  predict,
  type RunResult,
  readScenario,
  ScenarioError,
  simulate,
  verify,
} from "../murmur.ts";
import { scratch } from "./support/murmur.ts";

const SCENARIO = "scenarios/purchases.yaml";
const SHORT = {
  "training.rounds": 2,
  "training.learningRate": 1,
  "data.source.rows": 200,
  "privacy.population": 200,
};
const OPTIONS = { seed: 5, set: { ...SHORT, "privacy.epsilon": 0.5 } };
const ROW = { name: "A", age: 34, location: "Lyon", purchaseHistory: [], email: "a@example.com" };

const folder = scratch();
const run = join(folder.path, "run");
let result: RunResult;
const printed = vi.spyOn(process.stdout, "write");
const warned = vi.spyOn(process.stderr, "write");

beforeAll(async () => {
  result = await simulate(SCENARIO, { ...OPTIONS, out: run });
});
afterAll(folder.remove);

/** A copy of the run with one file changed. */
function damaged(name: string, file: string, change: (text: string) => string): string {
  const copy = join(folder.path, name);
  cpSync(run, copy, { recursive: true });
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path, "utf8")));
  return copy;
}

describe("planScenario", () => {
  it("has the plan of the run, and the ε that it came to", async () => {
    const planned = await planScenario(SCENARIO, OPTIONS);
    expect(planned.hash).toBe(result.planHash);
    expect(planned.plan).toEqual(result.plan);
    const against = planned.guarantees.find(({ adversary }) => adversary === "modelRecipients");
    expect(against?.raw).toEqual(
      result.guarantees.find(({ adversary }) => adversary === "modelRecipients")?.raw,
    );
  });

  it("takes a scenario's content, and refuses what a run refuses", async () => {
    const scenario = await readScenario(SCENARIO, OPTIONS);
    expect(scenario.seed).toBe(5);
    expect(scenario.privacy.epsilon).toBe(0.5);
    const options = { set: { "privacy.epsilon": -1 } };
    await expect(planScenario(SCENARIO, options)).rejects.toThrow(ScenarioError);
    await expect(planScenario({})).rejects.toThrow(/the scenario/);
  });
});

describe("verify", () => {
  it("gives what the ledger gives", () => {
    const verified = verify(run);
    expect(verified.finished).toBe(true);
    expect(verified.modelHash).toBe(result.model.hash);
    expect(verified.epsilons.modelRecipients).toBe(result.rounds.at(-1)?.epsilon.modelRecipients);
    expect(verified.epsilons.modelRecipients).toBeCloseTo(0.5, 3);
    expect([verified.charges, verified.releases]).toEqual([2, 2]);
    expect(verified.rounds).toEqual(result.rounds);
    expect(verified.ledger).toEqual(result.ledger);
    expect(verified.claim).toContain("unit record");
  });

  it.each([
    ["an ε", "rounds.jsonl", (text: string) => text.replace(/0\.\d{6}/, "0.111111")],
    ["a charge", "ledger.jsonl", (text: string) => text.replace(/"round":1/, '"round":0')],
    ["the manifest", "manifest.json", (text: string) => text.replace('"seed": 5', '"seed": 6')],
  ])("throws a BudgetError where somebody changed %s", (name, file, change) => {
    expect(() => verify(damaged(name, file, change))).toThrow(BudgetError);
  });

  it("throws a ScenarioError for what is no run folder", () => {
    expect(() => verify(folder.path)).toThrow(ScenarioError);
  });
});

describe("predict", () => {
  it("takes one person through the model, in four layers, and leaves the row as it was", () => {
    const row = { ...ROW };
    const prediction = predict(run, row);
    expect(prediction.layers).toHaveLength(4);
    expect(prediction.checked).toBe(true);
    expect(prediction.likelihood).toBeGreaterThan(0);
    expect(prediction.likelihood).toBeLessThan(1);
    expect(row).toEqual(ROW);
  });

  it("refuses a row without the columns, and names no value of it", () => {
    expect(() => predict(run, {})).toThrow(ScenarioError);
    const odd = { ...ROW, age: "Ada Lovelace" };
    expect(() => predict(run, odd)).toThrow(ScenarioError);
    expect(() => predict(run, odd)).not.toThrow(/Lovelace/);
  });
});

describe("exportModel", () => {
  it("makes a folder of the released model, once", () => {
    const out = join(folder.path, "model");
    const exported = exportModel(run, out);
    expect(exported.model).toBe(join(out, "model.json"));
    expect(exported.parameters).toBe(result.model.parameters.length);
    const [weights] = JSON.parse(readFileSync(exported.model, "utf8")).weightsManifest;
    const bytes = Buffer.concat(weights.paths.map((path: string) => readFileSync(join(out, path))));
    expect(bytes.length).toBe(4 * exported.parameters);
    expect(existsSync(join(out, "provenance.json"))).toBe(true);
    expect(() => exportModel(run, out)).toThrow(/something that exists/);
  });

  it("does not export a damaged run", () => {
    const copy = damaged("a tail", "ledger.jsonl", (text) => text);
    appendFileSync(join(copy, "ledger.jsonl"), "{}\n");
    const out = join(folder.path, "damaged model");
    expect(() => exportModel(copy, out)).toThrow(BudgetError);
    expect(existsSync(out)).toBe(false);
  });
});

describe("lint", () => {
  it("says what the run would cost, and runs nothing", async () => {
    const report = await lint(SCENARIO, OPTIONS);
    const { byRound } = report.cost;
    expect(byRound.at(-1)?.epsilon).toEqual(result.rounds.at(-1)?.epsilon);
    expect(report.noise.perClip).toBeGreaterThan(0);
  });
});

it("writes nothing to stdout or stderr", () => {
  expect(printed).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
});
