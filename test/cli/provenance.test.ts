/** What a model file brings along: by the real commands, on rows that are private. */
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exportModel } from "../../cli/commands/export.ts";
import { verify } from "../../cli/commands/verify.ts";
import { lintScenario } from "../../run/lint/report.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { effort } from "../support/effort.ts";
import { murmur, runJson, scratch } from "../support/murmur.ts";
import { problemOf } from "../support/problem.ts";

const TIMEOUT_MS = 240_000;
const folder = scratch();
const at = (name: string) => join(folder.path, name);
afterAll(folder.remove);

const ROWS = 240;
const DELTA = 1e-4;
function scenario(name: string, model: string, privacy: string): string {
  const path = at(`${name}.yaml`);
  writeFileSync(
    path,
    `
format: 1
name: ${name}
seed: 3
data:
  source: { file: own.csv, testRows: 40 }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    days: { role: sensitive, type: integer, bounds: [0, 30] }
    returned: { role: target }
  target: { name: returns, column: returned, positive: "yes" }
features:
  age: { formula: "age", bounds: [0, 120] }
  days: { formula: "days", bounds: [0, 30] }
model: ${model}
training: { rounds: 2, learningRate: 1 }
privacy: { ${privacy}, delta: ${DELTA}, population: ${ROWS - 40} }
clients: { count: 3 }
`,
  );
  return path;
}

const LOGISTIC = "{ kind: logistic }";
const quiet = { quiet: true } as const;
const claims = async (file: string) =>
  (await lintScenario(await readScenario(file, { set: [] }), file)).cost.claims.map(
    ({ raw }) => raw,
  );
const lintProblem = (file: string) => problemOf(() => claims(file));

let after: { epsilon: number | null; claim: string; claims: { raw: number | null }[] };
let composed: typeof after;

beforeAll(async () => {
  let state = 5;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const rows = Array.from({ length: ROWS }, () => {
    const [age, days, luck] = [random(), random(), random()];
    return `${20 + Math.floor(60 * age)},${Math.floor(30 * days)},${luck < age ? "yes" : "no"}`;
  });
  writeFileSync(at("own.csv"), `age,days,returned\n${rows.join("\n")}\n`);
  await runJson(scenario("bare", LOGISTIC, "trust: none"), ["--out", at("bare")]);
  exportModel(at("bare"), { ...quiet, out: at("from-bare") });
  const onto = scenario("onto-bare", "{ file: from-bare/model.json }", "trust: local, epsilon: 1");
  after = await runJson(onto, ["--out", at("onto-bare")]);
  const swept = scenario("swept", LOGISTIC, "trust: local, epsilon: 1");
  const over = ["--over", "privacy.epsilon=0.5,0.25", "--repeat", "1", "--jobs", "1"];
  const { status, stderr } = await murmur([
    "sweep",
    swept,
    ...over,
    "--out",
    at("sweep"),
    "--quiet",
  ]);
  if (status !== 0) throw new Error(stderr);
  const point = join(at("sweep/runs"), readdirSync(at("sweep/runs")).sort()[0] ?? "");
  cpSync(join(point, "model"), at("by-hand"), { recursive: true });
  exportModel(point, { ...quiet, out: at("from-sweep") });
  const onSweep = scenario(
    "on-sweep",
    "{ file: from-sweep/model.json }",
    "trust: local, epsilon: 1",
  );
  composed = await runJson(onSweep, ["--out", at("on-sweep")]);
}, TIMEOUT_MS);

describe("a private run from weights of a run that noised nothing", () => {
  it("claims nothing, where it said ε 1.000 within the budget, and says why", () => {
    expect(after.claims.map(({ raw }) => raw)).toEqual([null, null, null]);
    expect(after.epsilon).toBeNull();
    expect(after.claim).toContain("comes from 1 run on private rows, as its provenance states");
    const page = readFileSync(at("onto-bare/report.html"), "utf8");
    expect(page).toContain("no guarantee: a run that model.file comes from gives none");
  });
});

describe("a private run from a sweep's point", () => {
  it("counts all the sweep's runs in, and keeps its budget with them inside", async () => {
    expect(composed.epsilon).toBeLessThanOrEqual(1);
    expect(composed.epsilon).toBeGreaterThan(0.999);
    expect(composed.claim).toContain("comes from 2 runs on private rows");
    const noise = (run: string) =>
      JSON.parse(readFileSync(join(at(run), "plan.json"), "utf8")).privacy.noiseMultiplier;
    // As much noise as ε 1 alone would take is not enough any more.
    expect(noise("on-sweep")).toBeGreaterThan(1.1 * noise("onto-bare"));
    exportModel(at("on-sweep"), { ...quiet, out: at("third") });
    const { past, epsilon } = JSON.parse(readFileSync(at("third/provenance.json"), "utf8"));
    expect(past.histories).toHaveLength(3);
    expect(epsilon.modelRecipients).toBeCloseTo(composed.epsilon ?? 0, 3);
    const third = (target: number) =>
      scenario("third", "{ file: third/model.json }", `trust: local, epsilon: ${target}`);
    expect(await lintProblem(third(0.9))).toBe("ScenarioError privacy.epsilon");
    expect((await claims(third(2)))[0]).toBeGreaterThan(1.99);
  });

  it("does not start from a point that was copied out by hand, nor export one of a sweep cut short", async () => {
    const file = scenario("by-hand", "{ file: by-hand/model.json }", "trust: local, epsilon: 1");
    expect(await lintProblem(file)).toBe("ScenarioError provenance.sweep");
    cpSync(at("sweep"), at("cut"), { recursive: true });
    const results = readFileSync(at("cut/results.jsonl"), "utf8");
    writeFileSync(at("cut/results.jsonl"), results.replace(/.*\n$/, ""));
    const point = join(at("cut/runs"), readdirSync(at("cut/runs")).sort()[0] ?? "");
    const taken = () => exportModel(point, { ...quiet, out: at("none") });
    expect(await problemOf(taken)).toBe("ScenarioError export.sweep");
  });
});

describe("weights", () => {
  const onto = (name: string, more = "") =>
    scenario(name, `{ file: ${name}/model.json${more} }`, "trust: local, epsilon: 1");

  it("without provenance leave no ε, unless their author says that no private row is in them", async () => {
    cpSync(at("from-bare"), at("unknown"), { recursive: true });
    rmSync(at("unknown/provenance.json"));
    expect(await claims(onto("unknown"))).toEqual([null, null, null]);
    const said = onto("unknown", ', trainedOn: "public data: a made-up town"');
    expect((await claims(said))[0]).toBeGreaterThan(0.999);
    const report = await lintScenario(await readScenario(said, { set: [] }), said);
    expect(report.claim.join()).toContain("public data: a made-up town");
    expect(await lintProblem(onto("unknown", ", trainedOn: my own rows"))).toMatch(/trainedOn/);
    const both = onto("from-bare", ', trainedOn: "public data: a made-up town"');
    expect(await lintProblem(both)).toBe("ScenarioError model.trainedOn");
  });

  it("with others' provenance are refused, and so is one that was altered", async () => {
    cpSync(at("from-sweep"), at("mixed"), { recursive: true });
    cpSync(at("from-bare/provenance.json"), at("mixed/provenance.json"));
    expect(await lintProblem(onto("mixed"))).toBe("ScenarioError provenance.model");
    cpSync(at("from-bare"), at("edited"), { recursive: true });
    const text = readFileSync(at("edited/provenance.json"), "utf8");
    writeFileSync(at("edited/provenance.json"), text.replace('"private"', '"public"'));
    expect(await lintProblem(onto("edited"))).toBe("ScenarioError provenance.hash");
  });

  it("are not exported through a link that somebody planted beside them", async () => {
    const planted = at("planted.json");
    cpSync(at("bare"), at("linked"), { recursive: true });
    rmSync(at("linked/model/provenance.json"));
    symlinkSync(planted, at("linked/model/provenance.json"));
    const taken = () => exportModel(at("linked"), { ...quiet, out: at("none") });
    expect(await problemOf(taken)).toBe("ScenarioError run folder");
    cpSync(at("bare"), at("moved"), { recursive: true });
    renameSync(at("moved/model"), at("a folder of its own"));
    symlinkSync(at("a folder of its own"), at("moved/model"));
    const through = () => exportModel(at("moved"), { ...quiet, out: at("none") });
    expect(await problemOf(through)).toBe("ScenarioError run folder");
    expect([planted, at("none")].filter((path) => existsSync(path))).toEqual([]);
  });

  it("of a run that was cut off are not exported", async () => {
    cpSync(at("bare"), at("cut-off.tmp"), { recursive: true });
    const taken = () => exportModel(at("cut-off.tmp"), { ...quiet, out: at("none") });
    expect(await problemOf(taken)).toBe("ScenarioError export");
  });
});

describe("murmur verify, of a digit changed in", () => {
  /** What each file must have bound, by its own list: a key that is dropped from the file shows. */
  const KEYS: Record<string, readonly string[]> = {
    "manifest.json":
      "format murmur node seed runId planHash modelHash ledger seconds hardware files contentHash".split(
        " ",
      ),
    "model/provenance.json":
      "format runId planHash ledgerHash modelHash past epsilon delta hash".split(" "),
    "trace.json": "start rounds claims stages heldOut prediction".split(" "),
    "model/model.json": ["modelTopology", "weightsManifest"],
  };
  beforeAll(() => {
    vi.spyOn(console, "log").mockImplementation(() => {});
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  /** Of `on-sweep`, with a past of its own; verified as it is, and after the change. */
  function noticed(path: string, bytes: Buffer): boolean {
    writeFileSync(path, bytes);
    try {
      verify(at("on-sweep"), quiet);
      return false;
    } catch {
      return true;
    }
  }

  it.each(Object.entries(KEYS))(
    "%s: fails at every place",
    (name, keys) => {
      const path = join(at("on-sweep"), name);
      const whole = readFileSync(path);
      const value = JSON.parse(whole.toString("utf8"));
      for (const key of keys) expect(JSON.stringify(value[key]), key).toMatch(/\d/);
      verify(at("on-sweep"), quiet);
      const isDigit = (i: number) => /[0-9]/.test(String.fromCharCode(whole[i] ?? 0));
      // The first digit of each number, or all of them.
      const places = [...whole.keys()].filter((i) => isDigit(i) && effort(!isDigit(i - 1), true));
      const missed: string[] = [];
      for (const i of places) {
        const changed = Buffer.from(whole);
        changed[i] = (whole[i] ?? 0) === 0x39 ? 0x38 : (whole[i] ?? 0) + 1;
        if (!noticed(path, changed))
          missed.push(whole.toString("utf8", Math.max(0, i - 30), i + 9));
      }
      writeFileSync(path, whole);
      expect(missed).toEqual([]);
      expect(places.length).toBeGreaterThan(keys.length);
    },
    TIMEOUT_MS,
  );

  it("the weights: fails at every byte", () => {
    const path = at("on-sweep/model/weights.bin");
    const whole = readFileSync(path);
    for (const i of whole.keys()) {
      const changed = Buffer.from(whole);
      changed[i] = (whole[i] ?? 0) ^ 1;
      expect(noticed(path, changed), `byte ${i}`).toBe(true);
    }
    writeFileSync(path, whole);
  });

  it("nothing: holds, and of a manifest whose own hash was made anew holds what the ledger says", async () => {
    verify(at("on-sweep"), quiet);
    const { contentHash, withContentHash, manifestText } = await import(
      "../../run/folder/manifest.ts"
    );
    const path = at("on-sweep/manifest.json");
    const whole = readFileSync(path);
    const { contentHash: stated, ...rest } = JSON.parse(whole.toString("utf8"));
    expect(contentHash(rest)).toBe(stated);
    for (const lie of [
      { planHash: "0".repeat(64) },
      { modelHash: "0".repeat(64) },
      { runId: "0".repeat(32) },
      { ending: "budget" },
      { noise: "seeded" },
      { engine: "tensorflow" },
      { files: {} },
      { ledger: { ...rest.ledger, seq: 1 } },
    ])
      expect(
        noticed(path, Buffer.from(manifestText(withContentHash({ ...rest, ...lie })))),
        JSON.stringify(lie),
      ).toBe(true);
    writeFileSync(path, whole);
  });
});
