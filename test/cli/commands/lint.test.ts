/** `murmur lint`: every shipped scenario, private rows, and the command as a user types it. */
import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lintLines } from "../../../cli/screen/lint-lines.ts";
import { DRY_RUN_LIMITS } from "../../../run/lint/dry-run.ts";
import { lintScenario } from "../../../run/lint/report.ts";
import { readScenario } from "../../../run/scenario/read-scenario.ts";
import { SCENARIOS } from "../../support/contracts.ts";
import { ROOT, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);

/** Fewer rows than a lint trains on: of images they take it seconds, and show no more. */
const LIMITS = { ...DRY_RUN_LIMITS, rows: 600, work: 1e8 };

/** A file's report, in this process. */
async function lintFile(file: string, ...pairs: string[]) {
  const set = pairs.map((pair) => {
    const at = pair.indexOf("=");
    return { path: pair.slice(0, at), value: pair.slice(at + 1) };
  });
  return lintScenario(await readScenario(file, { set }), file, LIMITS);
}

const shipped = (name: string) => join(SCENARIOS, name);
const rulesOf = ({ warnings }: Awaited<ReturnType<typeof lintFile>>) =>
  warnings.map(({ rule }) => rule);

/** Its data come with no package: they are wherever its user has put them. */
const WITHOUT_DATA = "fashion-scatter.yaml";
const TIMEOUT_MS = 180_000;
/** A dry run takes whole clients, and of an image each coefficient costs as much as a round. */
const FEWER_EACH: Readonly<Record<string, readonly string[]>> = {
  "mnist-scatter.yaml": ["clients.count=100"],
  "mnist-cnn.yaml": ["clients.count=100"],
  "mnist-mlp.yaml": ["clients.count=100"],
};

it.each(readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml") && name !== WITHOUT_DATA))(
  "finds %s fit to run: a dry run as far as it goes, its whole ε, and its seed's noise at fault",
  async (name) => {
    const report = await lintFile(shipped(name), ...(FEWER_EACH[name] ?? []));
    const { measured, ofRounds, clients } = report.noise;
    if ("notRead" in measured) throw new Error(measured.notRead);
    const { privacy, training } = await readScenario(shipped(name), { set: [] });
    const { rounds, rows, work } = LIMITS;
    const each = measured.rows * training.localEpochs * report.noise.parameters;
    const affordable = Math.max(1, Math.floor(work / each));
    expect(measured.rounds).toHaveLength(Math.min(ofRounds, rounds, affordable));
    // All of them, unless they have more rows than a lint may train on.
    expect(measured.clients).toBeGreaterThan(0);
    const ofAll = (measured.rows / measured.clients) * clients;
    expect(measured.clients < clients).toBe(ofAll > rows);
    for (const { noiseNorm, updateNorm, clipNorm } of measured.rounds) {
      expect(noiseNorm / clipNorm).toBeCloseTo(report.noise.perClip, 9);
      expect(updateNorm).toBeGreaterThan(0);
      expect(updateNorm).toBeLessThan(1.2 * clipNorm);
    }
    const epsilon = report.cost.claims[0]?.raw ?? 0;
    const promised = privacy.epsilon ?? Number.NaN;
    expect(epsilon).toBeGreaterThan(0.999 * promised);
    expect(epsilon).toBeLessThanOrEqual(promised);
    expect(rulesOf(report)).toContain("seededNoise");
  },
  TIMEOUT_MS,
);

describe("private rows", () => {
  const file = join(folder.path, "mine.yaml");
  writeFileSync(
    file,
    `format: 1
name: mine
data:
  source: { file: nobody-has-this.csv, testRows: 50 }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features: { age: { formula: "oneHot(age)" } }
training: { clipNorm: 0.7, rounds: 12 }
privacy: { epsilon: 1, delta: 1e-5, population: 2000, spareAttempts: 1 }
clients: { count: 6 }
`,
  );

  it("are not read: their file need not be there", async () => {
    const report = await lintFile(file);
    expect(report.noise.measured).toEqual({ notRead: "the rows are private" });
    expect(report.warnings.map(({ rule }) => rule)).toEqual(["heldOutPeople"]);
    const text = lintLines(report, false).join("\n");
    expect(text).toContain("no row was read: the rows are private");
    expect(text).toContain("on average at most the clip norm, 0.7");
    expect(text).toContain("data.source.testRows 50: people of a private file");
  });

  it("are told what a search over ten runs costs; public ones are not", async () => {
    const search = /choosing keys by ten such runs on the same rows costs ε (\d\.\d{3})/;
    const report = await lintFile(file);
    const told = search.exec(lintLines(report, false).join("\n"))?.[1];
    expect(Number(told)).toBeCloseTo(report.cost.tenRuns ?? 0, 2);
    expect(Number(told)).toBeGreaterThan(3);
    const known = await lintFile(shipped("purchases.yaml"));
    expect(lintLines(known, false).join("\n")).not.toMatch(search);
  });

  it("once declared public are read, and their file is missed", async () => {
    await expect(lintFile(file, "data.source.public=true")).rejects.toThrow("path.missing");
  });
});

it("refuses what a client would refuse of public rows and of the person to predict", async () => {
  const file = shipped("purchases.yaml");
  await expect(lintFile(file, "predict.row={ aeg: 34 }")).rejects.toThrow("predict.row");
  const csv = lintFile(shipped("online-retail.yaml"), "privacy.population=3268");
  await expect(csv).rejects.toThrow("privacy.population");
});

it("generates no more people than it has time for, and says so", async () => {
  const rows = ["data.source.rows=20001", "privacy.population=20001"];
  const report = await lintFile(shipped("purchases.yaml"), ...rows);
  expect(report.noise.measured).toEqual({
    notRead: "20001 rows are more than the 20000 that a lint generates",
  });
  expect(lintLines(report, false).join("\n")).not.toContain("choosing keys");
});

it("shows quietly the claim and the warnings, and nothing else", async () => {
  const report = await lintFile(shipped("purchases.yaml"), "privacy.delta=9e-4");
  const [head, ...rest] = lintLines(report, true);
  expect(head).toMatch(/^purchases \(purchases\.yaml\): ε 1\.000 .*δ 9e-4.*trust distributed/);
  expect(rest.map((line) => line.split(" ")[0])).toEqual([
    "privacy.noise",
    "privacy.delta",
    "privacy.epsilon",
  ]);
});

it("has no privacy to show of trust none, and all else still", async () => {
  const report = await lintFile(shipped("purchases.yaml"), "privacy.trust=none");
  expect(rulesOf(report)).toEqual(["trustNone"]);
  expect(report.noise.perClip).toBe(0);
  expect(report.cost.claims.every(({ raw }) => raw === null)).toBe(true);
  const text = lintLines(report, false).join("\n");
  expect(text).toContain("trust none: no privacy");
  expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
});

it("warns of bounds of which the rows use less than a tenth", async () => {
  const wide = ["features.recency.bounds=[0, 36000]", "features.recency.scale=linear"];
  const { warnings } = await lintFile(shipped("purchases.yaml"), ...wide);
  const found = warnings.filter(({ rule }) => rule === "narrowRange");
  expect(found).toMatchObject([{ where: "features.recency" }]);
  expect(found[0]?.why).toMatch(/^1 % of its range holds all rows/);
});

describe("the command", () => {
  /** The built program in an empty folder of its own. */
  function typed(args: readonly string[]) {
    const cwd = scratch();
    return new Promise<{ status: number; stdout: string; stderr: string; left: string[] }>(
      (resolve) => {
        const main = join(ROOT, "dist/cli/main.js");
        execFile(process.execPath, [main, ...args], { cwd: cwd.path }, (error, stdout, stderr) => {
          const left = readdirSync(cwd.path);
          cwd.remove();
          resolve({ status: error ? Number(error.code) : 0, stdout, stderr, left });
        });
      },
    );
  }

  it("prints one JSON object or lines, refuses in one line, and leaves nothing behind", async () => {
    const file = shipped("purchases.yaml");
    const small = ["--set", "data.source.rows=100", "--set", "privacy.population=100"];
    const [json, lines, refused] = await Promise.all([
      typed(["lint", file, "--json", ...small]),
      typed(["lint", file, ...small, "--set", "privacy.trust=local"]),
      typed(["lint", file, "--set", "privacy.epsilon=50"]),
    ]);
    expect([json, lines, refused].map(({ left }) => left)).toEqual([[], [], []]);
    expect([json, lines, refused].map(({ status }) => status)).toEqual([0, 0, 2]);
    const report = JSON.parse(json.stdout);
    expect(report.noise.measured.rows).toBe(100);
    expect(report.warnings.length).toBeGreaterThan(0);
    expect(json.stderr + lines.stderr).toBe("");
    expect(lines.stdout).not.toContain("\u001b");
    expect(lines.stdout).toMatch(/^ {4}privacy\.trust local: each of 10 updates/m);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/^ScenarioError: privacy\.epsilon .*\n$/);
  }, 60_000);
});
