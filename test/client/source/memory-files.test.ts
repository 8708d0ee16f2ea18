/** Rows in memory as the lines of a file. */
import { expect, it } from "vitest";
import { jsonLines, memoryChunks } from "../../../client/source/memory-files.ts";
import { openTable } from "../../../client/source/open-table.ts";

const NAME = "rows.jsonl";
const written = (...rows: unknown[]) => jsonLines(rows, NAME).toString("utf8");

it("writes one object a line, whatever is in a text", () => {
  const rows = [
    { a: "two\nlines", b: -0 },
    { a: "é\u2028", b: 1e21 },
  ];
  expect(written(...rows)).toBe('{"a":"two\\nlines","b":0}\n{"a":"é\u2028","b":1e+21}\n');
});

it("has a missing cell where one is undefined, and keeps the line of a row that is none", () => {
  expect(written({ a: undefined, b: [1, undefined] })).toBe('{"a":null,"b":[1,null]}\n');
  const holes: unknown[] = [{ a: 1 }];
  holes[2] = { a: 3 };
  expect(written(...holes)).toBe('{"a":1}\nnull\n{"a":3}\n');
});

it.each([
  ["NaN", Number.NaN, /data\.nonFiniteNumber/],
  ["an infinity in a list", [Number.POSITIVE_INFINITY], /data\.nonFiniteNumber/],
  ["a bigint", 37n, /data\.format .*a bigint/],
  ["a function", () => 37, /data\.format .*a function/],
  ["a symbol", Symbol("37"), /data\.format .*a symbol/],
])("refuses %s by its line, and does not show it", (_, cell, message) => {
  const refused = () => written({ a: 1 }, { a: cell });
  expect(refused).toThrow(message);
  expect(refused).toThrow(`${NAME}, line 2`);
  expect(refused).not.toThrow(/37/);
});

it("comes in chunks, of which none is lost", async () => {
  const file = jsonLines(
    Array.from({ length: 9_000 }, (_, i) => ({ a: i, b: "x".repeat(20) })),
    NAME,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of memoryChunks(file)) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(1);
  expect(Buffer.concat(chunks).equals(file)).toBe(true);
  const { header, typed, batches } = await openTable("/nowhere", NAME, {
    memory: new Map([[NAME, file]]),
  });
  expect([header, typed]).toEqual([["a", "b"], true]);
  let lines = 0;
  for await (const rows of batches) for (const { cells } of rows) expect(cells[0]).toBe(lines++);
  expect(lines).toBe(9_000);
});

it("is read under its own name alone", async () => {
  const memory = new Map([[NAME, jsonLines([{ a: 1 }], NAME)]]);
  await expect(openTable("/", `./${NAME}`, { memory })).rejects.toThrow(/path\.missing/);
});
