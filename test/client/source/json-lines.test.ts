import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const LIMITS = { limits: { columns: 100, rowBytes: 200_000 } };
const read = (content: string | Uint8Array) => files.read(files.write("t.jsonl", content));

describe("JSON lines", () => {
  it("are rows of typed cells, each on its line, in the first line's columns", async () => {
    const text = '\ufeff{"a":1.5,"b":"x"}\r\n\n{"b":null,"a":true}\n  \n{"b":"é\\u00e9 }:,"}';
    expect(await read(text)).toEqual({
      header: ["a", "b"],
      typed: true,
      lines: [1, 3, 5],
      rows: [
        [1.5, "x"],
        [true, null],
        [null, "éé }:,"],
      ],
    });
  });

  it.each<[string, string, unknown]>([
    ["decimals to the last bit", '{"a":0.1}', 0.1],
    ["the largest number that a formula takes", '{"a":-1e15}', -1e15],
    [
      "a list of events, as its text",
      '{"a":[["2024-05-05",7.25],{"date":"2024-05-06"}, 3]}',
      '[["2024-05-05",7.25],{"date":"2024-05-06"},3]',
    ],
    ["an escaped quote before a colon", '{"a":"\\":"}', '":'],
    ["a backslash before a closing quote", '{"a":"\\\\"}', "\\"],
  ])("take %s", async (_, text, cell) => {
    expect((await read(text)).rows).toEqual([[cell]]);
  });

  it("come in lines of any length, over many chunks, gzipped", async () => {
    const objects = Array.from({ length: 3_000 }, (_, i) => ({ i, text: "漢".repeat(i % 97) }));
    const text = objects.map((object) => JSON.stringify(object)).join("\n");
    const { rows, lines } = await read(gzipSync(text));
    expect(rows).toEqual(objects.map((object) => Object.values(object)));
    expect(lines).toEqual(objects.map((_, i) => i + 1));
  });
});

const ROW = '{"a":1,"b":2}\n';

describe("JSON lines are refused for", () => {
  it.each<[string, string, string, string | Uint8Array]>([
    ["being empty", "data.empty", "t.jsonl", "\n \n"],
    ["text that is no JSON", "data.format", "t.jsonl, line 2", `${ROW}{"a":1,"b":secret}`],
    ["a list", "data.format", "t.jsonl, line 2", `${ROW}[1,2]`],
    ["a bare null", "data.format", "t.jsonl, line 1", "null"],
    ["two objects on a line", "data.format", "t.jsonl, line 1", "{}{}"],
    ["an object over two lines", "data.format", "t.jsonl, line 1", '{"a":\n1}'],
    ["an object without keys", "data.columns", "t.jsonl", "{}"],
    ["a key twice", "data.duplicateColumn", "t.jsonl, line 2", `${ROW}{"a":1,"b":2,"\\u0061":3}`],
    ["a key twice in an event", "data.duplicateColumn", "t.jsonl, line 1", '{"a":[{"x":1,"x":2}]}'],
    ["a new key", "data.unknownColumn", "t.jsonl, line 2", `${ROW}{"a":1,"c":2}`],
    ["the key __proto__ first", "data.header", "t.jsonl", '{"__proto__":1}'],
    [
      "the key __proto__ later",
      "data.unknownColumn",
      "t.jsonl, line 2",
      `${ROW}{"a":1,"__proto__":{"b":7}}`,
    ],
    ["an empty key", "data.header", "t.jsonl", '{"":1}'],
    ["an object in a cell", "data.nested", "t.jsonl, line 2, b", `${ROW}{"a":1,"b":{"c":1}}`],
    ["lists three deep", "data.nested", "t.jsonl, line 1, a", '{"a":[[[1]]]}'],
    [
      "lists without end",
      "data.nested",
      "t.jsonl, line 1, a",
      `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    ],
    [
      "a number of 400 digits",
      "data.nonFiniteNumber",
      "t.jsonl, line 1, a",
      `{"a":${"9".repeat(400)}}`,
    ],
    [
      "an integer that a double rounds",
      "data.nonFiniteNumber",
      "t.jsonl, line 1, a",
      '{"a":9007199254740993}',
    ],
    ["half a surrogate pair", "data.encoding", "t.jsonl, line 1, a", '{"a":"\\ud800"}'],
    ["an escaped NUL", "data.nul", "t.jsonl, line 1, a", '{"a":"\\u0000"}'],
    ["a NUL byte", "data.nul", "t.jsonl, line 2", `${ROW}{"a":"\0"}`],
    [
      "bytes that are no UTF-8",
      "data.encoding",
      "t.jsonl, line 2",
      Buffer.from(`${ROW}{"a":"\xff"}`, "latin1"),
    ],
    [
      "a line beyond its limit",
      "data.fieldSize",
      "t.jsonl, line 2",
      `${ROW}{"a":"${"x".repeat(300_000)}"}`,
    ],
    ["a line that never ends", "data.fieldSize", "t.jsonl, line 1", `{"a":"${"x".repeat(300_000)}`],
    [
      "more keys than the limit",
      "data.columns",
      "t.jsonl",
      JSON.stringify({ ...Array(101).fill(0) }),
    ],
  ])("%s", async (_, code, where, content) => {
    const problem = await files.refusal(files.write("t.jsonl", content), LIMITS);
    expect(problem).toMatchObject({ what: code, where });
    expect(JSON.stringify(problem)).not.toContain("secret");
  });

  it("a line beyond its limit, before the archive's broken end is reached", async () => {
    const cut = gzipSync(`{"a":"${"x".repeat(500_000)}`, { level: 0 }).subarray(0, 400_000);
    expect((await files.refusal(files.write("t.jsonl", cut), LIMITS)).what).toBe("data.fieldSize");
  });

  it("a header beside their own", async () => {
    const problem = await files.refusal(files.write("t.jsonl", ROW), { header: ["a", "b"] });
    expect(problem.what).toBe("data.header");
  });
});
