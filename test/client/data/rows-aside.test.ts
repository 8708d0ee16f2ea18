/** Private tables that differ in rows alone: what others may see of a client's preparation is the same. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RowsAside } from "../../../client/data/rows-aside.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { ScenarioError } from "../../../shared/errors.ts";
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

describe("all faults at once", () => {
  /** Of the second row two cells are wrong, of the fifth one, of the sixth all of it. */
  const TORN = [
    ...["p1,20,Rome,good,40,no", "p2,thirty,Rome,good,2000,no", "p3,50,Oslo,fine,500,yes"],
    ...["p4,60,Oslo,good,40,yes", "p5,forty,Oslo,good,40,yes", "p6"],
  ];
  const KINDS = [
    ["data.notANumber", "rows.csv, line 3, age", 2],
    ["data.aboveDeclaredMaximum", "rows.csv, line 3, income", 1],
    ["data.ragged", "rows.csv, line 7", 1],
  ] as const;

  it("counts a private file's by column and rule, each with its first line, for its owner", async () => {
    const { rows, kinds } = (await prepared(TORN)).clients.get("a")?.report.aside ?? {};
    expect(rows).toBe(3);
    expect(kinds?.map(({ what, where, rows: of }) => [what, where, of])).toEqual(KINDS);
  });

  it("refuses a public file's in one error: the first row's, and how many there are of each kind", async () => {
    const error: unknown = await prepared(TORN, true).catch((cause: unknown) => cause);
    if (!(error instanceof ScenarioError)) throw new Error("no refusal");
    expect(error.problem).toMatchObject({
      what: "data.notANumber",
      where: "rows.csv, line 3, age",
    });
    expect(error.message).toMatch(
      /All 3 rows that cannot be used: data\.notANumber, 2 rows, first rows\.csv, line 3, age; data\.aboveDeclaredMaximum, 1 row, rows\.csv, line 3, income; data\.ragged, 1 row, rows\.csv, line 7\.$/,
    );
    expect(error.message).not.toMatch(/thirty|2000|forty|p6/);
  });

  it("stops at ten thousand such rows of a public file, and names ten kinds at most", () => {
    const fault = (line: number, column: string) =>
      new ScenarioError({
        ...{ what: "data.x", where: `t.csv, line ${line}, ${column}` },
        ...{ got: "this", expected: "that", fix: "Correct it." },
      });
    const some = new RowsAside(true);
    for (let i = 0; i < 12; i++) some.add(100 - i, [fault(100 - i, `c${i}`)]);
    expect(() => some.refuse()).toThrow(/^data\.x \(t\.csv, line 89, c11\).*; and 2 more kinds\.$/);
    const many = new RowsAside(true);
    for (let i = 1; i < 10_000; i++) many.add(i, [fault(i, "c")]);
    expect(() => many.add(10_000, [fault(10_000, "c")])).toThrow("The first 10000 rows");
    const own = new RowsAside();
    for (let i = 1; i <= 10_001; i++) own.add(i, [fault(i, "c")]);
    own.refuse();
    expect(own.report).toMatchObject({ rows: 10_001, kinds: [{ rows: 10_001 }] });
    expect(() => own.add(1, [new TypeError("a bug")])).toThrow("a bug");
  });

  it("shows the spelling of a label that is none, of public rows alone", async () => {
    const rows = swapped("p3,50,Rome,good,2,perhaps");
    await expect(prepared(rows, true)).rejects.toThrow(
      'data.unknownLabel (rows.csv, line 4, bought): got "perhaps", expected',
    );
    expect(JSON.stringify((await prepared(rows)).clients.get("a")?.report)).not.toMatch(/perhaps/);
  });
});

it.each(TABLES.filter(([, , aside]) => aside > 0))(
  "of public rows, %s is refused as it was",
  async (_, rows) => {
    await expect(prepared(rows, true)).rejects.toThrow(/^data\.\w+ \(rows\.csv, line \d/);
  },
);
