import { afterAll, describe, expect, it } from "vitest";
import { dialectOf } from "../../../../client/source/text/dialect.ts";
import { peek } from "../../../../client/source/text/peek.ts";
import { utf16Of } from "../../../../client/source/text/utf16.ts";
import { TableFiles } from "../../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const PLAIN = { delimiter: ",", lineEnd: "\n", sepLine: false };

describe("how a file is written", () => {
  it.each<[string, string, Partial<ReturnType<typeof dialectOf>>]>([
    ["commas", "a,b\n1,2\n", {}],
    ["semicolons", "a;b\n1,5;2\n", { delimiter: ";" }],
    ["tabs", "a\tb\n1\t2\n", { delimiter: "\t" }],
    ["bars", "a|b|c;d\n", { delimiter: "|" }],
    ["one column", "a\n1;2\n", {}],
    ["a comma beside a semicolon, which stays what it was", "a;b,c\n1,2\n", {}],
    ["commas within quotes, which part nothing", '"a, ""x"", b";c\n1;2\n', { delimiter: ";" }],
    ["blank lines first", "\n\r\na;b\n", { delimiter: ";" }],
    ["a byte order mark", "\ufeffa;b\n", { delimiter: ";" }],
    ["lines that end in CR alone", "a;b\r1;2\r", { delimiter: ";", lineEnd: "\r" }],
    ["CR LF", "a,b\r\n1,2\r\n", {}],
    ["sep=;", "sep=;\r\na,b;c\r\n", { delimiter: ";", sepLine: true }],
    ["sep=, in quotes", '\ufeff"sep=,"\na,b\n', { sepLine: true }],
  ])("shows in its first line: %s", (_, start, found) => {
    expect(dialectOf(start)).toEqual({ ...PLAIN, ...found });
  });

  it("is what the scenario says, where it says so", () => {
    expect(dialectOf("a,b;c\n", { delimiter: ";" })).toEqual({ ...PLAIN, delimiter: ";" });
    expect(dialectOf("sep=,\na;b\n", { delimiter: ";" })).toEqual({
      ...{ delimiter: ";", lineEnd: "\n", sepLine: true },
    });
  });

  it("shows in the first row where the columns are given, in the one below a remark, and in none for one column", () => {
    expect(dialectOf("1;2\n", { columns: 2 }).delimiter).toBe(";");
    expect(dialectOf("|1x3 split\n1;2\n", { columns: 2 }).delimiter).toBe(";");
    expect(dialectOf("1;2\n", { columns: 1 }).delimiter).toBe(",");
  });

  it.each<[string, Buffer, ReturnType<typeof utf16Of>]>([
    ["a mark", Buffer.from("\ufeffé", "utf16le"), "utf-16le"],
    ["a mark of the other order", Buffer.from("\ufeffé", "utf16le").swap16(), "utf-16be"],
    ["no mark", Buffer.from("a,b\n", "utf16le"), "utf-16le"],
    ["no mark, in the other order", Buffer.from("a,b\n", "utf16le").swap16(), "utf-16be"],
    ["UTF-8", Buffer.from("\ufeffa,b\n"), null],
    ["a NUL byte", Buffer.from("a\0b,c\n"), null],
    ["nothing but NUL", Buffer.alloc(64), null],
    ["an empty file", Buffer.alloc(0), null],
  ])("is UTF-16 or not: %s", (_, start, encoding) => {
    expect(utf16Of(start)).toBe(encoding);
  });

  it("is looked at as far as the first line end, and nothing of the file is lost by it", async () => {
    const closed: string[] = [];
    async function* chunks() {
      try {
        for (const text of ["a;", "b\n1", ";2\n", "3;4\n"]) yield Buffer.from(text);
      } finally {
        closed.push("closed");
      }
    }
    const { start, chunks: all } = await peek(chunks(), 1_000);
    expect(start.toString()).toBe("a;b\n1");
    let text = "";
    for await (const chunk of all) text += chunk.toString();
    expect(text).toBe("a;b\n1;2\n3;4\n");
    const again = await peek(chunks(), 3);
    for await (const _ of again.chunks) break;
    expect(closed).toEqual(["closed", "closed"]);
  });
});

describe("a table comes out the same", () => {
  const text = 'a,b\n1,"x, y"\n2,"é\n😀"\n3,7\n';
  const expected = { header: ["a", "b"], typed: false, lines: [2, 4, 5] };
  const rows = [
    ["1", "x, y"],
    ["2", "é\n😀"],
    ["3", "7"],
  ];
  const semicolons = text.replaceAll(/,(?! )/g, ";");
  it.each<[string, string | Uint8Array, object?]>([
    ["of semicolons", semicolons],
    ["of tabs", text.replaceAll(/,(?! )/g, "\t")],
    ["of bars", text.replaceAll(/,(?! )/g, "|")],
    ["in UTF-16", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["in UTF-16 without a mark", Buffer.from(text, "utf16le")],
    [
      "in UTF-16, big end first, of semicolons",
      Buffer.from(`\ufeff${semicolons}`, "utf16le").swap16(),
    ],
    ["of semicolons, as declared", semicolons, { delimiter: ";" }],
  ])("%s", async (_, content, options) => {
    const read = await files.read(files.write("same.csv", content), options);
    expect(read).toEqual({ ...expected, rows });
  });

  it("behind sep=, each row on its line", async () => {
    const { header, lines } = await files.read(files.write("sep.csv", `sep=;\n${semicolons}`));
    expect({ header, lines }).toEqual({ header: ["a", "b"], lines: [3, 5, 6] });
  });

  it("with lines that end in CR alone, whatever a quoted cell holds", async () => {
    const file = files.write("cr.csv", 'a,b\r1,"x\ry"\r2,z');
    expect(await files.read(file)).toEqual({
      ...{ header: ["a", "b"], typed: false, lines: [3, 4] },
      rows: [
        ["1", "x\ry"],
        ["2", "z"],
      ],
    });
  });

  it("whose first row is no header, and whose cells tabs part", async () => {
    const file = files.write("rows.csv", "\t1\n2\t\n");
    const { rows: found } = await files.read(file, { header: ["a", "b"] });
    expect(found).toEqual([
      ["", "1"],
      ["2", ""],
    ]);
  });

  it("in UTF-16 of several chunks, a pair cut between two", async () => {
    const long = `a,b\n${"x".repeat(32_763)}😀,1\n`;
    const { rows: found } = await files.read(
      files.write("long.csv", Buffer.from(`\ufeff${long}`, "utf16le")),
    );
    expect(found).toEqual([[`${"x".repeat(32_763)}😀`, "1"]]);
  });

  it.each([
    ["a.xlsx", "PK\x03\x04rest"],
    ["a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    ["a.csv", `PK\x03\x04${"\0".repeat(26)}[Content_Types].xml`],
    ["a.csv", `PK\x03\x04${"\0".repeat(26)}mimetypeapplication/vnd.oasis.opendocument.spreadsheet`],
  ])(
    "but of a workbook, %s, which is refused with the way to convert it",
    async (name, content) => {
      const problem = await files.refusal(files.write(name, Buffer.from(content, "latin1")));
      expect(problem).toMatchObject({ what: "data.format", where: name, got: "a workbook" });
      expect(problem.fix).toContain(`pandas.read_excel("${name}").to_csv("a.csv", index=False)`);
    },
  );
});
