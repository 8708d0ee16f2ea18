/** Levels learned from rows, against those read off the rows by hand. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { withLearnedLevels } from "../../../client/data/learn-levels.ts";
import { type TableData, tableSchema } from "../../../shared/scenario/data-schema.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-learn-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, cells: readonly string[]) =>
  writeFileSync(join(folder, name), ["id,it", ...cells.map((cell) => `x,${cell}`), ""].join("\n"));
const dataWith = (it: object, unsafe = true, missing?: string): TableData =>
  tableSchema.parse({
    source: missing === undefined ? undefined : { missing },
    columns: { id: { role: "drop" }, it: { role: "quasiIdentifier", ...it } },
    anonymity: { unsafe },
  });

/** The column's levels, of these files of one column that matters. */
async function learned(it: object, ...files: (readonly string[])[]) {
  const paths = files.map((_, i) => `${i}.csv`);
  for (const [i, cells] of files.entries()) write(`${i}.csv`, cells);
  const { bounds, bands, vocabulary } =
    (await withLearnedLevels(dataWith(it), folder, paths)).columns.it ?? {};
  return { bounds, bands, vocabulary };
}

const NUMBER = { type: "number" };

it("takes bounds from the least number to the largest, of all files, empty cells aside", async () => {
  const auto = { ...NUMBER, bounds: "auto" };
  expect((await learned(auto, ["3", "", "-1.5"], ["10", "4"])).bounds).toEqual([-1.5, 10]);
});

it("makes an interval of one number, which bounds must be", async () => {
  expect((await learned({ ...NUMBER, bounds: "auto" }, ["7", "7"])).bounds).toEqual([7, 8]);
});

it("cuts bands at quantiles, each edge once and none at the least number", async () => {
  const bands = (quantiles: number, cells: readonly number[]) =>
    learned({ ...NUMBER, bands: { quantiles } }, cells.map(String));
  expect((await bands(4, [8, 1, 7, 2, 6, 3, 5, 4])).bands).toEqual([3, 5, 7]);
  // By number, not by text; nobody is below the least.
  expect((await bands(4, [1, 1, 1, 10, 9, 10, 10, 1])).bands).toEqual([9, 10]);
  await expect(bands(3, [5, 5, 5])).rejects.toThrow("learnedParameter (data.columns.it.bands)");
});

it("lists what occurs, in order, each once", async () => {
  const { vocabulary } = await learned({ vocabulary: "auto" }, ["b", "a", "", "b"], ["c"]);
  expect(vocabulary).toEqual(["a", "b", "c"]);
});

it("does not learn what the file calls missing", async () => {
  write("0.csv", ["b", "?", "a"]);
  const data = dataWith({ vocabulary: "auto" }, true, "?");
  const { columns } = await withLearnedLevels(data, folder, ["0.csv"]);
  expect(columns.it?.vocabulary).toEqual(["a", "b"]);
});

it("reads nothing where nothing is to be learned, or nothing may be", async () => {
  const stated = dataWith({ ...NUMBER, bounds: [0, 9] });
  expect(await withLearnedLevels(stated, folder, ["none.csv"])).toBe(stated);
  const safe = dataWith({ ...NUMBER, bounds: "auto" }, false);
  expect(await withLearnedLevels(safe, folder, ["none.csv"])).toBe(safe);
});

it.each([
  ["no number at all", { ...NUMBER, bounds: "auto" }, ["", ""]],
  ["no text at all", { vocabulary: "auto" }, [""]],
  [
    "more values than a vocabulary holds",
    { vocabulary: "auto" },
    Array.from({ length: 10_001 }, (_, i) => `v${i}`),
  ],
])("refuses %s, quoting none", async (_, it, cells) => {
  await expect(learned(it, cells)).rejects.toThrow("learnedParameter");
  await expect(learned(it, cells)).rejects.not.toThrow("v10000");
});
