import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { adultBytes, adultTable } from "../../support/adult.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const LIMITS = { limits: { columns: 100, rowBytes: 1_000_000, smallBytes: 100_000 } };
const HEADER = { header: ["a", "b"] };

const read = (content: string | Uint8Array, options = {}) =>
  files.read(files.write("t.csv", content), options);

describe("a CSV file", () => {
  it("is a header and rows, with the line on which each ends", async () => {
    expect(await read('a,b\n1,2\n\n"3\n4",5\n6,7\n')).toEqual({
      header: ["a", "b"],
      typed: false,
      lines: [2, 5, 6],
      rows: [
        ["1", "2"],
        ["3\n4", "5"],
        ["6", "7"],
      ],
    });
  });

  it.each<[string, string | Uint8Array, string[][]]>([
    ["CRLF", "a,b\r\n1,2\r\n", [["1", "2"]]],
    ["no line end at the end", "a,b\r\n1,2", [["1", "2"]]],
    [
      "mixed line ends",
      "a,b\r\n1,2\n3,4\r\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "quotes, commas and line ends in quotes",
      'a,b\n"x ""y"", z","1\r\n2"\n',
      [['x "y", z', "1\r\n2"]],
    ],
    ["spaces as they are", "a,b\n 7 ,\n", [[" 7 ", ""]]],
    ["formulas as text", "a,b\n=cmd(),+1\n", [["=cmd()", "+1"]]],
    ["control characters", "a,b\n\u202e1,\u00072\n", [["\u202e1", "\u00072"]]],
    ["numbers of any length as text", `a,b\n${"9".repeat(400)},1\n`, [["9".repeat(400), "1"]]],
    [
      "letters beyond ASCII, cut anywhere",
      `a\n${"é漢😀".repeat(20_000)}\n`,
      [["é漢😀".repeat(20_000)]],
    ],
    ["a gzipped file", gzipSync("a,b\n1,2\n"), [["1", "2"]]],
    ["names of its own for constructors", "constructor,b\n1,2\n", [["1", "2"]]],
  ])("takes %s", async (_, content, expected) => {
    expect((await read(content)).rows).toEqual(expected);
  });

  it("is not named by a byte order mark, plain or gzipped", async () => {
    expect((await read("\ufeffa,b\n1,2\n")).header).toEqual(["a", "b"]);
    expect((await read(gzipSync('\ufeff"a",b\n1,2\n'))).header).toEqual(["a", "b"]);
  });

  it("takes a header that the scenario gives, and then drops spaces before cells alone", async () => {
    const { header, rows, lines } = await read("1, x\n2, y \n", HEADER);
    expect({ header, rows, lines }).toEqual({
      header: ["a", "b"],
      rows: [
        ["1", "x"],
        ["2", "y "],
      ],
      lines: [1, 2],
    });
  });

  it("takes a remark in its first line, and then a full stop after each row, where a header is given", async () => {
    const { rows, lines } = await read("|1x3 split\n1, x.\n2, y\n\n", HEADER);
    expect(rows).toEqual([
      ["1", "x"],
      ["2", "y"],
    ]);
    expect(lines).toEqual([2, 3]);
    // Without the remark a full stop is the cell's own; without the header it is a name.
    expect((await read("1, x.\n", HEADER)).rows).toEqual([["1", "x."]]);
    expect((await read("|a,b\n1,x.\n")).header).toEqual(["|a", "b"]);
  });

  it("comes back as it was written, whatever the cells hold", async () => {
    const cell = fc
      .string({ unit: "grapheme", maxLength: 12 })
      .map((text) => text.replaceAll("\0", ""));
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom("\n", "\r\n"), async (table, lineEnd) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const lines = [["a", "b"], ...table].map((row) => row.map(quoted).join(","));
        expect((await read(lines.join(lineEnd))).rows).toEqual(table);
      }),
      { numRuns: 50 },
    );
  });

  it("gives Adult's 32,561 rows as a plain split of its lines does, each on its line", async () => {
    const { header, rows } = adultTable("adult");
    const table = await read(gzipSync(adultBytes("adult")));
    expect(table.header).toEqual(header);
    expect(table.rows).toEqual(rows);
    expect(table.lines).toEqual(rows.map((_, i) => i + 2));
  });
});

describe("a CSV file is refused for", () => {
  it.each<[string, string, string, string | Uint8Array]>([
    ["being empty", "data.empty", "t.csv", ""],
    ["blank lines alone", "data.empty", "t.csv", "\n\n"],
    ["a header alone", "data.noRows", "t.csv", "a,b\n"],
    ["a column twice", "data.duplicateColumn", "t.csv", "a,b,a\n1,2,3\n"],
    ["a column without a name", "data.header", "t.csv", "a,\n1,2\n"],
    ["a column named __proto__", "data.header", "t.csv", "a,__proto__\n1,2\n"],
    ["more columns than the limit", "data.columns", "t.csv", `${"c,".repeat(100)}d\n`],
    ["two names in one pair of quotes", "data.delimiter", "t.csv, line 1", '"a;b"\n1\n'],
    ["a cell too many", "data.ragged", "t.csv, line 3", "a,b\n1,2\n3,4,5\n"],
    ["a cell too few", "data.ragged", "t.csv, line 4", "a,b\n1,2\n\n3\n"],
    ["a quote open at the end", "data.quote", "t.csv, line 2", 'a,b\n1,"2\n3,4\n'],
    ["text after a closing quote", "data.quote", "t.csv, line 3", 'a,b\n1,2\n1,"2"x\n'],
    ["a quote inside a bare cell", "data.quote", "t.csv, line 2", 'a,b\n1,2"secret\n'],
    ["a NUL byte", "data.nul", "t.csv, line 3", "a,b\n1,2\n1,\0\n"],
    [
      "UTF-16 that ends within a character",
      "data.encoding",
      "t.csv",
      Buffer.from("\ufeffa,b\n1,2\n", "utf16le").subarray(0, 17),
    ],
    [
      "UTF-16 with half of a pair",
      "data.encoding",
      "t.csv",
      Buffer.from("\ufeffa,b\n1,\ud83d\n", "utf16le"),
    ],
    [
      "UTF-16 with a character of no letter",
      "data.nul",
      "t.csv, line 2",
      Buffer.from("\ufeffa,b\n1,\0\n", "utf16le"),
    ],
    ["a cell too many, of semicolons", "data.ragged", "t.csv, line 3", "a;b\n1;2\n3;4;5\n"],
    ["a cell too many, lines ending in CR", "data.ragged", "t.csv, line 3", "a,b\r1,2\r3,4,5\r"],
    [
      "no UTF-8, lines ending in CR",
      "data.encoding",
      "t.csv, line 2",
      Buffer.from("a\r\xff\r", "latin1"),
    ],
    [
      "Latin-1",
      "data.encoding",
      "t.csv, line 3",
      Buffer.from("a,b\n1,2\nM\u00fcller,2\n", "latin1"),
    ],
    [
      "a character cut off at the end",
      "data.encoding",
      "t.csv, line 2",
      Buffer.from("a,b\n1,é\n").subarray(0, 7),
    ],
    [
      "a field of 2 MB",
      "data.fieldSize",
      "t.csv, line 3",
      `a,b\n1,2\n1,${"x".repeat(2_000_000)}\n`,
    ],
    [
      "a row of 1.2 MB",
      "data.fieldSize",
      "t.csv, line 2",
      `a,b\n${"x".repeat(600_000)},${"y".repeat(600_000)}\n`,
    ],
    [
      "a row of nothing but commas",
      "data.fieldSize",
      "t.csv, line 2",
      `a,b\n${",".repeat(5_000_000)}`,
    ],
    [
      "an archive that unpacks 500-fold",
      "data.ratio",
      "t.csv",
      gzipSync(`a\n${"1\n".repeat(200_000)}`),
    ],
    [
      "a second archive",
      "data.format",
      "t.csv",
      Buffer.concat([gzipSync("a,b\n1,2\n"), gzipSync("3,4\n")]),
    ],
    ["a truncated archive", "data.format", "t.csv", gzipSync("a,b\n1,2\n").subarray(0, -6)],
    [
      "zeros after an archive",
      "data.format",
      "t.csv",
      Buffer.concat([gzipSync("a,b\n1,2\n"), Buffer.alloc(9)]),
    ],
    [
      "zeros, then its own length, after an archive",
      "data.format",
      "t.csv",
      Buffer.concat([gzipSync("a,b\n1,2\n"), Buffer.from([0, 0, 0, 0, 8, 0, 0, 0])]),
    ],
    [
      "text after an archive",
      "data.format",
      "t.csv",
      Buffer.concat([gzipSync("a,b\n1,2\n"), Buffer.from("3,4\n")]),
    ],
    ["being a zip archive", "data.format", "t.csv", Buffer.from("PK\x03\x04\x14\x00")],
  ])("%s", async (_, code, where, content) => {
    const problem = await files.refusal(files.write("t.csv", content), LIMITS);
    expect(problem).toMatchObject({ what: code, where });
    expect(JSON.stringify(problem)).not.toMatch(/secret|Müller/);
  });

  it.each([
    ["a cell", `a,b\n1,${"x".repeat(3_000_000)}`],
    ["a quoted cell", `a,b\n1,"${"x\n".repeat(1_500_000)}`],
    ["a header", "x".repeat(3_000_000)],
  ])("%s beyond the limit, before the archive's broken end is reached", async (_, text) => {
    // Not compressed at all: every byte of the long cell lies before what is cut off.
    const cut = gzipSync(text, { level: 0 }).subarray(0, 2_500_000);
    const problem = await files.refusal(files.write("t.csv", cut), LIMITS);
    expect(problem.what).toBe("data.fieldSize");
  });

  it("the line of its first byte that is no UTF-8, chunks further down", async () => {
    const rows = "é,2\n".repeat(50_000);
    const broken = Buffer.concat([Buffer.from(`a,b\n${rows}`), Buffer.from([0x31, 0xff, 0x0a])]);
    const problem = await files.refusal(files.write("t.csv", broken), LIMITS);
    expect(problem).toMatchObject({ what: "data.encoding", where: "t.csv, line 50002" });
  });

  it("a header of the scenario's of another length than its rows", async () => {
    const problem = await files.refusal(files.write("t.csv", "1,2,3\n"), HEADER);
    expect(problem).toMatchObject({ what: "data.ragged", where: "t.csv, line 1" });
  });
});
