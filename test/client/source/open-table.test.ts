import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { openTable } from "../../../client/source/open-table.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const CSV = 'a,"b"\n1,"2"\n';
const JSONL = '{"a":1,"b":"2"}\n';
const IDX = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]);

it.each<[string, string, string | Uint8Array, unknown]>([
  ["CSV under any name", "t.txt", CSV, ["1", "2"]],
  ["CSV, gzipped under a name that does not say so", "t.csv", gzipSync(CSV), ["1", "2"]],
  ["JSON lines by .jsonl", "t.jsonl", JSONL, [1, "2"]],
  ["JSON lines by .NDJSON", "t.NDJSON", JSONL, [1, "2"]],
  ["JSON lines, gzipped", "t.jsonl.gz", gzipSync(JSONL), [1, "2"]],
  ["IDX by its first bytes, whatever the name", "t.csv", IDX, [7]],
  ["IDX, gzipped", "t.gz", gzipSync(IDX), [7]],
])("reads %s", async (_, name, content, firstRow) => {
  expect((await files.read(files.write(name, content))).rows[0]).toEqual(firstRow);
});

it.each<[string, string, string | Uint8Array]>([
  ["a zip archive", "t.csv", "PK\x03\x04rest"],
  ["a tar archive", "t.csv", `${"x".repeat(257)}ustar`],
  ["plain text under a name that promises gzip", "t.csv.gz", CSV],
  ["text under a name that promises Parquet", "t.parquet", CSV],
  ["a gzipped Parquet file", "t.parquet.gz", gzipSync("PAR1....PAR1")],
  ["a JSON document", "t.json", '[{"a":1}]'],
])("refuses %s", async (_, name, content) => {
  expect((await files.refusal(files.write(name, content))).what).toBe("data.format");
});

it("gives a table twice, and again after an iteration that was broken off", async () => {
  const table = await openTable(files.folder, files.write("t.csv", `a\n${"1\n".repeat(5_000)}`));
  for await (const batch of table.batches) {
    expect(batch.length).toBeLessThanOrEqual(1_024);
    break;
  }
  for (const _ of ["first", "second"]) {
    let rows = 0;
    for await (const batch of table.batches) rows += batch.length;
    expect(rows).toBe(5_000);
  }
});

it("holds no file open: before, after, where an iteration is broken off, or at a refusal", async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  const sound = await openTable(
    files.folder,
    files.write("t.csv.gz", gzipSync(`a\n${"1\n".repeat(90_000)}`)),
  );
  expect(open()).toBe(before);
  for await (const _ of sound.batches) break;
  await files.refusal(files.write("bad.csv", `a\n${"1\n".repeat(5_000)}2,3\n`));
  expect(open()).toBe(before);
});

it("refuses a file whose header changes while it is in use", async () => {
  const table = await openTable(files.folder, files.write("t.csv", "a,b\n1,2\n"));
  files.write("t.csv", "b,a\n1,2\n");
  const rows = async () => {
    for await (const _ of table.batches);
  };
  await expect(rows()).rejects.toThrow("data.header (t.csv)");
});
