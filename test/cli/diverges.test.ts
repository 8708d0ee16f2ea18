/** A model that leaves the numbers there are: lint says so beforehand; a run ends in one line, and what it charged stays. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { murmur, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);

const PURCHASES = join(import.meta.dirname, "../../scenarios/purchases.yaml");
const LOCATIONS = join(import.meta.dirname, "../../scenarios/data/locations.csv");

function written(): string {
  const path = join(folder.path, "own.yaml");
  writeFileSync(join(folder.path, "locations.csv"), readFileSync(LOCATIONS));
  writeFileSync(
    path,
    readFileSync(PURCHASES, "utf8")
      .replace("data/locations.csv", "locations.csv")
      .replace("rows: 1000, testRows: 200", "rows: 100, testRows: 20")
      .replace("population: 1000", "population: 100"),
  );
  return path;
}

const RATE = ["--set", "training.learningRate=1e300", "--set", "privacy.trust=central"];

it(
  "row 51: exits 1, since it has begun, with one line for the fault and one for what is left",
  async () => {
    const out = join(folder.path, "run");
    const { status, stderr } = await murmur(["run", written(), ...RATE, "--out", out]);
    expect(stderr).toMatch(/^ScenarioError: training\.diverged \(round 1\): got .*learningRate/);
    expect(stderr.trim().split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/\nmurmur: broken off; what was charged is in \S*run\.tmp; to go on: /);
    expect([status, existsSync(out)]).toEqual([1, false]);
    expect(readdirSync(folder.path).filter((name) => name.startsWith("run"))).toEqual(["run.tmp"]);
  },
  TIMEOUT_MS,
);

it(
  "lint names the round from which on no gradient is finite",
  async () => {
    const { status, stdout } = await murmur(["lint", written(), ...RATE, "--json"]);
    expect(status).toBe(0);
    const { warnings } = JSON.parse(stdout);
    expect(warnings).toContainEqual(
      expect.objectContaining({ rule: "diverges", got: "a dry run that diverges in round 2" }),
    );
  },
  TIMEOUT_MS,
);
