import { expect, it } from "vitest";
import {
  chainLine,
  type LedgerEntry,
  type LedgerLine,
  openingOf,
} from "../../../shared/ledger/ledger-line.ts";
import { checkSequence } from "../../../shared/ledger/ledger-sequence.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { openingFor, planWith, sealedWith } from "../../support/plans.ts";

const events = attemptEvents(planWith());
const modelHash = "cd".repeat(32);
/** o: open, c: charge, r: release, n: counts, a: abort, x: close; digits: round and attempt. f: resumed from a line. */
function ledger(script: string): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const [kind = "", round = "0", attempt = "0"] of script.split(" ")) {
    const at = { round: Number(round), attempt: Number(attempt) };
    const entries: Record<string, LedgerEntry> = {
      o: openingFor(sealedWith()),
      c: { kind: "charge", ...at, events },
      r: { kind: "release", ...at, modelHash },
      n: { kind: "counts", ...at, task: "evaluation", countsHash: modelHash },
      a: { kind: "abort", ...at, reason: "few" },
      f: { kind: "resumed", from: Number(round) },
      x: { kind: "close", reason: "done" },
    };
    const entry = entries[kind];
    if (entry) lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
  }
  return lines;
}

it.each([
  "o",
  "o x",
  "o c00 r00 c10 r10 x",
  "o c00 a00 c01 r01 c10",
  "o c00 r00 c20 r20 x",
  "o c00 n00 c01 r01 c02 n02 x",
  // Taken back behind a release, and behind two rounds.
  "o c00 r00 c10 r10 f2 c11 r11 x",
  "o c00 r00 c10 a10 f2 c11 r11 c20 r20 f2 c12 r12 c21",
])("accepts %s", (script) => {
  expect(() => checkSequence(ledger(script), "ledger")).not.toThrow();
});

it.each([
  ["a release that nothing paid for", "o r00", 2],
  ["two releases for one charge", "o c00 r00 r00", 4],
  ["a release of another attempt", "o c00 r01", 3],
  ["an abort that nothing paid for", "o a00", 2],
  ["a charge before the last attempt has ended", "o c00 c01", 3],
  ["counts that nothing paid for", "o n00", 2],
  ["counts and a model for one charge", "o c00 n00 r00", 4],
  ["a later attempt of an earlier round", "o c10 r10 c05", 4],
  ["an attempt twice", "o c00 a00 c00", 4],
  ["a round backwards", "o c10 r10 c00", 4],
  ["a second opening", "o c00 r00 o", 4],
  ["a resumed run that uses an attempt again", "o c00 r00 c10 r10 f2 c10", 7],
  ["a resumed run that goes behind its checkpoint", "o c10 r10 c20 r20 f2 c05", 7],
  ["an attempt left open when the run goes on", "o c00 f0", 3],
  ["a run that goes on from a line to come", "o f2 c00 r00", 2],
  ["anything after the close", "o x c00", 3],
])("refuses %s", (_, script, line) => {
  expect(() => checkSequence(ledger(script), "ledger")).toThrow(`ledger, line ${line}`);
});

it("has an opening first, or none that could be read", () => {
  expect(openingOf(ledger("o c00 r00")).kind).toBe("open");
  expect(() => openingOf(ledger("c00 r00"))).toThrow("begins with its open line");
});
