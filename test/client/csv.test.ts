import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { CSV_LIMITS, readCsv } from "../../client/csv.ts";
import { ScenarioError } from "../../shared/errors.ts";

const ROOT = mkdtempSync(join(tmpdir(), "murmur-csv-"));
const FOLDER = join(ROOT, "scenario");
mkdirSync(join(FOLDER, "data"), { recursive: true });
afterAll(() => rmSync(ROOT, { recursive: true }));

/** Writes a file beside the scenario, then reads it as a table. */
function table(content: string | Uint8Array, name = "t.csv") {
  writeFileSync(join(FOLDER, name), content);
  return readCsv(FOLDER, name, { ...CSV_LIMITS, columns: 100, smallBytes: 100_000 });
}

const cells = async (content: string | Uint8Array, name?: string) =>
  (await table(content, name)).rows.map((row) => row.cells);

describe("readCsv", () => {
  it("reads a header and rows, with the line on which each ends", async () => {
    expect(await table('a,b\n1,2\n\n"3\n4",5\n6,7\n')).toEqual({
      header: ["a", "b"],
      rows: [
        { line: 2, cells: ["1", "2"] },
        { line: 5, cells: ["3\n4", "5"] },
        { line: 6, cells: ["6", "7"] },
      ],
    });
  });

  it.each<[string, string | Uint8Array, string[][]]>([
    ["a byte order mark", "\ufeffa,b\n1,2\n", [["1", "2"]]],
    [
      "CRLF",
      "a,b\r\n1,2\r\n3,4",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "mixed line ends",
      "a,b\r\n1,2\n3,4\r\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "quotes, commas and line ends inside quotes",
      'a,b\n"x ""y"", z","1\r\n2"\n',
      [['x "y", z', "1\r\n2"]],
    ],
    ["spaces as they are", "a,b\n 7 ,\n", [[" 7 ", ""]]],
    ["formulas as text", "a,b\n=cmd(),+1\n", [["=cmd()", "+1"]]],
    ["control characters", "a,b\n\u202e1,\u00072\n", [["\u202e1", "\u00072"]]],
    [
      "letters beyond ASCII, cut anywhere",
      `a\n${"é漢😀".repeat(20_000)}\n`,
      [["é漢😀".repeat(20_000)]],
    ],
    ["a gzipped file", gzipSync("a,b\n1,2\n"), [["1", "2"]]],
  ])("takes %s", async (_, content, expected) => {
    expect(await cells(content, "t.csv")).toEqual(expected);
  });

  it.each<[string, string, string | Uint8Array]>([
    ["an empty file", "data.empty", ""],
    ["blank lines alone", "data.empty", "\n\n"],
    ["a header alone", "data.noRows", "a,b\n"],
    ["a column twice", "data.duplicateColumn", "a,b,a\n1,2,3\n"],
    ["a column without a name", "data.header", "a,\n1,2\n"],
    [
      "more columns than the limit",
      "data.columns",
      `${Array.from({ length: 101 }, (_, i) => `c${i}`).join(",")}\n`,
    ],
    ["a quote open at the end", "data.quote", 'a,b\n1,"2\n3,4\n'],
    ["text after a closing quote", "data.quote", 'a,b\n1,"2"x\n'],
    ["a quote inside a bare cell", "data.quote", 'a,b\n1,2"secret\n'],
    ["a NUL byte", "data.nul", "a,b\n1,\0\n"],
    ["UTF-16", "data.encoding", Buffer.from("\ufeffa,b\n1,2\n", "utf16le")],
    ["UTF-16 without a mark", "data.nul", Buffer.from("a,b\n1,2\n", "utf16le")],
    ["Latin-1", "data.encoding", Buffer.from("a,b\nM\u00fcller,2\n", "latin1")],
    ["a character cut off at the end", "data.encoding", Buffer.from("a,b\n1,é\n").subarray(0, 7)],
    ["a field of 2 MiB", "data.fieldSize", `a,b\n1,${"x".repeat(2_097_152)}\n`],
    [
      "a row of 2 MiB",
      "data.fieldSize",
      `a,b\n${"x".repeat(1_000_000)},${"y".repeat(1_000_000)}\n`,
    ],
    ["an archive that unpacks 500-fold", "data.ratio", gzipSync(`a\n${"1\n".repeat(200_000)}`)],
    [
      "a second archive after the first",
      "data.format",
      Buffer.concat([gzipSync("a,b\n1,2\n"), gzipSync("3,4\n")]),
    ],
    ["a truncated archive", "data.format", gzipSync("a,b\n1,2\n").subarray(0, -6)],
    [
      "zeros after an archive",
      "data.format",
      Buffer.concat([gzipSync("a,b\n1,2\n"), Buffer.alloc(9)]),
    ],
    [
      "text after an archive",
      "data.format",
      Buffer.concat([gzipSync("a,b\n1,2\n"), Buffer.from("3,4\n")]),
    ],
    ["a zip archive", "data.format", Buffer.from("PK\x03\x04\x14\x00")],
  ])("refuses %s as %s", async (_, code, content) => {
    await expect(table(content)).rejects.toThrow(ScenarioError);
    await expect(table(content)).rejects.toThrow(new RegExp(`^${code} \\(t\\.csv`));
    await expect(table(content)).rejects.not.toThrow(/secret|1,|Müller/);
  });

  it.each(["a,b\n1,2\n3,4,5\n", "a,b\n1,2\n3\n"])(
    "names the line of a ragged row",
    async (text) => {
      await expect(table(text)).rejects.toThrow(/^data\.ragged .*line 3/);
    },
  );

  it("refuses plain text under a name that promises gzip", async () => {
    await expect(table("a,b\n1,2\n", "t.csv.gz")).rejects.toThrow("data.format");
  });
});

describe("readCsv's path", () => {
  writeFileSync(join(ROOT, "outside.csv"), "a\n1\n");
  writeFileSync(join(FOLDER, "inside.csv"), "a\n1\n");
  mkdirSync(`${FOLDER}-2`);
  writeFileSync(join(`${FOLDER}-2`, "near.csv"), "a\n1\n");
  symlinkSync(join(ROOT, "outside.csv"), join(FOLDER, "link.csv"));
  symlinkSync(ROOT, join(FOLDER, "up"));
  symlinkSync("/dev/zero", join(FOLDER, "zero.csv"));
  symlinkSync("inside.csv", join(FOLDER, "near.csv"));
  execFileSync("mkfifo", [join(FOLDER, "pipe.csv")]);

  it.each([
    ["path.escape", "../outside.csv"],
    ["path.escape", "../scenario-2/near.csv"],
    ["path.escape", "data/../../outside.csv"],
    ["path.escape", join(FOLDER, "inside.csv")],
    ["path.escape", "/etc/hostname"],
    ["path.escape", "link.csv"],
    ["path.escape", "up/outside.csv"],
    ["path.escape", "zero.csv"],
    ["path.escape", "inside.csv\0.csv"],
    ["path.missing", "nowhere.csv"],
    ["path.missing", "inside.csv/more.csv"],
    ["path.notFile", "data"],
    ["path.notFile", "."],
    ["path.notFile", "pipe.csv"],
  ])("refuses as %s: %s", async (code, path) => {
    await expect(readCsv(FOLDER, path)).rejects.toThrow(
      new RegExp(`^${code.replace(".", "\\.")} `),
    );
  });

  it.each(["inside.csv", "./data/../inside.csv", "near.csv"])("takes %s", async (path) => {
    expect((await readCsv(FOLDER, path)).rows).toHaveLength(1);
  });
});
