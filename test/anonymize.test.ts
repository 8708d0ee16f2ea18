/** The library's tables: rows in memory are what the same rows in a file are. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { anonymize, risks, scan } from "../anonymize.ts";
import { ScenarioError } from "../shared/errors.ts";
import { differences, goldenTables, named } from "./support/anonymity-vectors.ts";
import { scratch } from "./support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);

const ROWS = Array.from({ length: 30 }, (_, i) => ({
  ...{ name: `Person ${i}`, age: 20 + ((i * 7) % 50), zip: `750${String(i % 4).padStart(2, "0")}` },
  ...{ sick: i % 3 === 0, email: `someone${i}@example.com` },
}));
const SCHEMA = {
  columns: {
    name: { role: "directIdentifier" },
    email: { role: "directIdentifier" },
    age: { role: "quasiIdentifier", bands: [0, 30, 50, 120] },
    zip: { role: "quasiIdentifier" },
    sick: { role: "sensitive" },
  },
  anonymity: { mode: "suppress", k: 3 },
};

function written(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

const jsonLines = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");

describe("anonymize", () => {
  it("gives of rows in memory what it gives of a file of them, and names nobody", async () => {
    const here = await anonymize(ROWS, SCHEMA);
    const file = written("rows.jsonl", jsonLines);
    expect(here).toEqual(await anonymize(file, written("schema.yaml", JSON.stringify(SCHEMA))));
    expect(here.columns).toEqual(["age", "zip", "sick"]);
    expect(JSON.stringify(here)).not.toMatch(/Person|example\.com/);
  });

  it("keeps no class of fewer than k rows, counted by hand", async () => {
    const { rows, report } = await anonymize(ROWS, SCHEMA);
    const band = (age: number) => (age < 30 ? 0 : age < 50 ? 1 : 2);
    const sizes = new Map<string, number>();
    for (const { age, zip } of ROWS) {
      const key = `${band(age)} ${zip}`;
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    const large = [...sizes.values()].filter((size) => size >= 3);
    expect(large.length).toBeLessThan(sizes.size);
    expect(rows).toHaveLength(large.reduce((sum, size) => sum + size, 0));
    expect(report.suppressed).toBe(ROWS.length - rows.length);
    expect(report.after.k).toBe(Math.min(...large));
  });

  it("refuses people in a column that is kept, and shows none", async () => {
    const columns = { ...SCHEMA.columns, email: { role: "insensitive" } };
    const refused = anonymize(ROWS, { ...SCHEMA, columns });
    await expect(refused).rejects.toThrow(ScenarioError);
    await expect(refused).rejects.not.toThrow(/someone/);
    await expect(anonymize([{ age: Number.NaN }], SCHEMA)).rejects.toThrow(/the rows, line 1/);
  });
});

describe("risks", () => {
  const tables = goldenTables.table_cases.filter(
    ({ rows, population, suppressed_row_indexes: suppressed }) =>
      rows.length > 0 && !population && suppressed.length === 0,
  );

  it.each(tables)(
    "are the golden ones of table $id",
    ({ columns, roles, expected, sensitive_order: order = {}, ...golden }) => {
      const rows = golden.rows.flatMap((row, i) =>
        new Array<object>(golden.row_counts?.[i] ?? 1).fill(
          Object.fromEntries(columns.map((name, at) => [name, row[at]])),
        ),
      ) as Record<string, unknown>[];
      const of = (role: string) => columns.filter((name) => roles[name] === role);
      const found = risks(rows, {
        quasiIdentifiers: of("quasi_identifier"),
        sensitive: of("sensitive"),
        order,
      });
      expect(differences(named(found, expected), expected)).toEqual([]);
    },
  );

  it("refuse a column that no row has", () => {
    expect(() => risks(ROWS, { quasiIdentifiers: ["agee"] })).toThrow(ScenarioError);
  });
});

it("scan finds the people in rows as in a file of them, and tells no value", async () => {
  const found = await scan(ROWS);
  expect(found).toEqual({ ...(await scan(written("table.jsonl", jsonLines))), table: "the rows" });
  const email = found.columns.find(({ column }) => column === "email");
  expect(email).toMatchObject({ verdict: "direct_identifier", hits: 30, looked: 30 });
  expect(JSON.stringify(found)).not.toMatch(/someone/);
});
