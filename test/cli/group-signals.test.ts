/**
 * Signals to a whole process group, as a terminal that is closed, `timeout` and service managers send them:
 * hosts ignore them, the coordinator ends in order, and the run goes on to the bytes of an unbroken one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { sha256 } from "../../shared/canonical.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { effort } from "../support/effort.ts";
import { childrenOf, murmur, murmurProcess, ROOT, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 480_000;
const MAIN = join(ROOT, "dist/cli/main.js");
const ROUNDS = effort(60, 120);
const MOMENTS = effort(2, 10);
const SIGNALS = ["SIGTERM", "SIGHUP"] as const;
const ARGS = [
  ...["run", "scenarios/purchases.yaml", "--hosts", "2", "--quiet"],
  ...[
    "privacy.trust=central",
    ...["clients.count=2", "clients.minCohort=2", "privacy.population=100"],
    ...["data.source.rows=100", "data.source.testRows=20"],
    ...[`training.rounds=${ROUNDS}`, "training.learningRate=0.1", "privacy.epsilon=10"],
  ].flatMap((value) => ["--set", value]),
];

const folder = scratch();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);

/** A process group of its own: what a signal to `-pid` reaches. */
function startGroup(args: readonly string[]): ChildProcess {
  const stdio = ["ignore", "ignore", "pipe"] as const;
  return spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, detached: true, stdio: [...stdio] });
}

function released(run: string): number {
  const path = `${run}.tmp/rounds.jsonl`;
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

/** Signals the group once the run has so many rounds, and some milliseconds. @returns how it ended */
async function interruptedAt(args: readonly string[], rounds: number, ms: number, signal: string) {
  const child = startGroup(args);
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  while (released(at("run")) < rounds && child.exitCode === null) await sleep(2);
  await sleep(ms);
  const hosts = childrenOf(child.pid ?? 0);
  expect(hosts.length, `the run has ended before round ${rounds}: ${stderr}`).toBeGreaterThan(0);
  process.kill(-(child.pid ?? 0), signal);
  const status = await ended;
  expect(hosts.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  return { status, stderr };
}

function bytesOf(run: string): string[] {
  return ["model/weights.bin", "rounds.jsonl", "ledger.jsonl"].map((file) =>
    sha256(readFileSync(join(run, file))),
  );
}

it(
  "row 18b: TERM and HUP to the group at several moments: interrupted each time, and resumed to the same bytes",
  async () => {
    const whole = await murmur([...ARGS, "--out", at("whole")]);
    expect(whole.stderr).toBe("");
    const random = stream(seededRoot(15), "fault");
    for (let moment = 0; moment < MOMENTS; moment++) {
      const args = moment === 0 ? [...ARGS, "--out", at("run")] : ["resume", at("run"), "--quiet"];
      const apart = Math.floor(ROUNDS / (MOMENTS + 2));
      const rounds = moment * apart + 1 + random.below(apart / 2);
      const signal = SIGNALS[moment % 2] ?? "SIGTERM";
      const { status, stderr } = await interruptedAt(args, rounds, random.below(10), signal);
      expect(stderr).toMatch(/^murmur: interrupted; .*to go on: murmur resume \S*run\n$/);
      expect(status, `${signal} at round ${rounds}`).toBe(130);
      expect(existsSync(at("run")), "an interrupted run is no finished run").toBe(false);
    }
    const last = await murmurProcess(["resume", at("run"), "--quiet"]);
    expect(last).toMatchObject({ status: 0, stderr: "" });
    expect(bytesOf(at("run"))).toEqual(bytesOf(at("whole")));
  },
  TIMEOUT_MS,
);
