import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";
import { smallScenario } from "../../support/small-scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PEOPLE = [
  "ann@example.com,17,Rome,1000,yes",
  "bob@example.com,18,Oslo,0,no",
  "cem@example.com,37,Bern,250.5,no",
  ...Array.from({ length: 7 }, (_, i) => `p${i}@example.com,40,Rome,${i},${i % 2 ? "yes" : "no"}`),
];
const features =
  'age: { formula: "oneHot(age)" }\nincome: { formula: "income / 3", bounds: [0, 99] }';

/** The stages of the ten people, of whom two are held out. */
async function stages(overrides: object) {
  writeFileSync(
    join(folder, "people.csv"),
    ["email,age,city,income,bought", ...PEOPLE, ""].join("\n"),
  );
  const scenario = peopleScenario({ features });
  return (
    await prepare(await contractFor(scenario), assignmentFor(scenario, { folder, ...overrides }))
  ).stages;
}

describe("example rows", () => {
  it("are the first three people of a public table, as they come out of each stage", async () => {
    const [collect, anonymize, engineer] = await stages({});
    expect(collect?.examples).toEqual([
      ["ann@example.com", "17", "Rome", "1000", "yes"],
      ["bob@example.com", "18", "Oslo", "0", "no"],
      ["cem@example.com", "37", "Bern", "250.5", "no"],
    ]);
    expect(anonymize?.namesOut).toEqual(["age", "city", "income"]);
    expect(anonymize?.examples?.map(([age, city]) => [age, city])).toEqual([
      ["(-inf,18)", "south"],
      ["[18,38)", "north"],
      ["[18,38)", "other"],
    ]);
    // A third of the income, cut to its bounds.
    expect(engineer?.examples?.map(([, income]) => income)).toEqual(["99", "0", "83.5"]);
  });

  it("are none of a private table, and none where a host holds nobody out", async () => {
    const source = { file: "people.csv", testRows: 2, public: false };
    for (const stage of await stages({ source, population: null }))
      expect(stage.examples).toBeUndefined();
    expect(await stages({ heldOut: false })).toEqual([]);
  });

  it("tell the newest events of a log, and how many there are", async () => {
    const scenario = smallScenario();
    const { stages } = await prepare(await contractFor(scenario), assignmentFor(scenario));
    const at = stages[0]?.namesOut.indexOf("purchaseHistory") ?? -1;
    const logs = stages[0]?.examples?.map((row) => row[at]) ?? [];
    expect(logs).toHaveLength(3);
    for (const log of logs)
      expect(log).toMatch(
        /^(no events|\d{4}-\d\d-\d\d · [\d.]+(; \d{4}-\d\d-\d\d · [\d.]+(; … \d+ in all)?)?)$/,
      );
  });
});
