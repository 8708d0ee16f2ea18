/** Clients are processes of their own: they join over sockets, may die, and never outlive a run. */
import { cpSync, existsSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  alive,
  childrenOf,
  murmur,
  murmurProcess,
  ROOT,
  remotePorts,
  scratch,
  sees,
  startMurmur,
} from "../support/murmur.ts";

const SCENARIO = "scenarios/purchases.yaml";
const LONG = ["--set", "privacy.trust=central", "--set", "clients.minCohort=6", "--hosts", "5"];
const TIMEOUT_MS = 180_000;
let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const out = () => ["--out", join(folder.path, "run")];
const ended = (pids: readonly number[], withinMs: number) =>
  expect.poll(() => pids.filter(alive), { timeout: withinMs, interval: 20 }).toEqual([]);

it(
  "holds clients in children of its own, each with a socket to the coordinator's port",
  async () => {
    const port = 20_000 + (process.pid % 20_000);
    const args = ["run", SCENARIO, ...LONG, ...out(), "--port", String(port)];
    const child = startMurmur(args, { MURMUR_FAILPOINT: "host-round:hold" });
    try {
      await sees(child, /(failpoint.*\n){5}/);
      const hosts = childrenOf(child.pid ?? 0);
      expect(hosts).toHaveLength(5);
      for (const pid of hosts) expect(remotePorts(pid)).toEqual([port]);
      expect(remotePorts(child.pid ?? 0).filter((remote) => remote === port)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
    }
  },
  TIMEOUT_MS,
);

it(
  "fails when the host program is gone",
  async () => {
    // A copy of the build, since other tests run the real one meanwhile.
    const copy = join(folder.path, "copy");
    cpSync(join(ROOT, "dist"), join(copy, "dist"), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(copy, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    rmSync(join(copy, "dist/client/host.js"));
    const main = join(copy, "dist/cli/main.js");
    const { status, stderr } = await murmurProcess(["run", SCENARIO, ...out()], {}, main);
    expect(status).not.toBe(0);
    expect(stderr).toContain("client host (");
    expect(readdirSync(folder.path)).toEqual(["copy"]);
  },
  TIMEOUT_MS,
);

it(
  "rows 1, 9: completes the round with the others when a host is killed in it, and names the lost",
  async () => {
    const child = startMurmur(["run", SCENARIO, ...LONG, ...out(), "--json"], {
      MURMUR_FAILPOINT: "host-round:hold:3",
    });
    let stdout = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    const text = await sees(child, /failpoint host-round 3 pid \d+/);
    process.kill(Number(/pid (\d+)/.exec(text)?.[1]), "SIGKILL");
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.clients.lost).toEqual(["c04", "c09"]);
    expect(result.clients.joined).toHaveLength(10);
    expect(result.epochs).toHaveLength(5);
    expect(result.attempts).toBe(5);
  },
  TIMEOUT_MS,
);

it(
  "rows 8, 9: is interrupted, not finished, when too few hosts are left while rounds and budget remain",
  async () => {
    const child = startMurmur(["run", SCENARIO, ...LONG, "--hosts", "2", ...out(), "--json"], {
      MURMUR_FAILPOINT: "host-round:hold:1",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const text = await sees(child, /failpoint host-round 1 pid \d+/);
    process.kill(Number(/pid (\d+)/.exec(text)?.[1]), "SIGKILL");
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(status).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /interrupted: fewer than clients\.minCohort = 6 clients are left; .*to go on: murmur resume \S*run\n$/,
    );
    // Five of ten are left, six are needed: charged once, aborted, and no round after it.
    const verified = await murmur(["verify", join(folder.path, "run.tmp"), "--json"]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ charges: 1, releases: 0, finished: false });
  },
  TIMEOUT_MS,
);

it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "leaves no child after %s of the parent",
  async (signal) => {
    const child = startMurmur(["run", SCENARIO, ...LONG, "--hosts", "2", ...out()], {
      MURMUR_FAILPOINT: "host-round:hold",
    });
    await sees(child, /(failpoint.*\n){2}/);
    const hosts = childrenOf(child.pid ?? 0);
    expect(hosts).toHaveLength(2);
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const status = await exit;
    if (signal !== "SIGKILL") expect(status).toBe(130);
    // On a machine that is busy a process takes its time to end.
    await ended(hosts, 10_000);
    expect(existsSync(join(folder.path, "run"))).toBe(false);
  },
  TIMEOUT_MS,
);
