/** Shipped scenarios with keys taken out, renamed, doubled and changed: each is planned, or refused as any fault is. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { planScenario } from "../../../run/plan-scenario.ts";
import { BudgetError, ScenarioError } from "../../../shared/errors.ts";
import { SCENARIOS } from "../../support/contracts.ts";
import { effort } from "../../support/effort.ts";
import { mulberry32 } from "../../support/mulberry32.ts";

const FILES = readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml"));
const MUTANTS = effort(300, 5_000);

/** In the place of whatever stands there: wrong types, and numbers at the ends of what there is. */
const VALUES: readonly unknown[] = [
  ...[null, true, "", "x", "1", "2024-02-30", "auto", "*", "constructor", "__proto__"],
  ...[0, -1, 1.5, 65_536, 1e9, 2 ** 53, 1e308, -1e308, 5e-324, 1e-300, Number.NaN, Infinity],
  ...[[], {}, [[]], [null], ["a", "a"], [1, 0], [0, 1e308], { kind: "nope" }, "$".repeat(2_000)],
];

type Holder = Record<string, unknown>;
type Path = readonly string[];

function holder(value: unknown): Holder {
  if (typeof value !== "object" || value === null) throw new TypeError("no object or list");
  return value as Holder;
}

function pathsOf(value: unknown, before: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, key];
    return [path, ...pathsOf(inner, path)];
  });
}

/** Changes one thing. @returns what, for the message of a failure */
function mutate(scenario: Holder, random: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const at = (path: Path) => path.reduce<unknown>((inner, key) => holder(inner)[key], scenario);
  const paths = pathsOf(scenario);
  if (paths.length === 0) return "nothing";
  const path = pick(paths);
  const key = path.at(-1) ?? "";
  const parent = holder(at(path.slice(0, -1)));
  const value = parent[key];
  const way = pick(["taken", "replaced", "renamed", "copied", "stretched"] as const);
  const other = pick(paths).at(-1) ?? "x";
  if (way === "replaced") parent[key] = structuredClone(pick(VALUES));
  else if (way === "copied") parent[key] = structuredClone(at(pick(paths)));
  else if (way === "stretched") parent[key] = stretched(value, pick);
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else {
    delete parent[key];
    const names = [`${key}s`, key.toUpperCase(), "x", other, "toString", "constructor"];
    if (way === "renamed") parent[pick(names)] = value;
  }
  return `${path.join(".")} ${way}`;
}

function stretched(value: unknown, pick: <T>(from: readonly T[]) => T): unknown {
  if (typeof value === "number") return value * pick([-1, 0, 1e-9, 1e9, 0.5, 1e300]);
  if (typeof value === "string") return value + pick([" ", "(", "\0", "é"]);
  return Array.isArray(value) ? [...value, ...value] : [value];
}

it(`of ${MUTANTS} mutants each is planned or refused, and no bug shows`, async () => {
  const random = mulberry32(20_261_203);
  const came = { planned: 0, refused: 0 };
  for (let i = 0; i < MUTANTS; i++) {
    const name = FILES[i % FILES.length] ?? "";
    const scenario: Holder = parse(readFileSync(join(SCENARIOS, name), "utf8"));
    delete scenario.sweep;
    const changes = Array.from({ length: 1 + (i % 3) }, () => mutate(scenario, random));
    try {
      await planScenario(scenario, { folder: SCENARIOS });
      came.planned++;
    } catch (error) {
      if (!(error instanceof ScenarioError || error instanceof BudgetError))
        throw new Error(`${name}: ${changes.join(", ")}`, { cause: error });
      expect(error.problem.where).not.toBe("");
      came.refused++;
    }
  }
  // Neither everything nor nothing gets as far as a plan.
  expect(Math.min(came.planned, came.refused)).toBeGreaterThan(MUTANTS / 50);
});
