import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BudgetError } from "../../../shared/errors.ts";
import {
  type ChainFormat,
  type ChainLine,
  checkAnchor,
  lineAfter,
  lineText,
  readChain,
} from "../../../shared/ledger/chain.ts";
import { chainLine } from "../../../shared/ledger/ledger-line.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";

const schema = z.strictObject({ kind: z.enum(["open", "more"]), n: z.number() });
type Entry = z.infer<typeof schema>;
const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const format: ChainFormat<Entry> = { schema, genesis: ({ n }) => sha(`about ${n}`) };

/** A chain of one opening and so many more. */
function chain(more: number, opening: Entry = { kind: "open", n: 0 }): ChainLine<Entry>[] {
  const lines = [lineAfter(format, undefined, opening)];
  for (let n = 1; n <= more; n++) lines.push(lineAfter(format, lines.at(-1), { kind: "more", n }));
  return lines;
}
const textOf = (lines: readonly ChainLine<Entry>[]) =>
  lines.map((line) => `${lineText(line)}\n`).join("");

it("is what the hash of each line before it says, from the genesis on", () => {
  const [first, second] = chain(1);
  expect(first?.prev).toBe(sha("about 0"));
  // Written out: the hash before, then the canonical line without its own.
  const body = `{"kind":"more","n":1,"prev":"${first?.hash}","seq":1,"v":1}`;
  expect(second?.hash).toBe(sha(`${first?.hash}${body}`));
  expect(readChain(format, textOf(chain(3)), "x")).toEqual(chain(3));
});

describe("refuses, naming the line", () => {
  const [open, one, two] = chain(2);
  const all = textOf(chain(2));
  const lines = [open, one, two].map((line) => (line ? `${lineText(line)}\n` : ""));
  it.each([
    ["a line that skips a number", all.replace('"seq":1', '"seq":7'), "ledger.seq", 2],
    [
      "a line of another chain",
      textOf(chain(2, { kind: "open", n: 5 })).replace(/.*\n/, lines[0] ?? ""),
      "ledger.chain",
      2,
    ],
    ["a changed entry", all.replace('"n":1', '"n":9'), "ledger.hash", 2],
    ["a line left out", `${lines[0]}${lines[2]}`, "ledger.seq", 2],
    [
      "an opening in the middle",
      textOf([...chain(0), lineAfter(format, open, { kind: "open", n: 0 })]),
      "ledger.order",
      2,
    ],
    [
      "no opening",
      textOf([lineAfter(format, undefined, { kind: "more", n: 0 })]),
      "ledger.order",
      1,
    ],
    ["spaces that canonical JSON has not", all.replace('"n":1', '"n": 1'), "ledger.hash", 2],
    ["another line end", all.replace("\n", "\r\n"), "ledger.hash", 1],
    ["text that is none", `${lines[0]}?\n`, "ledger.line", 2],
    ["a last line without its end", all.slice(0, -1), "ledger.torn", 3],
    ["nothing", "", "ledger.empty", 1],
  ])("%s", (_, text, what, line) => {
    const reading = () => readChain(format, text, "x");
    expect(reading).toThrow(BudgetError);
    expect(reading).toThrow(new RegExp(`^${what.replace(".", "\\.")} \\(x, line ${line}\\)`));
  });
});

describe("an anchor", () => {
  const lines = chain(3);
  it("holds for what was seen, whatever came after", () => {
    for (const seen of lines) expect(() => checkAnchor(lines, seen, "x", "c1")).not.toThrow();
  });

  it("tells of the first line that is missing", () => {
    const last = lines.at(-1) ?? { seq: 0, hash: "" };
    const cut = () => checkAnchor(lines.slice(0, 2), last, "x", "c1");
    expect(cut).toThrow(/^ledger\.rollback \(x, line 3\)/);
    expect(cut).toThrow("lines up to 4");
    expect(cut).toThrow("c1 has seen");
  });

  it("tells of another line in its place", () => {
    const other = chain(3, { kind: "open", n: 8 })[2] ?? { seq: 0, hash: "" };
    expect(() => checkAnchor(lines, other, "x", "c1")).toThrow("another line");
  });
});

it("of a run is bound to the run and to its plan", () => {
  const opening = openingFor(sealedWith());
  const first = chainLine(0, null, opening);
  for (const odd of [{ runId: "f".repeat(32) }, { planHash: "cd".repeat(32) }]) {
    expect(chainLine(0, null, { ...opening, ...odd }).prev).not.toBe(first.prev);
  }
  const due = sha(`murmur/ledger/v1${opening.runId}${opening.planHash}`);
  expect(first.prev).toBe(due);
});
