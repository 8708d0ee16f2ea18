/** Mistyped keys and values of the blocks that take several forms: what is told of each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { ScenarioError } from "../../../../shared/errors.ts";
import { parseScenario } from "../../../../shared/scenario/scenario.ts";

const FILE = join(import.meta.dirname, "../../../../scenarios/purchases.yaml");
const TEXT = readFileSync(FILE, "utf8");

/** purchases.yaml with so many blocks replaced, each by YAML. */
function written(pairs: readonly (readonly [path: string, value: string])[]): string {
  const scenario = parseDocument(TEXT);
  for (const [path, value] of pairs) scenario.setIn(path.split("."), parse(value));
  return scenario.toString();
}

function refusal(...pairs: readonly (readonly [path: string, value: string])[]): string {
  try {
    parseScenario(written(pairs), "own.yaml");
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return "none";
}

it.each([
  ["model", "{ kind: mpl, hidden: [4] }", "model.kind", "Did you mean mlp?"],
  ["model", "{ kind: mlp, hiden: [4] }", "model.hiden", "Did you mean hidden?"],
  ["model", "{ kind: mlp, hidden: 4 }", "model.hidden", "got 4, expected a list."],
  ["model", "{ kind: mlp }", "model.hidden", "expected a list with kind: mlp. Add one"],
  ["model", "{ kind: softmax, hidden: [4] }", "model.hidden", "none with kind: softmax"],
  ["model", "{ kind: mlp, hidden: [4], init: he }", "model.init", "Did you mean heNormal?"],
  ["model", "{ kind: cnn, layers: [8] }", "model.layers.0", "expected keys and their values"],
  [
    "model",
    "{ kind: cnn, layers: [{ kind: convolution }] }",
    "model.layers.0.kind",
    "Did you mean conv?",
  ],
  // The key that is missing is the one that was mistyped.
  [
    "model",
    "{ kind: cnn, layers: [{ kind: conv, filter: 4 }] }",
    "model.layers.0.filter",
    "Did you mean filters?",
  ],
  [
    "model",
    "{ kind: cnn, layers: [{ kind: pool, sise: 2 }] }",
    "model.layers.0.sise",
    "one of kind, pooling, size, stride, padding.",
  ],
  [
    "model",
    "{ kind: cnn, layers: [{ kind: conv, filters: 4, size: [1, 2, 3] }] }",
    "model.layers.0.size",
    "or two: [height, width]",
  ],
  [
    "training.serverOptimizer",
    "{ kind: adma }",
    "training.serverOptimizer.kind",
    "Did you mean adam?",
  ],
  [
    "training.serverOptimizer",
    "{ kind: adam, beta_1: 0.5 }",
    "training.serverOptimizer.beta_1",
    "one of kind, beta1, beta2, epsilon. Did you mean beta1?",
  ],
  [
    "training.learningRate",
    "{ schedule: cos, start: 1 }",
    "training.learningRate.schedule",
    "Did you mean cosine?",
  ],
  [
    "training.learningRate",
    "{ schedule: cosine, start: 1 }",
    "training.learningRate.end",
    "got nothing, expected a finite number",
  ],
  [
    "training.learningRate",
    "{ schedule: step, start: 1, factor: 0.5, evry: 2 }",
    "training.learningRate",
    "evry",
  ],
  ["training.averaging", "{ kind: ema, decya: 0.9 }", "averaging.decya", "Did you mean decay?"],
  ["training.algorithm", "fedavg", "training.algorithm", "Did you mean fedAvg?"],
  ["evaluation", "{ perclient: true }", "evaluation.perclient", "Did you mean perClient?"],
  ["evaluation", "{ perClient: maybe }", "evaluation.perClient", "expected true or false"],
  ["clients.faults", "[{ kind: garbag }]", "0.kind", "Did you mean garbage?"],
  ["clients.faults", "[{ kind: hang, factor: 2 }]", "0.factor", "Remove it."],
  ["clients.faults", "[{ kind: slow, second: 2 }]", "0.second", "Did you mean seconds?"],
  ["clients.stragglers", "{ shar: 0.3, localEpochs: 1 }", "stragglers.shar", "Did you mean share?"],
  ["data.target", "{ name: a, column: b, clases: [a] }", "target.clases", "Did you mean classes?"],
] as const)("%s: %s", (path, value, place, words) => {
  const told = refusal([path, value]);
  expect(told).toContain(place);
  expect(told).toContain(words);
  expect(told).not.toMatch(/Invalid|discriminator|received|\|/);
});

it("never tells a key that stands in the scenario, wherever in its block", () => {
  for (const value of ["s3cret-text", "{ env: s3cret-text }", "{ env: A, file: s3cret-text }"]) {
    const told = refusal(
      ["data.columns.name.action", "pseudonym"],
      ["data.columns.name.key", value],
    );
    expect(told).toContain("keyInScenario");
    expect(told).not.toContain("s3cret");
  }
});

it("takes the kind of model from what else is said of it", () => {
  const kindOf = (...set: (readonly [path: string, value: string])[]) =>
    parseScenario(written(set), "own.yaml").model.kind;
  expect(kindOf(["model", "{ hidden: [4] }"])).toBe("mlp");
  expect(kindOf(["model", "{ layers: [{ kind: activation, activation: relu }] }"])).toBe("cnn");
  expect(kindOf(["model", "{}"])).toBe("logistic");
  const classes = ["data.target", "{ name: a, column: b, classes: [0, 1, 2] }"] as const;
  expect(kindOf(classes, ["model", "{}"])).toBe("softmax");
  expect(kindOf(classes, ["model", "{ loss: meanSquaredError }"])).toBe("softmax");
  expect(kindOf(classes, ["model", "{ hidden: [4] }"])).toBe("mlp");
});
