/** Formulas that a stranger might write: each is refused before anything runs, by what is wrong with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sealScenario } from "../../run/scenario/seal-scenario.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { SCENARIOS } from "../support/contracts.ts";
import { problemOf } from "../support/problem.ts";

const FILE = join(SCENARIOS, "purchases.yaml");
const whole = readFileSync(FILE, "utf8");
const PLACE = '"min(purchaseHistory.daysBefore, 360)"';

/** With `formula` in a feature's place: from the text to a sealed plan, as a run goes. */
async function seal(formula: string): Promise<void> {
  const text = whole.replace(PLACE, JSON.stringify(formula));
  if (text === whole) throw new Error(`no ${PLACE} in the scenario`);
  await sealScenario(parseScenario(text, "purchases.yaml"), FILE);
}

it("takes the formula that the others stand in for", async () => {
  expect(await problemOf(() => seal("max(0, min(purchaseHistory.daysBefore, 360))"))).toBe(
    "no refusal",
  );
});

it.each([
  "import({})",
  'createUnit("x")',
  "cos.constructor",
  "f(x)=f(x)",
  "x=1",
  '"a".toUpperCase()',
  "zeros(1e4,1e4)",
  "1:1e9",
  "9^9^9^9",
  "[1,2][1]",
  "{a:1}.a",
  "mean(purchaseHistory.amount, empty: 0)",
  "age-band",
  "unknownColumn",
  "mean()",
  'evaluate("1")',
  "config({})",
  "purchaseHistory.x = 1",
  "this",
  "1/0",
  "email",
  "name",
])("input expression: %s → expression", async (formula) => {
  expect(await problemOf(() => seal(formula))).toBe("ScenarioError expression");
});

// The schema counts characters first: its place is the key.
it.each([
  { input: "nothing", formula: "" },
  { input: "5,000 brackets", formula: `${"(".repeat(5_000)}1${")".repeat(5_000)}` },
  { input: "10 kB of it", formula: `1${"+1".repeat(5_000)}` },
])("input expression: $input → its key", async ({ formula }) => {
  expect(await problemOf(() => seal(formula))).toBe("ScenarioError features.recency.formula");
});

it.each([
  { input: "51 brackets", formula: `${"(".repeat(51)}1${")".repeat(51)}` },
  { input: "more than 200 parts", formula: Array.from({ length: 201 }, () => "1").join("+") },
])("input expression: $input → expression", async ({ formula }) => {
  expect(await problemOf(() => seal(formula))).toBe("ScenarioError expression");
});
