/** `murmur init` at a terminal, which is a stand-in: the question for the label that no column's name answers. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { init } from "../../../cli/commands/init.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);
/** a has two values, b one a row, c three, e one; none is called a label. */
const ROWS = Array.from({ length: 40 }, (_, i) => `${i % 2},${i},${i % 3},x`);
writeFileSync(at("plain.csv"), `a,b,c,e\n${ROWS.join("\n")}\n`);
writeFileSync(at("named.csv"), `a,outcome\n${ROWS.map((row) => row.slice(0, 3)).join("\n")}\n`);

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A terminal at which somebody types a line, or ends the input; and what it shows. */
function typing(answer: string | null, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  input.end(answer === null ? "" : `${answer}\n`);
  return { input, output, shown: () => String(output.read() ?? "") };
}

it.each([
  ["its number", "2"],
  ["its name", " c "],
])("asks which column it is, and takes %s", async (what, answer) => {
  const terminal = typing(answer);
  const study = at(`by ${what}`);
  await init(study, { from: at("plain.csv") }, terminal);
  expect(terminal.shown()).toBe(
    "     1  a\n     2  c\nWhich column is to be predicted? Its number or name: ",
  );
  const { data } = parse(readFileSync(join(study, "scenario.yaml"), "utf8"));
  expect(data.target).toMatchObject({ column: "c", classes: ["0", "1", "2"] });
});

it.each([
  ["nothing", "", "no column whose name says that it is the label"],
  ["the end of its input", null, "no column whose name says that it is the label"],
  ["a column that is not there", "d", "a column that is not there"],
  ["a number beyond the list", "3", "a column that is not there"],
  ["a column that can be no label", "e", "a column of one value"],
])("refuses %s, and leaves nothing behind", async (_, answer, got) => {
  const refused = init(at("refused"), { from: at("plain.csv") }, typing(answer));
  await expect(refused).rejects.toThrow(got);
  await expect(refused).rejects.toThrow("--target a | c");
  expect([existsSync(at("refused")), existsSync(at("refused.tmp"))]).toEqual([false, false]);
});

it.each([
  ["in a pipe", {}, false],
  ["under --json", { json: true }, true],
  ["under --quiet", { quiet: true }, true],
])("asks nobody %s", async (_, options, isTTY) => {
  const terminal = typing("2", isTTY);
  await expect(init(at("piped"), { from: at("plain.csv"), ...options }, terminal)).rejects.toThrow(
    "no column whose name says",
  );
  expect(terminal.shown()).toBe("");
});

it.each([
  ["y,label", "label"],
  ["num,a,target", "target"],
  ["is_new,churned", "churned"],
  ["y,has_car", "has_car"],
  ["a,y", "y"],
  ["result,diagnosis,class", "class"],
])("of columns called %s takes %s, wherever it stands", async (names, label) => {
  const head = names.split(",");
  const orders = [head, head.toReversed()];
  for (const [i, order] of orders.entries()) {
    const table = at(`${names}${i}.csv`);
    const rows = ROWS.map((_, row) => order.map((_, column) => (row + column) % 2).join(","));
    writeFileSync(table, `${order.join(",")}\n${rows.join("\n")}\n`);
    const study = at(`of ${names}${i}`);
    await init(study, { from: table }, typing(null));
    const { data } = parse(readFileSync(join(study, "scenario.yaml"), "utf8"));
    const { column } = data.target;
    expect(data.columns[column].from ?? column).toBe(label);
  }
});

it("asks nobody where a name says it", async () => {
  const terminal = typing("1");
  await init(at("named"), { from: at("named.csv") }, terminal);
  expect(terminal.shown()).toBe("");
});
