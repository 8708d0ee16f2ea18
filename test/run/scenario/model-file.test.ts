/** Scenarios whose model is a TensorFlow.js file: real runs, from that file's layers and weights on. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { buildModel } from "../../../shared/model/build-model.ts";
import { parametersHash } from "../../../shared/model/model.ts";
import { modelJson, weightBytes } from "../../../shared/model/saved/layers-format.ts";
import { murmur, runJson, scratch } from "../../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
let made = 0;

const SCENARIO = `
format: 1
name: from-file
seed: 3
data:
  source: { generator: purchases, rows: 60, testRows: 50 }
  columns:
    name: { role: directIdentifier }
    email: { role: directIdentifier }
    location: { role: drop }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    purchaseHistory: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 360, maxEvents: 50 }
  target: { name: boughtWithin30Days, event: purchaseHistory, within: 30 }
features:
  often: { formula: "count(purchaseHistory)", bounds: [0, 50], scale: log }
  recent: { formula: "min(purchaseHistory.daysBefore, 360)", bounds: [0, 360], scale: log }
model: { file: net/model.json }
training: { rounds: 2, learningRate: 1 }
privacy: { trust: none, delta: 0.005, population: 60, noise: seeded }
clients: { count: 3 }
`;

const NET = buildModel({
  input: [1, 1, 2],
  layers: [
    { kind: "dense", units: 3, activation: "relu" },
    { kind: "dense", units: 1, activation: "linear" },
  ],
  loss: "binaryCrossEntropy",
  init: { kind: "zeros" },
});
const BIAS = 3;
/** Distinct numbers in the first layer; then nothing but a bias, so that all start at one likelihood. */
const PARAMETERS = Float32Array.of(0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0, 0, 0, BIAS);

/** A folder with a scenario and files beside it. @returns the scenario's path */
function written(scenario: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const own = join(folder.path, `case-${made++}`);
  mkdirSync(own);
  for (const [name, content] of Object.entries({ "own.yaml": scenario, ...files })) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), content);
  }
  return join(own, "own.yaml");
}

const NET_FILES = {
  "net/model.json": JSON.stringify(modelJson(NET)),
  "net/weights.bin": weightBytes(PARAMETERS),
};
const outOf = (scenario: string) => ["--out", join(dirname(scenario), "run")];

it(
  "starts with the file's weights, under their hash in the plan, and trains on",
  async () => {
    const scenario = written(SCENARIO, NET_FILES);
    const result = await runJson(scenario, outOf(scenario));
    const plan = JSON.parse(readFileSync(join(result.runFolder, "plan.json"), "utf8"));
    const sha256 = parametersHash(PARAMETERS);
    expect(plan.model).toEqual({
      input: [1, 1, 2],
      layers: NET.layers.map(({ kind, outputs }, i) => {
        return { kind, units: outputs, activation: i === 0 ? "relu" : "linear" };
      }),
      loss: "binaryCrossEntropy",
      init: { kind: "given", sha256 },
    });
    // Everybody is called a buyer with one likelihood, so that the loss follows from who is one.
    const trace = JSON.parse(readFileSync(join(result.runFolder, "trace.json"), "utf8"));
    const { loss, accuracy } = trace.start;
    const due =
      accuracy * Math.log1p(Math.exp(-BIAS)) + (1 - accuracy) * Math.log1p(Math.exp(BIAS));
    expect(loss).toBeCloseTo(due, 5);
    expect(result.epochs).toHaveLength(2);
    expect(result.modelHash).not.toBe(sha256);
    expect((await murmur(["verify", result.runFolder])).status).toBe(0);
    expect((await murmur(["lint", scenario])).status).toBe(0);

    // What a run has trained is a file like any other.
    const model = (name: string) => readFileSync(join(result.runFolder, "model", name));
    const next = written(SCENARIO, {
      "net/model.json": model("model.json"),
      "net/weights.bin": model("weights.bin"),
    });
    const tuned = await runJson(next, outOf(next));
    const again = JSON.parse(readFileSync(join(tuned.runFolder, "plan.json"), "utf8"));
    expect(again.model.init).toEqual({ kind: "given", sha256: result.modelHash });
  },
  TIMEOUT_MS,
);

it(
  "draws weights where the file has none",
  async () => {
    const bare = JSON.stringify({ ...asObject(modelJson(NET)), weightsManifest: [] });
    const scenario = written(SCENARIO, { "net/model.json": bare });
    const result = await runJson(scenario, outOf(scenario));
    const plan = JSON.parse(readFileSync(join(result.runFolder, "plan.json"), "utf8"));
    expect(plan.model.init).toEqual({ kind: "glorotUniform" });
  },
  TIMEOUT_MS,
);

it.each([
  ["no such file", SCENARIO, {}, "path.missing (model.file)"],
  ["no JSON", SCENARIO, { "net/model.json": "PK" }, "text that is no JSON"],
  [
    "no weights beside it",
    SCENARIO,
    { "net/model.json": NET_FILES["net/model.json"] },
    "path.missing",
  ],
  [
    "too long a shard",
    SCENARIO,
    { ...NET_FILES, "net/weights.bin": new Uint8Array(53) },
    "file.size (model.file)",
  ],
  [
    "a file outside the scenario's folder",
    SCENARIO.replace("net/model.json", "../model.json"),
    NET_FILES,
    "path.escape (model.file)",
  ],
  [
    "other features than the model was made for",
    SCENARIO.replace(/^ {2}recent:.*\n/m, ""),
    NET_FILES,
    "model.file (net/model.json, its input)",
  ],
  [
    "a last activation that is not the loss's",
    SCENARIO.replace("model.json }", "model.json, loss: meanSquaredError }"),
    NET_FILES,
    "model.file (net/model.json, its last activation): got sigmoid",
  ],
  [
    "layers beside it",
    SCENARIO.replace("model.json }", "model.json, hidden: [4] }"),
    NET_FILES,
    "model.hidden (own.yaml): got [4], expected none with model.file",
  ],
  [
    "another kind",
    SCENARIO.replace("{ file:", "{ kind: mlp, file:"),
    NET_FILES,
    "model.kind (own.yaml): got mlp",
  ],
  [
    "the kind without the file",
    SCENARIO.replace("{ file: net/model.json }", "{ kind: file }"),
    NET_FILES,
    "model.file (own.yaml)",
  ],
] as const)(
  "is refused before anything runs: %s",
  async (_what, scenario, files, words) => {
    const path = written(scenario, files);
    const { status, stderr } = await murmur(["run", path, ...outOf(path)]);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  },
  TIMEOUT_MS,
);

function asObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new Error("no object");
  return value;
}
