/** Dates in the ways that people write them: `init` finds which, and `anonymize` makes the same table of all. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { murmur, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
type Day = readonly [year: number, month: number, day: number];
const two = (number: number) => String(number).padStart(2, "0");
const SPELLINGS: Readonly<Record<string, (day: Day) => string>> = {
  "YYYY-MM-DD": ([y, m, d]) => `${y}-${two(m)}-${two(d)}`,
  "YYYY-MM-DD hh:mm:ss": ([y, m, d]) => `${y}-${two(m)}-${two(d)} 00:00:00`,
  "DD.MM.YYYY": ([y, m, d]) => `${two(d)}.${two(m)}.${y}`,
  "DD/MM/YYYY": ([y, m, d]) => `${two(d)}/${two(m)}/${y}`,
  "MM/DD/YYYY": ([y, m, d]) => `${m}/${d}/${y}`,
  "DD Mon YYYY": ([y, m, d]) => `${d} ${MONTHS[m - 1]} ${y}`,
};
const FORMATS = Object.keys(SPELLINGS);

const DAYS = Array.from(
  { length: 60 },
  (_, i): Day => [1950 + ((i * 7) % 50), 1 + ((i * 5) % 12), 1 + ((i * 11) % 28)],
);

function tableOf(spell: (day: Day) => string, days = DAYS): string {
  const rows = days.map((day, i) => `${spell(day)},${i % 50},${i % 3 === 0 ? "yes" : "no"}`);
  return `admitted,score,outcome\n${rows.join("\n")}\n`;
}

async function proposed(name: string, table: string) {
  writeFileSync(at(`${name}.csv`), table);
  const made = await murmur(["init", at(name), "--from", at(`${name}.csv`), "--public", "--quiet"]);
  expect([made.status, made.stderr]).toEqual([0, ""]);
  const text = readFileSync(join(at(name), "scenario.yaml"), "utf8");
  return { text, column: parse(text).data.columns.admitted };
}

it.each(FORMATS)("finds %s from the whole column, and runs what it proposes", async (format) => {
  const name = `of-${FORMATS.indexOf(format)}`;
  const { column } = await proposed(name, tableOf(SPELLINGS[format] ?? String));
  expect(column).toEqual({
    ...{ role: "quasiIdentifier", type: "date", level: "year", reference: "2025-01-01" },
    ...(format === "YYYY-MM-DD" ? {} : { format }),
  });
  const flags = [
    "--hosts",
    "1",
    "--set",
    "training={ rounds: 2 }",
    "--quiet",
    "--out",
    at(`${name}-run`),
  ];
  const { status, stderr } = await murmur(["run", join(at(name), "scenario.yaml"), ...flags]);
  expect([status, stderr]).toEqual([0, ""]);
});

it("leaves the format to be typed where no day is above 12, and says which two there are", async () => {
  const days = DAYS.map(([y, m, d]): Day => [y, m, 1 + (d % 12)]);
  const { text, column } = await proposed(
    "unclear",
    tableOf(SPELLINGS["MM/DD/YYYY"] ?? String, days),
  );
  expect(column).toEqual({ role: "drop" });
  expect(text).toContain(
    "no row shows whether day or month is first: role: quasiIdentifier, type: date, format: DD/MM/YYYY, or MM/DD/YYYY",
  );
});

it("makes one table of all spellings, of CSV and of JSON lines, by day and by age", async () => {
  const released = new Set<string>();
  for (const [i, format] of FORMATS.entries()) {
    const spell = SPELLINGS[format] ?? String;
    const schema = at(`all-${i}.yaml`);
    const columns = {
      day: { from: "admitted", role: "quasiIdentifier", type: "date", level: "month", format },
      outcome: { role: "sensitive", vocabulary: ["yes", "no"] },
      score: { role: "drop" },
    };
    const age = { type: "birthDate", reference: "2020-02-29", bounds: [0, 130], bands: [40, 55] };
    const born = { ...columns, day: { from: "admitted", role: "quasiIdentifier", ...age, format } };
    const objects = DAYS.map((day, j) =>
      JSON.stringify({ admitted: spell(day), score: j, outcome: j % 3 === 0 ? "yes" : "no" }),
    );
    writeFileSync(at(`all-${i}.csv`), tableOf(spell));
    writeFileSync(at(`all-${i}.jsonl`), objects.join("\n"));
    const tables: string[] = [];
    for (const kept of [columns, born])
      for (const file of [`all-${i}.csv`, `all-${i}.jsonl`]) {
        writeFileSync(schema, stringify({ columns: kept }));
        const out = at(`out-${i}-${tables.length}.csv`);
        const flags = ["--schema", schema, "--out", out, "--quiet"];
        const { status, stderr } = await murmur(["anonymize", at(file), ...flags]);
        expect([status, stderr], `${format}, ${file}`).toEqual([0, ""]);
        tables.push(readFileSync(out, "utf8"));
      }
    released.add(tables.join("\n"));
  }
  expect(released.size).toBe(1);
  const [all = ""] = released;
  expect(all.split("\n")[1]).toMatch(/^1950-01,/);
});

it("refuses a format of a column without dates, and one that is not on the list", async () => {
  writeFileSync(at("t.csv"), tableOf(SPELLINGS["YYYY-MM-DD"] ?? String));
  const refusal = async (column: object) => {
    const columns = { admitted: { role: "drop" }, score: column, outcome: { role: "sensitive" } };
    writeFileSync(at("odd.yaml"), stringify({ columns }));
    const args = ["anonymize", at("t.csv"), "--schema", at("odd.yaml"), "--quiet"];
    const { status, stderr } = await murmur(args);
    expect(status).toBe(2);
    return stderr;
  };
  const number = { role: "quasiIdentifier", type: "integer", bounds: [0, 99] };
  expect(await refusal({ ...number, format: "DD/MM/YYYY" })).toMatch(/columns\.score\.format/);
  expect(await refusal({ ...number, format: "DD-MM-YY" })).toMatch(
    /columns\.score\.format.*MM\/DD/,
  );
});
