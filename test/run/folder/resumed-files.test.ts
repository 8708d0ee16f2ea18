/** Which files a run reads when it is resumed, where somebody handed its folder over. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkFiles } from "../../../run/folder/resumed-files.ts";
import { fileHashes } from "../../../run/scenario/named-files.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { scratch } from "../../support/murmur.ts";
import { problemOf } from "../../support/problem.ts";

const SCENARIO = `
format: 1
name: rows
data:
  source: { file: rows.csv, testFile: others.csv, public: true }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    returned: { role: target }
  target: { name: returns, column: returned, positive: "yes" }
features: { age: { formula: "age", bounds: [0, 120] } }
privacy: { trust: none, delta: 0.001, population: 10 }
clients: { count: 2 }
`;
const scenario = parseScenario(SCENARIO, "rows.yaml", []);
let folder: ReturnType<typeof scratch>;
const at = (name: string) => join(folder.path, name);
beforeEach(() => {
  folder = scratch();
  for (const [place, age] of [
    ["own", 30],
    ["another's", 31],
  ] as const) {
    mkdirSync(at(place));
    for (const name of ["rows.csv", "others.csv"])
      writeFileSync(at(`${place}/${name}`), `age,returned\n${age},yes\n`);
  }
});
afterEach(() => folder.remove());

const own = () => at("own/rows.yaml");
const checked = (launch: { file: string; files?: Record<string, string> }, typed?: string) =>
  problemOf(() => checkFiles(scenario, launch, "run", typed));

it("they are those that it began with, by their content, held-out people's too", async () => {
  const files = await fileHashes([scenario], own());
  expect(await checked({ file: own(), files })).toBe("no refusal");
  expect(await checked({ file: own(), files }, own())).toBe("no refusal");
  writeFileSync(at("own/others.csv"), "age,returned\n30,no\n");
  expect(await checked({ file: own(), files })).toBe("ScenarioError data.changed");
  expect(await checked({ file: own(), files }, own())).toBe("ScenarioError data.changed");
});

it("a folder that was made up names no others: it does not know their content", async () => {
  const files = await fileHashes([scenario], own());
  const file = at("another's/rows.yaml");
  expect(await checked({ file, files })).toBe("ScenarioError data.changed");
  for (const some of [{}, { "rows.csv": files["rows.csv"] ?? "" }])
    expect(await checked({ file: own(), files: some })).toBe("ScenarioError data.changed");
});

it("where it notes none, the scenario is typed, and is the run's", async () => {
  expect(await checked({ file: own() })).toBe("ScenarioError resume");
  expect(await checked({ file: own() }, own())).toBe("no refusal");
  expect(await checked({ file: own() }, at("another's/rows.yaml"))).toBe("ScenarioError resume");
  // Generated rows are in no file.
  const { file: _, testFile: __, ...none } = scenario.data.source;
  const empty = { ...scenario, data: { ...scenario.data, source: none } };
  expect(await problemOf(() => checkFiles(empty, { file: own() }, "run", undefined))).toBe(
    "no refusal",
  );
});
