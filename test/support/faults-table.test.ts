import { expect, it } from "vitest";
import { FAULT_ROWS } from "./fault-rows.ts";
import { missingRows } from "./faults-table.ts";
import { INPUT_ROWS } from "./input-rows.ts";

const file = "test/some.test.ts";
const due = [
  ...FAULT_ROWS.map(({ row }) => `row ${row}`),
  ...Object.entries(INPUT_ROWS).flatMap(([source, all]) =>
    all.map((input) => `input ${source}: ${input}`),
  ),
];
/** As tests are named, the input with the quotes that vitest gives a text. */
const named = (row: string) => ({
  name: row.startsWith("row")
    ? `${row}: is stood`
    : row.replace(
        /: (.*)$/,
        (_, input: string) => `: '${input.replaceAll(/['\\]/g, "\\$&")}' → no`,
      ),
  file,
});

it("misses nothing where each fault and each bad input has its test, and else names what it misses", () => {
  expect(new Set(due).size).toBe(due.length);
  expect(missingRows(due.map(named))).toEqual([]);
  for (const row of due) {
    const others = due.filter((other) => other !== row);
    expect(missingRows(others.map(named)), row).toEqual([row]);
  }
  // A test of the same source is not enough, nor one that says less.
  const [first = ""] = due.filter((row) => row.startsWith("input CSV"));
  const nearly = due.map((row) => (row === first ? `${row} or so` : row));
  expect(missingRows(nearly.map(named))).toEqual([first]);
});
