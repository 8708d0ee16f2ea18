/** The schema for editors, held against scenarios by a validator that is not zod (Ajv), and against zod's own word. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import {
  DESCRIPTIONS,
  scenarioJsonSchema,
  scenarioJsonSchemaText,
} from "../../../run/editor/scenario-schema.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { ROOT } from "../../support/murmur.ts";

const SCENARIOS = join(ROOT, "scenarios");
const FILES = readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml"));
const validates = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(scenarioJsonSchema());
const textOf = (name: string) => readFileSync(join(SCENARIOS, name), "utf8");

/** A scenario with the value at a dotted key replaced; undefined takes the key away. */
function changed(name: string, path: string, value: unknown): Record<string, unknown> {
  const scenario = parse(textOf(name));
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const block = keys.reduce((inner, key) => inner[key], scenario);
  if (value === undefined) delete block[last];
  else block[last] = value;
  return scenario;
}

/** Whether the two agree on it: Ajv by the schema, and zod by itself. */
function verdicts(scenario: unknown): { readonly schema: boolean; readonly zod: boolean } {
  const schema = validates(scenario);
  try {
    parseScenario(stringify(scenario), "scenario.yaml");
    return { schema, zod: true };
  } catch {
    return { schema, zod: false };
  }
}

it("is shipped as it is generated", () => {
  expect(textOf("scenario.schema.json")).toBe(scenarioJsonSchemaText());
});

it("has seen the shipped scenarios", () => {
  expect(FILES.length).toBeGreaterThanOrEqual(14);
});

it.each(FILES)("takes %s, whose first line leads an editor to it", (name) => {
  expect(textOf(name).split("\n")[0]).toBe("# yaml-language-server: $schema=scenario.schema.json");
  validates(parse(textOf(name)));
  expect(validates.errors ?? []).toEqual([]);
});

it.each<readonly [what: string, file: string, path: string, value: unknown]>([
  ["an unknown key", "purchases.yaml", "training.epochs", 3],
  ["an unknown key at the top", "purchases.yaml", "privcy", {}],
  ["an unknown key of a feature", "purchases.yaml", "features.recency.bound", [0, 360]],
  ["text for a number", "purchases.yaml", "privacy.epsilon", "1"],
  ["a number for a list", "purchases.yaml", "features.recency.bounds", 360],
  ["a list that is too long", "purchases.yaml", "features.recency.bounds", [0, 1, 2]],
  ["a list that is too short", "purchases.yaml", "features.recency.bounds", [0]],
  ["no whole number", "purchases.yaml", "training.rounds", 2.5],
  ["a number that is too small", "purchases.yaml", "clients.count", 0],
  ["a chance of one", "purchases.yaml", "clients.dropOut", 1],
  ["a word that is none of the list", "purchases.yaml", "privacy.trust", "centrel"],
  ["an algorithm that nobody has", "purchases.yaml", "training.algorithm", "dpSdg"],
  ["a layer that nobody has", "mnist-cnn.yaml", "model.layers.0.kind", "dropout"],
  ["another layer's key", "mnist-cnn.yaml", "model.layers.0.units", 3],
  [
    "a schedule without its end",
    "purchases.yaml",
    "training.learningRate",
    { schedule: "cosine", start: 1 },
  ],
  ["a name that is no identifier", "purchases.yaml", "features", { "Age band": { formula: "1" } }],
  ["no feature", "purchases.yaml", "features", {}],
  ["no day", "purchases.yaml", "data.columns.purchaseHistory.cutOff", "30.6.2024"],
  ["a missing block", "purchases.yaml", "privacy", undefined],
  ["a missing key", "purchases.yaml", "privacy.population", undefined],
  ["another role's key", "purchases.yaml", "data.columns.email.bounds", [0, 1]],
  [
    "an event log without its cut-off",
    "purchases.yaml",
    "data.columns.purchaseHistory.cutOff",
    undefined,
  ],
  ["a fault that nobody has", "faulty.yaml", "clients.faults.0.kind", "explode"],
])("refuses %s, as zod does", (_, file, path, value) => {
  expect(verdicts(changed(file, path, value))).toEqual({ schema: false, zod: false });
});

it.each<readonly [what: string, file: string, path: string, value: unknown]>([
  ["nothing else", "purchases.yaml", "seed", 7],
  ["a rate alone", "purchases.yaml", "training.learningRate", 0.5],
  [
    "a schedule",
    "purchases.yaml",
    "training.learningRate",
    { schedule: "linear", start: 1, end: 0.1 },
  ],
  ["an optimizer's bare kind", "faulty.yaml", "training.serverOptimizer", "adam"],
  [
    "an optimizer with a number",
    "faulty.yaml",
    "training.serverOptimizer",
    { kind: "yogi", beta2: 0.9 },
  ],
  ["an algorithm from outside", "purchases-clients.yaml", "training.algorithm", "outside/mine"],
  ["a window of two sides", "mnist-cnn.yaml", "model.layers.0.size", [5, 3]],
  ["the person beside the source", "online-retail.yaml", "data", personBeside()],
  [
    "numbers in a vocabulary",
    "clinics.yaml",
    "data.columns.ward.vocabulary",
    ["surgery", "medicine", "heart", 4],
  ],
  ["no model", "purchases.yaml", "model", undefined],
])("takes %s, as zod does", (_, file, path, value) => {
  expect(verdicts(changed(file, path, value))).toEqual({ schema: true, zod: true });
});

function personBeside(): unknown {
  const { data } = parse(textOf("online-retail.yaml"));
  const { person, ...source } = data.source;
  return { ...data, person, source };
}

it("says of every key what it means, in one sentence", () => {
  const sentences = [...scenarioJsonSchemaText().matchAll(/"description": (".*")/g)].map(
    ([, text = '""']): string => JSON.parse(text),
  );
  expect(sentences.length).toBeGreaterThan(200);
  const odd = sentences.filter(
    (text) => !/^(?:[A-Z]|[a-z]+ (?:pads|weighs)|logistic).*\.$/.test(text),
  );
  expect(odd).toEqual([]);
});

it("cannot be made where a key has no sentence, nor where a sentence has no key", () => {
  const without = new Map(DESCRIPTIONS);
  without.delete("training.rounds");
  expect(() => scenarioJsonSchema(without)).toThrow(/no description .* key training\.rounds$/);
  const more = new Map([...DESCRIPTIONS, ["training.epochs", "Nothing."]]);
  expect(() => scenarioJsonSchema(more)).toThrow(/no key .* called training\.epochs$/);
});
