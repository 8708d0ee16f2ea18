/** `murmur run` as a user runs it: the trace, the folder, and the same bytes however it is split. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientLines } from "../../support/client-lines.ts";
import { SCENARIO, SCENARIO_FILE, TABLE, TABLE_FILE } from "../../support/mistakes/mistake.ts";
import { murmur, murmurProcess, ROOT, runJson, scratch } from "../../support/murmur.ts";

const PURCHASES = "scenarios/purchases.yaml";
const CENTRAL = ["--set", "privacy.trust=central"];
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
let made = 0;
const out = () => ["--out", join(folder.path, `run-${made++}`)];
/** As little as shows that two runs differ. */
const SMALL = [
  ...["data.source.rows=200", "data.source.testRows=50", "privacy.population=200"],
  ...["clients.count=3", "clients.minCohort=3", "training.rounds=2"],
].flatMap((pair) => ["--set", pair]);
const purchases = (...args: string[]) => runJson(PURCHASES, [...CENTRAL, ...args, ...out()]);
/** With hosts in processes of their own. */
const forked = (...args: string[]) =>
  runJson(PURCHASES, [...CENTRAL, ...args, ...out()], murmurProcess);

describe("the reference scenario", () => {
  let result: Awaited<ReturnType<typeof purchases>>;
  beforeAll(async () => {
    result = await forked();
  }, TIMEOUT_MS);

  it("has six stages, with rows × columns in and out", () => {
    const sizes = result.stages.map((stage: Record<string, unknown>) => [
      stage.name,
      stage.rowsIn,
      stage.columnsIn,
      stage.rowsOut,
      stage.columnsOut,
    ]);
    expect(sizes).toEqual([
      ["collect", 1000, 5, 1000, 5],
      ["anonymize", 1000, 5, 1000, 3],
      ["engineer", 1000, 3, 1000, 5],
      ["train", 1000, 5, 1, 177],
      ["evaluate", 200, 5, 200, 1],
      ["predict", 1, 5, 1, 1],
    ]);
  });

  it("keeps no direct identifier past stage 2", () => {
    expect(result.stages[1].namesOut).toEqual(["age", "location", "purchaseHistory"]);
  });

  it("learns within its budget: five epochs, low to high, ε up to 1", () => {
    expect(result.epochs).toHaveLength(5);
    const spent = result.epochs.map(({ epsilon }: { epsilon: number }) => epsilon);
    expect(spent).toEqual([...spent].sort((a, b) => a - b));
    expect(spent[4]).toBe(result.epsilon);
    expect(result.epsilon).toBeLessThanOrEqual(1);
    expect(result.epsilon).toBeGreaterThan(0.999);
    expect(result.epochs[4].accuracy).toBeGreaterThan(result.epochs[0].accuracy);
  });

  it("predicts one person in four layers, with every check of the last one passed", () => {
    expect(result.prediction.layers).toHaveLength(4);
    expect(result.prediction.likelihood).toBeGreaterThan(0);
    expect(result.prediction.likelihood).toBeLessThan(1);
    const checks: string[] = result.prediction.layers[3].lines;
    expect(checks).toHaveLength(5);
    expect(checks.filter((line) => !line.startsWith("✓"))).toEqual([]);
  });

  it("writes the run folder, and nothing beside it", () => {
    expect(readdirSync(result.runFolder).sort()).toEqual([
      "anchor.json",
      "clients-private",
      "clients.jsonl",
      "ledger.jsonl",
      "manifest.json",
      "model",
      "plan.json",
      "report.html",
      "rounds.jsonl",
      "scenario.resolved.yaml",
      "trace.json",
    ]);
    expect(clientLines(result.runFolder)).toHaveLength(10);
    expect(existsSync(`${result.runFolder}.tmp`)).toBe(false);
  });

  it("verifies, to the ε that it printed", async () => {
    const { status, stdout } = await murmurProcess(["verify", result.runFolder, "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ epsilon: result.epsilon, charges: 5, releases: 5 });
  });

  it.each([
    ["one process", () => purchases("--hosts", "1")],
    ["2 hosts", () => forked("--hosts", "2")],
    ["5 hosts", () => purchases("--hosts", "5")],
  ])(
    "has the same model bytes with %s",
    async (_, run) => {
      const again = await run();
      expect(again.modelHash).toBe(result.modelHash);
      const ledger = (run: string) => readFileSync(join(run, "ledger.jsonl"), "utf8");
      expect(ledger(again.runFolder)).toBe(ledger(result.runFolder));
    },
    TIMEOUT_MS,
  );

  it(
    "has other model bytes with another seed",
    async () => {
      const other = await purchases("--seed", "8");
      expect(other.modelHash).not.toBe(result.modelHash);
    },
    TIMEOUT_MS,
  );

  it(
    "makes its own twin without privacy: ε is null, and accuracy no worse by much",
    async () => {
      const baseline = await runJson(PURCHASES, ["--set", "privacy.trust=none", ...out()]);
      expect(baseline.epsilon).toBeNull();
      expect(baseline.epochs[4].epsilon).toBeNull();
      expect(Math.abs(baseline.accuracy - result.accuracy)).toBeLessThan(0.1);
      expect(baseline.modelHash).not.toBe(result.modelHash);
    },
    TIMEOUT_MS,
  );
});

it(
  "has other bytes in two runs under secure noise, whoever adds it, and tells the time in the ledger",
  async () => {
    const secure = (trust: string) =>
      runJson(PURCHASES, [
        "--set",
        `privacy.trust=${trust}`,
        "--set",
        "privacy.noise=secure",
        ...SMALL,
        ...out(),
      ]);
    const [a, b] = await Promise.all([secure("central"), secure("central")]);
    expect(a.modelHash).not.toBe(b.modelHash);
    const [c, d] = await Promise.all([secure("local"), secure("local")]);
    expect(c.modelHash).not.toBe(d.modelHash);
    const ledger = readFileSync(join(a.runFolder, "ledger.jsonl"), "utf8");
    expect(ledger).toContain('"time":"');
  },
  TIMEOUT_MS,
);

it(
  "trains under local trust, where the coordinator's ε is the others'",
  async () => {
    const result = await runJson(PURCHASES, ["--set", "privacy.trust=local", ...SMALL, ...out()]);
    expect(result.epsilonAgainst.coordinator).toBe(result.epsilon);
    const central = await purchases(...SMALL);
    expect(result.modelHash).not.toBe(central.modelHash);
  },
  TIMEOUT_MS,
);

it(
  "trains with Poisson sampling, accounted by RDP",
  async () => {
    const poisson = ["training.sampling.kind=poisson", "training.sampling.rate=0.5"];
    const result = await purchases(...poisson.flatMap((pair) => ["--set", pair]));
    expect(result.epsilon).toBeLessThanOrEqual(1);
    expect(result.epsilon).toBeGreaterThan(0.9);
  },
  TIMEOUT_MS,
);

it(
  "loses at most half a point to TensorFlow.js on WebAssembly",
  async () => {
    const rows = ["--set", "data.source.testRows=4000"];
    const [fused, wasm] = [
      await purchases(...rows),
      await purchases(...rows, "--set", "training.engine=tfjsWasm"),
    ];
    expect(Math.abs(fused.accuracy - wasm.accuracy)).toBeLessThan(0.005);
    expect(JSON.parse(readFileSync(join(wasm.runFolder, "manifest.json"), "utf8")).engine).toBe(
      "tfjsWasm",
    );
  },
  TIMEOUT_MS,
);

it(
  "runs Online Retail on its real invoices: 4,372 people, 4,067 of them in the population",
  async () => {
    const result = await runJson("scenarios/online-retail.yaml", [...CENTRAL, ...out()]);
    const [collect, anonymize, engineer] = result.stages;
    expect(collect.note).toContain(
      "4372 people in the file, 4067 in the population, 830 of them held out",
    );
    expect(anonymize).toMatchObject({ rowsOut: 3237, namesOut: ["country", "invoices"] });
    expect(engineer).toMatchObject({ rowsOut: 3237, columnsOut: 5 });
    expect(result.epsilon).toBeLessThanOrEqual(1);
    // One test of 830 rows is ± 1.5 points by counting alone; the mean over splits is a benchmark.
    expect(result.accuracy).toBeGreaterThan(0.68);
  },
  TIMEOUT_MS,
);

it(
  "prints plain lines in a pipe: six stages, five epochs, the paths last",
  async () => {
    const { status, stdout, stderr } = await murmurProcess([
      "run",
      PURCHASES,
      ...CENTRAL,
      ...out(),
    ]);
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).not.toContain("\u001b");
    for (const title of [
      "1 Data collection",
      "2 Anonymization",
      "3 Feature",
      "4 Training",
      "5 Evaluation",
      "6 Prediction",
    ])
      expect(stdout).toContain(title);
    expect(stdout.match(/^ {6}\d\/5 {2}/gm)).toHaveLength(5);
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    expect(resolve(ROOT, last).startsWith(folder.path)).toBe(true);
  },
  TIMEOUT_MS,
);

it("warns of more clients than rows, and is silent where each may have one", async () => {
  writeFileSync(join(folder.path, SCENARIO_FILE), SCENARIO);
  writeFileSync(join(folder.path, TABLE_FILE), TABLE);
  const screen = async (clients: number) => {
    const flags = ["--set", `clients.count=${clients}`, "--hosts", "1"];
    const { stdout } = await murmur(["run", join(folder.path, SCENARIO_FILE), ...flags, ...out()]);
    return stdout;
  };
  // Sixty rows, twelve of them held out.
  expect(await screen(50)).toContain(
    "WARNING: 50 clients, more than there are rows: 2 at least have none, and send zeros and noise",
  );
  expect(await screen(48)).not.toContain("more than there are rows");
});
