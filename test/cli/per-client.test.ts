/** Accuracy by client through `murmur run`: counted outright in a simulation, from noised counts else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { murmur, runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
const run = (name: string, ...pairs: string[]) =>
  runJson("scenarios/purchases.yaml", [
    ...["evaluation.perClient=true", ...pairs].flatMap((pair) => ["--set", pair]),
    ...["--out", join(folder.path, name)],
  ]);

it(
  "is of every client, costs nothing, and says that it is a simulation's",
  async () => {
    const { fairness, epsilon, runFolder } = await run("outright");
    expect(fairness.source).toBe("simulation");
    expect(fairness.clients).toHaveLength(10);
    expect(fairness.worstDecile).toBeLessThanOrEqual(fairness.mean);
    expect(fairness.bestDecile).toBeGreaterThanOrEqual(fairness.mean);
    expect(epsilon).toBeLessThanOrEqual(1);
    const ledger = readFileSync(join(runFolder, "ledger.jsonl"), "utf8");
    expect(ledger).not.toContain("evaluation");
    const page = readFileSync(join(runFolder, "report.html"), "utf8");
    expect(page).toContain("simulation only, not private");
  },
  TIMEOUT_MS,
);

it(
  "follows from the counts that each client noised, where they are charged",
  async () => {
    const noise = "evaluation.federated.noiseMultiplier=20";
    const { fairness, runFolder } = await run("charged", noise, "evaluation.federated.every=5");
    expect(fairness.source).toBe("charged");
    const trace = JSON.parse(readFileSync(join(runFolder, "trace.json"), "utf8"));
    const { right, wrong } = trace.rounds.at(-1).federated;
    // Each client's own counts add up to what was released of all: clients of about equal size.
    expect(right + wrong).toBeGreaterThan(0);
    const exact = (await run("exact", noise, "privacy.trust=none")).fairness;
    expect(exact.clients).toHaveLength(10);
    expect(fairness.clients).not.toEqual(exact.clients);
  },
  TIMEOUT_MS,
);

it(
  "is refused of private rows that nobody has noised",
  async () => {
    const { status, stderr } = await murmur([
      ...["lint", "scenarios/adult.yaml", "--set", "data.source.public=false"],
      ...["--set", "evaluation.perClient=true"],
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("evaluation.perClient");
    expect(stderr).toContain("noised and charged");
  },
  TIMEOUT_MS,
);
