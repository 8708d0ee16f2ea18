/** What a finished run is good for: verify, predict, export. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineText } from "../../shared/ledger/chain.ts";
import {
  chainLine,
  type LedgerEntry,
  type LedgerLine,
  readLines,
} from "../../shared/ledger/ledger-line.ts";
import { murmur, murmurProcess, runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
const run = join(folder.path, "run");
const ROW = JSON.stringify({
  name: "Anna",
  email: "anna@example.com",
  age: 34,
  location: "Lyon",
  purchaseHistory: [{ date: "2024-06-21T10:15:00Z", amount: 42.9 }],
});
let result: { epsilon: number; prediction: { likelihood: number } };
beforeAll(async () => {
  // A copy of the scenario, with a person of its own to predict.
  cpSync("scenarios", join(folder.path, "scenarios"), { recursive: true });
  const scenario = join(folder.path, "scenarios/purchases.yaml");
  writeFileSync(scenario, `${readFileSync(scenario, "utf8")}\npredict: { row: ${ROW} }\n`);
  result = await runJson(scenario, ["--out", run]);
}, TIMEOUT_MS);
afterAll(folder.remove);

/** A copy of the run, one of its files changed. */
function spoiled(file: string, change: (text: string) => string): string {
  const copy = join(folder.path, `spoiled-${readdirSync(folder.path).length}`);
  cpSync(run, copy, { recursive: true });
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path, "utf8")));
  return copy;
}

describe("predict", () => {
  it(
    "gives the run's own prediction for the run's own person",
    async () => {
      const { status, stdout, stderr } = await murmurProcess([
        "predict",
        run,
        "--row",
        ROW,
        "--json",
      ]);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toEqual(result.prediction);
    },
    TIMEOUT_MS,
  );

  it.each([
    ["no JSON", "{", "text that is no JSON"],
    ["a list", "[]", "no object"],
    ["a row without its columns", "{}", "--row"],
    ["a row with another column", ROW.replace('"age"', '"agee"'), "agee"],
    ["an age out of bounds", ROW.replace("34", "340"), "age"],
  ])(
    "refuses %s with exit 2, and repeats nothing of it",
    async (_, row, part) => {
      const { status, stdout, stderr } = await murmur(["predict", run, "--row", row]);
      expect(stderr).toContain(part);
      expect(stderr).not.toContain("anna@example.com");
      expect(stdout).toBe("");
      expect(status).toBe(2);
    },
    TIMEOUT_MS,
  );
});

describe("verify", () => {
  it(
    "finds the run's ε in its ledger",
    async () => {
      const { status, stdout } = await murmurProcess(["verify", run]);
      expect(status).toBe(0);
      expect(stdout).toContain("verified");
    },
    TIMEOUT_MS,
  );

  it.each([
    [
      "a changed byte in the ledger",
      "ledger.jsonl",
      (t: string) => t.replace('"round":2', '"round":3'),
      "line 6",
    ],
    [
      "a line taken out",
      "ledger.jsonl",
      (t: string) => t.replace(/^.*"seq":3,.*\n/m, ""),
      "line 4",
    ],
    [
      "two lines in each other's place",
      "ledger.jsonl",
      (t: string) => t.replace(/^(.*"seq":4,.*\n)(.*\n)/m, "$2$1"),
      "line 5",
    ],
    [
      "a line doubled",
      "ledger.jsonl",
      (t: string) => t.replace(/^.*"seq":5,.*\n/m, "$&$&"),
      "line 7",
    ],
    ["other line ends", "ledger.jsonl", (t: string) => t.replaceAll("\n", "\r\n"), "line 1)"],
    ["a last line without its end", "ledger.jsonl", (t: string) => t.slice(0, -1), "line 12)"],
    [
      "a tail cut off, naming the line that is missing,",
      "ledger.jsonl",
      (t: string) => t.replace(/^.*"seq":9,.*\n.*\n.*\n/m, ""),
      "line 10)",
    ],
    ["an anchor that is none", "anchor.json", () => "[]", "ledger.anchor"],
    [
      "an anchor further on",
      "anchor.json",
      (t: string) => t.replace('"seq":11', '"seq":12'),
      "line 13)",
    ],
    [
      "a manifest that knows another end of the ledger",
      "manifest.json",
      (t: string) => t.replace(/("ledger": \{\s*"seq": )11/, "$113"),
      "which manifest.json has seen",
    ],
    [
      "a manifest of a newer version",
      "manifest.json",
      (t: string) => t.replace('"format": 1', '"format": 2'),
      "manifest.json",
    ],
    [
      "a smaller ε in the rounds",
      "rounds.jsonl",
      (t: string) => t.replace(/"modelRecipients":0\.\d/, '"modelRecipients":0.0'),
      "round 0",
    ],
    [
      "another plan",
      "plan.json",
      (t: string) => t.replace('"momentum":0.5', '"momentum":0.25'),
      "plan.json",
    ],
    [
      "a plan that promises less noise",
      "plan.json",
      (t: string) => t.replace(/"noiseStddev":\d+/, '"noiseStddev":1'),
      "plan.noiseStddev",
    ],
  ])(
    "input checkpoint: a finished run with %s → murmur verify, exit 1",
    async (_, file, change, place) => {
      const { status, stderr } = await murmur(["verify", spoiled(file, change)]);
      expect(stderr).toContain(place);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );
});

/** The run's ledger written anew from its entries, so that its chain is whole whatever they say. */
function rechained(change: (entries: LedgerEntry[]) => LedgerEntry[]): string {
  return spoiled("ledger.jsonl", (text) => {
    const lines: LedgerLine[] = [];
    for (const entry of change(readLines(text, "run").map((line) => line.entry)))
      lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
    return lines.map((line) => `${lineText(line)}\n`).join("");
  });
}

/** The entries with something else in all of a kind. */
const altered = (kind: LedgerEntry["kind"], lie: object) => (entries: LedgerEntry[]) =>
  entries.map((entry) => (entry.kind === kind ? Object.assign({}, entry, lie) : entry));

/** The last attempt of the run aborted, and charged once more. */
function withOneMore(entries: LedgerEntry[]): LedgerEntry[] {
  const charge = entries.findLast(({ kind }) => kind === "charge");
  if (charge?.kind !== "charge") throw new Error("no charge");
  const { round, attempt } = charge;
  const abort = { kind: "abort", round, attempt, reason: "" } as const;
  const again = { ...charge, attempt: attempt + 1 };
  return entries.flatMap((entry) => {
    if (entry === charge) return [charge, abort, again];
    const moved = entry.kind === "release" && entry.round === round;
    return [moved ? { ...entry, attempt: attempt + 1 } : entry];
  });
}

describe("verify, of a ledger whose chain is whole,", () => {
  const gaussian = {
    mechanism: "gaussian",
    noiseMultiplier: 83,
    sampling: { kind: "full" },
    adjacency: "zeroOut",
  } as const;
  const none = { mechanism: "none" };
  const quiet = { modelRecipients: gaussian, otherClients: gaussian, coordinator: none };
  const blind = { modelRecipients: gaussian, otherClients: gaussian, coordinator: gaussian };
  it.each([
    ["ten times the noise", altered("charge", { events: quiet }), "run.damaged"],
    ["a noise against the coordinator", altered("charge", { events: blind }), "run.damaged"],
    ["a larger delta", altered("open", { chargedDelta: 0.5 }), "run.damaged"],
    ["no budget", altered("open", { budget: null }), "run.damaged"],
    ["another run", altered("open", { runId: "00".repeat(16) }), "run.damaged"],
    ["a charge left out", (all: LedgerEntry[]) => all.filter((_, i) => i !== 3), "ledger.sequence"],
    ["one more attempt than was paid for", withOneMore, "run.damaged"],
    ["a close cut off", (all: LedgerEntry[]) => all.slice(0, -1), "ledger.rollback"],
  ])(
    "finds %s",
    async (_, change, what) => {
      const { status, stderr } = await murmur(["verify", rechained(change)]);
      expect(stderr).toContain(what);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );

  it.each([
    ["rounds left out", "rounds.jsonl", (t: string) => t.split("\n").slice(0, 2).join("\n")],
    ["a round that is no round", "rounds.jsonl", () => "null\n"],
    [
      "a trace of other numbers",
      "trace.json",
      (t: string) => t.replace(/"accuracy": 0/g, '"accuracy": 1'),
    ],
    ["a model that is no JSON", "model/model.json", () => "{"],
  ])(
    "finds %s",
    async (_, file, change) => {
      const { status, stderr } = await murmur(["verify", spoiled(file, change)]);
      expect(stderr).toContain(file);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );
});

it(
  "neither exports nor trusts a model that was not released",
  async () => {
    const copy = join(folder.path, "flipped");
    cpSync(run, copy, { recursive: true });
    const weights = readFileSync(join(copy, "model/weights.bin"));
    weights[5] = (weights[5] ?? 0) ^ 1;
    writeFileSync(join(copy, "model/weights.bin"), weights);
    const exported = await murmur(["export", copy, "--out", join(folder.path, "flipped-model")]);
    expect(exported.stderr).toContain("the model released last");
    expect(exported.status).toBe(1);
    const predicted = await murmur(["predict", copy, "--row", ROW]);
    expect(predicted.stdout).toContain("✗ the model is the one");
    expect(predicted.status).toBe(1);
  },
  TIMEOUT_MS,
);

it(
  "exports a model that TensorFlow.js opens and that predicts alike",
  async () => {
    const out = join(folder.path, "model");
    const { status, stdout } = await murmurProcess(["export", run, "--out", out]);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n").at(-1)).toBe(join(out, "model.json"));
    const tf = await import("@tensorflow/tfjs-layers");
    const core = await import("@tensorflow/tfjs-core");
    await import("@tensorflow/tfjs-backend-cpu");
    const { modelTopology, weightsManifest } = JSON.parse(
      readFileSync(join(out, "model.json"), "utf8"),
    );
    const bytes = readFileSync(join(out, "weights.bin"));
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const weightSpecs = weightsManifest[0].weights;
    const model = await tf.loadLayersModel({
      load: async () => ({ modelTopology, weightSpecs, weightData }),
    });
    const { prediction } = JSON.parse(readFileSync(join(run, "trace.json"), "utf8"));
    const [, printed = ""] = /input 9: (.*)/.exec(prediction.layers[1].lines[0]) ?? [];
    const inputs = printed.split(" ").map(Number);
    expect(inputs).toHaveLength(9);
    const output = model.predict(core.tensor2d([inputs]));
    const [probability] = Array.isArray(output) ? [] : output.dataSync();
    // The printed inputs have three decimals.
    expect(probability).toBeCloseTo(result.prediction.likelihood, 2);
    expect((await murmur(["export", run, "--out", out])).status).toBe(2);
  },
  TIMEOUT_MS,
);

it.each(["run", "predict", "verify", "doctor", "export"])(
  "murmur %s --help ends with an example",
  async (command) => {
    const { status, stdout } = await murmur([command, "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n {2}npx murmur-fl ${command}`));
    for (const flag of ["--json", "--quiet"]) expect(stdout).toContain(flag);
  },
  TIMEOUT_MS,
);
