/** docs/releases.md lists every kind of message and every file of a run's folder, and nothing that is none. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { simulate } from "../../run/simulate.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/releases.md"), "utf8");
const PROTOCOL = readFileSync(join(ROOT, "shared/wire/protocol.ts"), "utf8");

/** Of the table below `heading`: the cells of each row. */
function rowsOf(heading: string): string[][] {
  const [, below = ""] = PAGE.split(`## ${heading}\n`);
  const [table = ""] = below.split("\n## ");
  return table
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (file|who → whom) \|/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, ...cells]) => cells);
}

/** Kinds of message that stand between `from` and `to` in the protocol. */
function kinds(from: string, to: string): string[] {
  const part = PROTOCOL.slice(PROTOCOL.indexOf(from), PROTOCOL.indexOf(to));
  return [...new Set([...part.matchAll(/message\(\s*"(\w+)"/g)].map(([, kind = ""]) => kind))];
}

it.each([
  ["either", kinds("const common =", "const proof =")],
  ["client → coordinator", kinds("const fromClient =", "const ended =")],
  ["coordinator → client", kinds("const fromServer =", "export type Side")],
])("lists every message of %s, once", (who, expected) => {
  const listed = rowsOf("By message").filter(([whom]) => whom === who);
  expect(expected.length).toBeGreaterThan(5);
  expect(listed.map(([, message]) => message?.replaceAll("`", "")).sort()).toEqual(expected.sort());
});

it("lists every file that a run leaves", async () => {
  const out = join(mkdtempSync(join(tmpdir(), "murmur-releases-")), "run");
  await simulate(join(ROOT, "scenarios/purchases.yaml"), {
    out,
    set: { "training.rounds": 1, "training.learningRate": 0.1 },
  });
  const listed = rowsOf("By file of a run's folder").map(([file]) => file?.replace(/[`/]/g, ""));
  const left = readdirSync(out);
  expect(left).toContain("ledger.jsonl");
  expect(left.filter((name) => !listed.includes(name))).toEqual([]);
});
