/** Disks that take no more, and folders that are not there: real processes under a real limit. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { murmur, ROOT, scratch } from "../support/murmur.ts";
import { Started } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
const at = (...names: string[]) => join(folder.path, ...names);
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
const run = (name: string, ...more: string[]) => [
  ...["run", "scenarios/purchases.yaml", "--hosts", "1", "--quiet", "--out", at(name)],
  ...["--set", "privacy.trust=central"],
  ...set("clients.count=2", "clients.minCohort=2", "privacy.population=100"),
  ...set("data.source.rows=100", "data.source.testRows=20"),
  ...set("training.learningRate=0.25", "privacy.noise=secure", ...more),
];
/** No file of it may grow beyond so many bytes: as on a full disk, a write of more fails. */
const within = (bytes: number) => ["prlimit", `--fsize=${bytes}`];

/** It goes on where there is room again, to an end that verifies. */
async function resumes(name: string): Promise<void> {
  expect(await murmur(["resume", at(name), "--quiet"])).toMatchObject({ status: 0, stderr: "" });
  expect(await murmur(["verify", at(name), "--quiet"])).toMatchObject({ status: 0 });
}

/** Resolves once a first round was released. */
async function begun(name: string): Promise<void> {
  const rounds = at(`${name}.tmp`, "rounds.jsonl");
  await expect
    .poll(() => existsSync(rounds) && readFileSync(rounds, "utf8").includes("\n"), {
      timeout: 120_000,
      interval: 10,
    })
    .toBe(true);
}

it(
  "row 19: no room for the ledger amid the run: `ledger.write`, no release of it, exit 1, resumable",
  async () => {
    const args = run("ledger", "training.rounds=30");
    const { status, stderr } = await new Started(ROOT, args, {}, within(12_288)).ended;
    expect(stderr).toMatch(/^BudgetError: ledger\.write .*\nmurmur: broken off; .*murmur resume/);
    expect(status).toBe(1);
    await resumes("ledger");
  },
  TIMEOUT_MS,
);

it(
  "row 20: no room for a checkpoint amid the run: `disk.full`, exit 1, the old ones kept, resumable",
  async () => {
    // A checkpoint is far larger than a ledger of some rounds.
    const child = new Started(ROOT, run("checkpoint", "training.rounds=60", "model.hidden=[512]"));
    await begun("checkpoint");
    spawnSync("prlimit", ["--pid", String(child.child.pid), "--fsize=50000"]);
    const { status, stderr } = await child.ended;
    expect(stderr).toMatch(/^ScenarioError: disk\.full \(checkpoint-\d+\)/);
    expect(status).toBe(1);
    const left = readdirSync(at("checkpoint.tmp")).filter((name) => name.startsWith("checkpoint"));
    expect(left.length).toBeGreaterThan(0);
    await resumes("checkpoint");
  },
  TIMEOUT_MS,
);

it(
  "row 20: no room for the report: `disk.full`, exit 1, resumable",
  async () => {
    const args = run("report", "training.rounds=3");
    const { status, stderr } = await new Started(ROOT, args, {}, within(40_000)).ended;
    expect(stderr).toMatch(/^ScenarioError: disk\.full \(report\.html\)/);
    expect(status).toBe(1);
    await resumes("report");
  },
  TIMEOUT_MS,
);

it(
  "row 22: a folder that cannot be made, for root neither: exit 2 before anything ran",
  async () => {
    const { status, stderr } = await murmur([...run("nowhere"), ...["--out", "/sys/murmur-run"]]);
    expect(stderr).toMatch(/^ScenarioError: run folder \(--out\): got E/);
    expect(status).toBe(2);
  },
  TIMEOUT_MS,
);

it(
  "row 22: its folder vanishes amid the run: it stops, exit 1, and no finished run is there",
  async () => {
    const child = new Started(ROOT, run("vanished", "training.rounds=300"));
    await begun("vanished");
    renameSync(at("vanished.tmp"), at("elsewhere"));
    const { status, stderr } = await child.ended;
    expect(stderr).toMatch(/^(BudgetError: ledger\.write|ScenarioError: disk\.full) /);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
    expect(existsSync(at("vanished"))).toBe(false);
    expect(existsSync(at("vanished.tmp"))).toBe(false);
    // What was charged is where the folder is now, and can be gone on with there.
    renameSync(at("elsewhere"), at("vanished.tmp"));
    const verified = await murmur(["verify", at("vanished.tmp"), "--quiet"]);
    expect(verified).toMatchObject({ status: 0 });
  },
  TIMEOUT_MS,
);
