/** A sweep that all its rows stop: one error, and a place as free as before; one that a setting stops goes on. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isShared } from "../../../run/sweep/shared-fault.ts";
import {
  SCENARIO,
  SCENARIO_FILE,
  swap,
  TABLE,
  TABLE_FILE,
} from "../../support/mistakes/mistake.ts";
import { murmur, scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());
const at = (name: string) => join(folder.path, name);

/** A sweep over the study, as it is written by now, into `out`. */
function sweep(...over: string[]) {
  const flags = ["--repeat", "2", "--jobs", "2", "--out", at("out"), "--json"];
  return murmur(["sweep", at(SCENARIO_FILE), ...over.flatMap((one) => ["--over", one]), ...flags]);
}

function write(table: string, scenario = SCENARIO): void {
  writeFileSync(at(TABLE_FILE), table);
  writeFileSync(at(SCENARIO_FILE), scenario);
}

it("stops at the first run that its rows stop, and takes the same place once they are right", async () => {
  write(TABLE.replace("spent", "spend"));
  const stopped = await sweep("privacy.epsilon=1,3");
  expect(stopped.stderr).toMatch(
    /^ScenarioError: data\.missingColumn \(data\.columns, spent\).*from: spend.*\n$/,
  );
  expect(stopped.status).toBe(2);
  expect(readdirSync(folder.path).sort()).toEqual([TABLE_FILE, SCENARIO_FILE]);
  write(TABLE);
  const { status, stdout, stderr } = await sweep("privacy.epsilon=1,3");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ runs: 4, failed: 0 });
});

it("keeps a folder that was there, and what others have put there", async () => {
  mkdirSync(at("out"));
  writeFileSync(at("out/notes.txt"), "mine");
  write(TABLE, swap("population: 48", "population: 40")(SCENARIO));
  const { status, stderr } = await sweep("privacy.epsilon=1,3");
  expect(stderr).toMatch(/^ScenarioError: privacy\.population .*the number of people, 48.*\n$/);
  expect(status).toBe(2);
  expect(readdirSync(at("out"))).toEqual(["notes.txt"]);
  expect(readFileSync(at("out/notes.txt"), "utf8")).toBe("mine");
});

it("goes on where another setting may be right", async () => {
  write(TABLE);
  const { status, stdout, stderr } = await sweep("privacy.population=40,48");
  expect(stderr).toContain("2 of 4 runs failed");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ runs: 4, failed: 2 });
  expect(existsSync(at("out/sweep.json"))).toBe(true);
});

it.each([
  ["data.missingColumn", ["privacy.epsilon"], true],
  ["data.unseen", ["training.rounds", "privacy.trust"], true],
  ["path.missing", ["model.hidden"], true],
  ["privacy.population", ["privacy.epsilon"], true],
  ["privacy.population", ["privacy.population"], false],
  ["data.unseen", ["data.columns.city.unseen"], false],
  ["data.missingLabel", ["features.age.formula"], false],
  ["data.changed", ["privacy.epsilon"], false],
  ["training.diverged", ["privacy.epsilon"], false],
  ["disk.full", ["privacy.epsilon"], false],
])("takes %s, where %j is varied, for everybody's: %s", (what, varied, shared) => {
  const problem = { what, where: "here", got: "this", expected: "that", fix: "Do it." };
  expect(isShared(problem, varied)).toBe(shared);
});
