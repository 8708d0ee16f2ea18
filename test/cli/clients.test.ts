/** `murmur run` where whole clients are the unit: DP-FedAvg with a secret cohort and an adapting clip norm. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientLines } from "../support/client-lines.ts";
import { murmur, runJson, scratch } from "../support/murmur.ts";

const SCENARIO = "scenarios/purchases-clients.yaml";
const SMALL = [
  "clients.count=60",
  "clients.minCohort=40",
  "privacy.population=60",
  "privacy.delta=1e-4",
  "data.source.rows=600",
  "training.rounds=6",
  "training.adaptiveClipping.bitNoise=4",
].flatMap((pair) => ["--set", pair]);
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
const run = (name: string, ...args: string[]) =>
  runJson(SCENARIO, [...SMALL, ...args, "--out", join(folder.path, name)]);

let result: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  result = await run("first");
}, TIMEOUT_MS);

it("spends its budget on clients, as amplified, and says what a client in every round would pay", () => {
  expect(result.epsilon).toBeLessThanOrEqual(1);
  expect(result.epsilon).toBeGreaterThan(0.999);
  const [model, , coordinator] = result.claims;
  expect(model.everyRound).toBeGreaterThan(1.5);
  expect(coordinator).toMatchObject({ anonymized: null, raw: null, everyRound: null });
  expect(result.claim).toContain("unit client");
  expect(result.stages.find(({ name }: { name: string }) => name === "train").rowsIn).toBe(600);
});

it(
  "has the same bytes however many hosts hold the clients",
  async () => {
    const other = await run("again", "--hosts", "5");
    expect(other.modelHash).toBe(result.modelHash);
    const rounds = (path: string) => readFileSync(join(path, "rounds.jsonl"), "utf8");
    expect(rounds(other.runFolder)).toBe(rounds(result.runFolder));
  },
  TIMEOUT_MS,
);

it("names no round's cohort in the run folder, nor how often a client was in one", () => {
  const lines = clientLines(result.runFolder);
  expect(lines).toHaveLength(60);
  for (const line of lines) expect(line).toMatchObject({ updates: null, bytes: null });
  const without = lines.map(({ client, ...line }) => JSON.stringify(line));
  expect(new Set(without).size).toBe(1);
  const read = (name: string) => readFileSync(join(result.runFolder, name), "utf8");
  // Made-up rows are counted by client, whoever was drawn: the first forty of all, or of those with rows.
  const { clientLabels, ...trace } = JSON.parse(read("trace.json"));
  const named = (text: string) => [...new Set(text.match(/\bc[0-6]\d\b/g))].sort();
  const all = Array.from({ length: 60 }, (_, i) => `c${String(i + 1).padStart(2, "0")}`);
  expect(clientLabels.map(({ client }: { client: string }) => client)).toEqual(all.slice(0, 40));
  const told = named(read("report.html"));
  expect(told).toEqual(all.slice(0, told.length));
  const others = ["ledger.jsonl", "rounds.jsonl", "manifest.json"].map(read);
  for (const text of [JSON.stringify(trace), ...others]) expect(named(text)).toEqual([]);
});

it(
  "says nothing of lost updates where noise is secure: who was lost had been drawn",
  async () => {
    const lossy = ["clients.dropOut=0.2", "privacy.spareAttempts=2"];
    const args = [...lossy, "privacy.noise=secure"].flatMap((pair) => ["--set", pair]);
    const refused = await murmur(["run", SCENARIO, ...SMALL, ...args]);
    expect(refused.stderr).toContain("clients.dropOut");
    expect(refused.stderr).toContain("who fails in a round was in it");
    expect(refused.status).toBe(2);
    const secret = await run("secret", "--set", "privacy.noise=secure");
    const trace = (path: string) => JSON.parse(readFileSync(join(path, "trace.json"), "utf8"));
    expect(trace(secret.runFolder).faults).toBeUndefined();
    const told = await run("told", ...lossy.flatMap((pair) => ["--set", pair]));
    expect(trace(told.runFolder).faults.counts[0]).toMatchObject({
      fault: "dropOut",
      became: "lost",
    });
    // And where nothing goes amiss, nothing is said either.
    expect(trace(result.runFolder)).not.toHaveProperty("faults");
  },
  TIMEOUT_MS,
);

it(
  "tells how often where no ε counts on it: without privacy",
  async () => {
    const baseline = await run("twin", "--set", "privacy.trust=none");
    const counts = clientLines(baseline.runFolder).map(({ updates }) => Number(updates));
    // Half of six rounds, each by its own coins: sixty clients that were in all or none are no sample.
    expect(Math.min(...counts)).toBeLessThan(3);
    expect(Math.max(...counts)).toBeGreaterThan(3);
  },
  TIMEOUT_MS,
);

it(
  "names nobody who declined: only a client that was drawn can",
  async () => {
    const ledgers = join(folder.path, "ledgers");
    mkdirSync(ledgers);
    // Less than one update costs: whoever is drawn declines.
    writeFileSync(join(ledgers, "limits.json"), '{"epsilon":0.01,"delta":1e-5}');
    const out = join(folder.path, "declined");
    const { stdout, stderr } = await murmur([
      ...["run", SCENARIO, ...SMALL, "--out", out, "--client-ledgers", ledgers],
    ]);
    expect(stdout).toContain("declined");
    // Who has no rows, or of one class, is said of all clients, and tells of no round.
    const ofRounds = stdout.replace(/^Clients with.*$/gm, "");
    expect(ofRounds + stderr).not.toMatch(/\bc[0-6]\d\b/);
    for (const { declined } of clientLines(out)) expect(declined).toBeNull();
  },
  TIMEOUT_MS,
);

describe("verify", () => {
  it.each([
    ["what a round's bits gave", /"bits":(-?\d+)/, '"bits":9', "bits"],
    ["a round's clip norm", /"clipNorm":0\.5,/, '"clipNorm":0.4,', "clipNorm"],
  ])(
    "finds %s out",
    async (name, from, to, what) => {
      const copy = join(folder.path, `spoilt-${name.length}`);
      cpSync(result.runFolder, copy, { recursive: true });
      for (const file of ["rounds.jsonl", "trace.json"]) {
        const path = join(copy, file);
        writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
      }
      const { status, stderr } = await murmur(["verify", copy]);
      expect(stderr).toContain(what);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    "finds a claim out that the ledger does not bear",
    async () => {
      const copy = join(folder.path, "claimed");
      cpSync(result.runFolder, copy, { recursive: true });
      const path = join(copy, "trace.json");
      writeFileSync(path, readFileSync(path, "utf8").replace(/"raw": 0\.99/, '"raw": 0.59'));
      const { status, stderr } = await murmur(["verify", copy]);
      expect(stderr).toContain("the claims that the ledger bears");
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );
});
