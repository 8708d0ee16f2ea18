/** Counts of the clients' own rows, through `murmur run`: charged, released, verified. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { murmur, runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
const COUNTS = [
  "privacy.trust=central",
  "statistics.noiseMultiplier=10",
  "statistics.classCounts=true",
  "statistics.quantiles.recency=40",
  "evaluation.federated.noiseMultiplier=20",
  "evaluation.federated.every=2",
].flatMap((pair) => ["--set", pair]);
const run = (name: string, ...args: string[]) =>
  runJson("scenarios/purchases.yaml", [...COUNTS, ...args, "--out", join(folder.path, name)]);
const ledgerOf = (path: string): { kind: string; task?: string; round?: number }[] =>
  readFileSync(join(path, "ledger.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

let result: Awaited<ReturnType<typeof run>>;
let trace: {
  statistics: { name: string; counts: number[]; quantiles: [number, number][] | null }[];
  rounds: { round: number; federated?: { right: number; wrong: number } }[];
};
beforeAll(async () => {
  result = await run("first");
  trace = JSON.parse(readFileSync(join(result.runFolder, "trace.json"), "utf8"));
}, TIMEOUT_MS);

it("charges them within the one budget, before they are released", () => {
  expect(result.epsilon).toBeLessThanOrEqual(1);
  expect(result.epsilon).toBeGreaterThan(0.999);
  const told = ledgerOf(result.runFolder)
    .filter(({ kind }) => kind === "charge" || kind === "counts")
    .map(({ kind, task = "train", round }) => `${kind} ${task} ${round}`);
  expect(told).toEqual([
    "charge statistics 0",
    "counts statistics 0",
    "charge train 0",
    "charge train 1",
    "charge evaluation 1",
    "counts evaluation 1",
    "charge train 2",
    "charge train 3",
    "charge evaluation 3",
    "counts evaluation 3",
    "charge train 4",
  ]);
});

it("counts near the truth: 1,000 records, five deviations", () => {
  const [classes, recency] = trace.statistics;
  const total = (classes?.counts ?? []).reduce((a, b) => a + b, 0);
  // Ten clients' noise of 10 · √2 on each of two counts.
  expect(Math.abs(total - 1000)).toBeLessThan(5 * 15 * Math.sqrt(20));
  const values = (recency?.quantiles ?? []).map(([, value]) => value);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(values).toHaveLength(7);
  const evaluated = trace.rounds.filter(({ federated }) => federated);
  expect(evaluated.map(({ round }) => round)).toEqual([1, 3]);
  const { right = 0, wrong = 0 } = evaluated[1]?.federated ?? {};
  expect(Math.abs(right + wrong - 1000)).toBeLessThan(5 * 20 * Math.sqrt(20));
  expect(right).toBeGreaterThan(wrong);
});

it("shows them in the report", () => {
  const html = readFileSync(join(result.runFolder, "report.html"), "utf8");
  const { right = 0, wrong = 0 } = trace.rounds[3]?.federated ?? {};
  expect(html).toContain(`${right} right, ${wrong} wrong`);
  expect(html).toContain(trace.statistics[0]?.counts.join(", ") ?? "no counts");
});

it(
  "gives the same bytes however many hosts hold the clients",
  async () => {
    const other = await run("again", "--hosts", "5");
    const bytes = (path: string) => readFileSync(join(path, "ledger.jsonl"), "utf8");
    expect(bytes(other.runFolder)).toBe(bytes(result.runFolder));
  },
  TIMEOUT_MS,
);

describe("verify", () => {
  it(
    "follows them",
    async () => {
      const { status, stdout } = await murmur(["verify", result.runFolder, "--json"]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ charges: 8, releases: 5 });
    },
    TIMEOUT_MS,
  );

  it.each([
    ["statistics", "trace.json", /"counts": \[\s*(-?\d+)/, '"counts": [ 1'],
    ["evaluation", "rounds.jsonl", /"right":\d+/, '"right":999'],
  ])(
    "finds counts out that are not those released: %s",
    async (task, file, from, to) => {
      const copy = join(folder.path, `spoilt-${task}`);
      cpSync(result.runFolder, copy, { recursive: true });
      for (const name of new Set([file, "trace.json"])) {
        const path = join(copy, name);
        const spaced = name === "trace.json" ? /"right": \d+/ : from;
        const pattern = task === "evaluation" ? spaced : from;
        const by = name === "trace.json" && task === "evaluation" ? '"right": 999' : to;
        writeFileSync(path, readFileSync(path, "utf8").replace(pattern, by));
      }
      const { status, stderr } = await murmur(["verify", copy]);
      expect(stderr).toContain(`${task} of round`);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );
});

it(
  "finds counts out that nothing charged",
  async () => {
    const plain = await runJson("scenarios/purchases.yaml", ["--out", join(folder.path, "plain")]);
    for (const [file, from, to] of [
      ["trace.json", '"statistics": []', '"statistics": [{ "counts": [1, 2] }]'],
      ["rounds.jsonl", '"modelHash"', '"federated":{"right":999,"wrong":1},"modelHash"'],
    ] as const) {
      const copy = join(folder.path, `uncharged-${file}`);
      cpSync(plain.runFolder, copy, { recursive: true });
      const path = join(copy, file);
      writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
      const { status, stderr } = await murmur(["verify", copy]);
      expect(stderr).toContain("verify: ");
      expect(status).toBe(1);
    }
  },
  TIMEOUT_MS,
);

it(
  "refuses quantiles of what is no number",
  async () => {
    const args = ["run", "scenarios/purchases.yaml", "--set", "statistics.noiseMultiplier=9"];
    const odd = ["--set", "statistics.quantiles.locationCategory=9"];
    const { status, stderr } = await murmur([...args, ...odd, "--out", join(folder.path, "odd")]);
    expect(stderr).toContain("statistics.quantiles.locationCategory");
    expect(status).toBe(2);
  },
  TIMEOUT_MS,
);
