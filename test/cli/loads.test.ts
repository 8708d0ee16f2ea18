/**
 * What a command loads, by the sources that are in the files of dist/ that it reads: starting costs what is loaded,
 * and no clock need be read to see that it grows.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, scratch } from "../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const LOADS_FILE = join(folder.path, "loads");
const RUN = join(folder.path, "run");
const TRACE = join(ROOT, "test/support/trace-loads.mjs");

interface Loaded {
  readonly bytes: number;
  /** Top folders of the program, and names of libraries. */
  readonly parts: readonly string[];
}

/** By process, the command's own first. */
function loadsOf(...args: string[]): Loaded[] {
  rmSync(LOADS_FILE, { force: true });
  execFileSync(process.execPath, ["--import", TRACE, join(ROOT, "dist/cli/main.js"), ...args], {
    cwd: ROOT,
    env: { ...process.env, LOADS_FILE },
    stdio: "ignore",
  });
  const byProcess = new Map<string, string[]>();
  for (const line of readFileSync(LOADS_FILE, "utf8").trim().split("\n")) {
    const [, pid = "", url = ""] = line.split(" ");
    if (url.startsWith("file:"))
      byProcess.set(pid, [...(byProcess.get(pid) ?? []), fileURLToPath(url)]);
  }
  return [...byProcess.values()].map((paths) => ({
    bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
    parts: [...new Set(paths.flatMap(partsOf))].sort(),
  }));
}

function partsOf(path: string): string[] {
  if (!existsSync(`${path}.map`))
    return [path.replace(/^.*node_modules\//, "").split("/")[0] ?? ""];
  const { sources } = JSON.parse(readFileSync(`${path}.map`, "utf8")) as { sources: string[] };
  return sources.map((source) => {
    const [, library] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
    return library ?? source.replace(/^(\.\.\/)+/, "").split("/")[0] ?? "";
  });
}

const HEAVY = ["mathjs", "vega", "vega-lite", "@tensorflow", "pino", "prom-client", "ws"];
const KB = 1_000;

beforeAll(() => {
  const few = ["data.source.rows=60", "privacy.population=60", "clients.count=3"];
  const set = [
    ...few,
    "clients.minCohort=2",
    "training.rounds=1",
    "training.learningRate=0.1",
  ].flatMap((one) => ["--set", one]);
  const processes = loadsOf(
    "run",
    "scenarios/purchases.yaml",
    "--hosts",
    "2",
    "--out",
    RUN,
    ...set,
  );
  expect(processes).toHaveLength(3);
  RUNNING.push(...processes);
});
const RUNNING: Loaded[] = [];

describe("a command loads what it needs", () => {
  it.each([
    { args: ["--help"], most: 85 * KB, but: ["zod", "yaml", ...HEAVY] },
    { args: ["account", "--help"], most: 85 * KB, but: ["zod", "yaml", ...HEAVY] },
    { args: ["verify", RUN], most: 1_030 * KB, but: HEAVY },
    {
      args: ["lint", "scenarios/purchases.yaml"],
      most: 1_500 * KB,
      but: HEAVY.filter((name) => name !== "mathjs"),
    },
  ])("$args.0 $args.1", ({ args, most, but }) => {
    const [own, ...others] = loadsOf(...args);
    expect(others).toEqual([]);
    expect(own?.bytes).toBeLessThan(most);
    expect(own?.parts.filter((part) => but.includes(part))).toEqual([]);
  });

  it("run, and each of its hosts, which read no formula and draw no figure", () => {
    const [own, ...hosts] = RUNNING;
    expect(own?.bytes).toBeLessThan(3_050 * KB);
    expect(own?.parts).not.toContain("@tensorflow");
    for (const { bytes, parts } of hosts) {
      expect(bytes).toBeLessThan(1_060 * KB);
      const absent = HEAVY.filter((name) => name !== "ws");
      expect(parts.filter((part) => absent.includes(part))).toEqual([]);
    }
  });
});
