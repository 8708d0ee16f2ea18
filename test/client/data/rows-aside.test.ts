/** Private tables that differ in rows alone: what others may see of a client's preparation is the same. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const COLUMNS = `id: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [1, 120], bands: [18, 38] }
city: { role: insensitive, type: category, vocabulary: [Rome, Oslo] }
remark: { role: insensitive }
income: { role: sensitive, type: number, bounds: [1, 1000] }
bought: { role: target }`;
const FEATURES = `age: { formula: "oneHot(age)" }
city: { formula: "oneHot(city)" }
share: { formula: "1 / income", bounds: [0, 1] }`;
const CLASSES = '{ name: buys, column: bought, classes: ["no", "yes"] }';
const SCENARIO = peopleScenario({ columns: COLUMNS, features: FEATURES, target: CLASSES });
const HEAD = "id,age,city,remark,income,bought";
const ROWS = [
  "p1,20,Rome,good,40,no",
  "p2,30,Oslo,fine,500,yes",
  "p3,50,Rome,good,2,no",
  "p4,60,Oslo,good,40,yes",
];

/** The third row in each way in which a private one may be; null: no row is as in the others. */
const TABLES: readonly (readonly [string, readonly string[], aside: number])[] = [
  ["a sound table", ROWS, 0],
  ["a label that no class has", swapped("p3,50,Rome,good,2,perhaps"), 1],
  ["no label", swapped("p3,50,Rome,good,2,"), 1],
  ["a cell that cannot be parsed", swapped("p3,fifty,Rome,good,2,no"), 1],
  ["a number out of its bounds", swapped("p3,50,Rome,good,0,no"), 1],
  ["a value that the vocabulary lacks", swapped("p3,50,Paris,good,2,no"), 1],
  ["a row of another length", swapped("p3,50"), 1],
  ["an e-mail address in one cell", swapped("p3,50,Rome,ada@example.com,2,no"), 0],
  ["one class alone", ROWS.filter((row) => row.endsWith("no")), 0],
  ["no row", [], 0],
  ["rows none of which can be used", ROWS.map((row) => row.replace(/,\d+,/, ",none,")), 4],
];

function swapped(row: string): readonly string[] {
  return ROWS.with(2, row);
}

async function prepared(rows: readonly string[], isPublic = false) {
  mkdirSync(join(folder.path, "in"), { recursive: true });
  writeFileSync(join(folder.path, "in/rows.csv"), `${[HEAD, ...rows].join("\n")}\n`);
  writeFileSync(join(folder.path, "in/test.csv"), `${[HEAD, ...ROWS].join("\n")}\n`);
  const source = { file: "rows.csv", testFile: "test.csv", public: isPublic };
  return prepare(
    await contractFor(SCENARIO),
    assignmentFor(SCENARIO, {
      ...{ folder: join(folder.path, "in"), source, population: null },
      ...{ clients: ["a"], mine: ["a"], heldOut: true },
    }),
  );
}

describe("of private rows", () => {
  it.each(TABLES)("%s stops nobody, and shows to its owner alone", async (_, rows, aside) => {
    const sound = await prepared(ROWS);
    const { clients, heldOut, person, stages } = await prepared(rows);
    // All that leaves the process before training.
    expect({ heldOut, person, stages }).toEqual({
      ...{ heldOut: sound.heldOut, person: sound.person, stages: sound.stages },
    });
    const own = clients.get("a");
    expect(own?.report.aside.rows).toBe(aside);
    expect(own?.report.aside.first).toHaveLength(aside);
    expect(JSON.stringify(own?.report)).not.toMatch(/perhaps|fifty|Paris|ada@/);
  });

  it("each row keeps its place: one that is set aside is nothing there, the others are as they were", async () => {
    const sound = (await prepared(ROWS)).clients.get("a");
    const torn = (await prepared(swapped("p3,50,Rome,good,0,no"))).clients.get("a");
    if (!sound || !torn) throw new Error("one client");
    const { width } = sound.examples;
    expect(torn.examples.count).toBe(4);
    expect([...(torn.present ?? [])]).toEqual([1, 1, 0, 1]);
    for (const slot of [0, 1, 3]) {
      const row = (inputs: Float32Array) => [...inputs.subarray(slot * width, (slot + 1) * width)];
      expect(row(torn.examples.inputs)).toEqual(row(sound.examples.inputs));
      expect(torn.examples.labels[slot]).toBe(sound.examples.labels[slot]);
    }
    // 1 / income of nobody is no number, and no engine may meet it.
    const aside = torn.examples.inputs.subarray(2 * width, 3 * width);
    expect([...aside]).toEqual(new Array(width).fill(0));
    expect(torn.report.stages[0]?.rows).toBe(3);
  });

  it("an e-mail address in a column that is declared harmless is in the owner's report", async () => {
    const { clients } = await prepared(swapped("p3,50,Rome,ada@example.com,2,no"));
    expect(clients.get("a")?.report.scan.findings).toContainEqual(
      expect.objectContaining({ column: "remark", type: "email", hits: 1, overruled: null }),
    );
  });

  it("names rule and place of a row, and no more than twenty of them", async () => {
    const many = Array.from({ length: 30 }, (_, i) => `q${i},fifty,Rome,good,2,no`);
    const { rows, first } = (await prepared(many)).clients.get("a")?.report.aside ?? {};
    expect(rows).toBe(30);
    expect(first).toHaveLength(20);
    expect(first?.[0]).toMatchObject({ what: "data.notANumber", where: "rows.csv, line 2, age" });
  });
});

it.each(TABLES.filter(([, , aside]) => aside > 0))(
  "of public rows, %s is refused as it was",
  async (_, rows) => {
    await expect(prepared(rows, true)).rejects.toThrow(/^data\.\w+ \(rows\.csv, line \d/);
  },
);
