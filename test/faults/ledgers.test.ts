/** Ledgers that somebody, or a disk, has changed: what is wrong is told, and nothing of it is believed. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type AttemptEvents, Ledger, readLedger } from "../../shared/ledger/ledger.ts";
import type { OpenEntry } from "../../shared/ledger/ledger-line.ts";
import { checkSequence } from "../../shared/ledger/ledger-sequence.ts";
import { scratch } from "../support/murmur.ts";
import { problemOf } from "../support/problem.ts";

const { path: root, remove } = scratch();
afterAll(remove);
const gaussian = {
  mechanism: "gaussian",
  noiseMultiplier: 10,
  sampling: { kind: "full" },
  adjacency: "zeroOut",
} as const;
const events: AttemptEvents = {
  modelRecipients: gaussian,
  otherClients: gaussian,
  coordinator: { mechanism: "none" },
};

/** Two rounds, each charged and released, in a folder of its own. @returns the ledger's path */
function written(runId = "01"): string {
  const path = join(mkdtempSync(join(root, "run-")), "ledger.jsonl");
  const opening: OpenEntry = {
    kind: "open",
    runId: runId.repeat(16),
    planHash: "ab".repeat(32),
    unit: "record",
    adjacency: "zeroOut",
    accountant: "gdp",
    delta: 1e-5,
    chargedDelta: 1e-5,
    budget: 5,
    noise: "secure",
  };
  const ledger = new Ledger(path, opening, () => "then");
  for (const round of [0, 1]) {
    ledger.charge(round, 0, events);
    ledger.release(round, 0, "cd".repeat(32));
  }
  return path;
}

/** Spoils a ledger line by line, and reads it as `verify` and `resume` do. */
function read(spoil: (lines: string[]) => readonly string[] | string): Promise<string> {
  const path = written();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const spoilt = spoil(lines);
  writeFileSync(path, typeof spoilt === "string" ? spoilt : spoilt.map((l) => `${l}\n`).join(""));
  return problemOf(() => checkSequence(readLedger(path).lines, path));
}

const other = readFileSync(written("02"), "utf8").trimEnd().split("\n");
const DAMAGE: readonly [
  input: string,
  spoil: (lines: string[]) => string[] | string,
  what: string,
][] = [
  [
    "a bit flipped",
    (l) => l.map((t, i) => (i === 1 ? t.replace('"round":0', '"round":1') : t)),
    "hash",
  ],
  ["a line taken out", (l) => l.toSpliced(1, 1), "seq"],
  ["a line twice", (l) => l.toSpliced(1, 0, l[1] ?? ""), "seq"],
  ["two lines swapped", (l) => [l[0], l[2], l[1], l[3], l[4]].map(String), "seq"],
  ["its tail cut at a line", (l) => l.slice(0, 3), "rollback"],
  [
    "its numbers begun anew",
    (l) => l.map((t, i) => (i === 3 ? t.replace('"seq":3', '"seq":0') : t)),
    "seq",
  ],
  ["a line of another run", (l) => l.map((t, i) => other[i === 2 ? 2 : -1] ?? t), "chain"],
  ["another run's whole", () => other, "rollback"],
  ["nothing in it", () => "", "empty"],
  ["Windows' line ends", (l) => l.join("\r\n").concat("\r\n"), "hash"],
  [
    "an unknown version",
    (l) => l.map((t, i) => (i === 1 ? t.replace('"v":1', '"v":2') : t)),
    "line",
  ],
  ["noise below zero", (l) => l.map((t, i) => (i === 1 ? t.replaceAll(":10", ":-10") : t)), "line"],
  ["noise 1e999", (l) => l.map((t, i) => (i === 1 ? t.replaceAll(":10", ":1e999") : t)), "line"],
  ["noise NaN", (l) => l.map((t, i) => (i === 1 ? t.replaceAll(":10", ":NaN") : t)), "line"],
];

it.each(DAMAGE.map(([input, spoil, what]) => ({ input, spoil, what })))(
  "input ledger: $input → ledger.$what",
  async ({ spoil, what }) => {
    expect(await read(spoil)).toBe(`BudgetError ledger.${what}`);
  },
);

it("takes the ledger that the others spoil", async () => {
  expect(await read((lines) => lines)).toBe("no refusal");
});

it("input ledger: a torn last line → mended, and noted", () => {
  const path = written();
  const whole = readFileSync(path, "utf8");
  writeFileSync(path, `${whole}{"attempt":0,"events":`);
  const ledger = Ledger.reopen(path, () => "now");
  expect(ledger.lines.map(({ entry }) => entry.kind).slice(5)).toEqual(["mended"]);
  expect(readFileSync(path, "utf8").startsWith(whole)).toBe(true);
});
