import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { calibrateNoise } from "../../../shared/accounting/calibrate.ts";
import type { PrivacyEvent } from "../../../shared/accounting/event.ts";
import { Ledger } from "../../../shared/accounting/ledger.ts";
import { type OpenEntry, readLines, spentAgainst } from "../../../shared/accounting/ledger-line.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const NOISE = calibrateNoise("gdp", { kind: "full" }, 3, 1, 1e-5);
const gaussian: PrivacyEvent = {
  mechanism: "gaussian",
  noiseMultiplier: NOISE,
  sampling: { kind: "full" },
  adjacency: "zeroOut",
};
const events = {
  modelRecipients: gaussian,
  otherClients: gaussian,
  coordinator: { mechanism: "none" },
} as const;
const opening: OpenEntry = {
  kind: "open",
  runId: "0123456789abcdef0123456789abcdef",
  planHash: "ab".repeat(32),
  unit: "record",
  adjacency: "zeroOut",
  accountant: "gdp",
  delta: 1e-5,
  chargedDelta: 1e-5,
  budget: 1,
  noise: "seeded",
};

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Two rounds: charged, one released, one aborted. */
function written(): Ledger {
  const ledger = new Ledger(path, opening);
  ledger.charge(0, 0, events);
  ledger.release(0, 0, "cd".repeat(32));
  ledger.charge(1, 0, events);
  ledger.abort(1, 0, "5 of at least 6 updates came");
  return ledger;
}

it("spends what the exact Gaussian says, attempt by attempt, aborted ones too", () => {
  const ledger = written();
  // An independent bisection of Balle and Wang's theorem 8.
  const exact = exactGaussianEpsilon(Math.sqrt(2) / NOISE, 1e-5);
  expect(ledger.spent.modelRecipients).toBeGreaterThanOrEqual(exact);
  expect(ledger.spent.modelRecipients).toBeLessThan(exact * (1 + 1e-6));
  expect(ledger.spent.coordinator).toBeNull();
});

it("refuses the attempt that would overspend, and writes nothing of it", () => {
  const ledger = written();
  ledger.charge(1, 1, events);
  expect(ledger.affords(events)).toBe(false);
  const before = readFileSync(path, "utf8");
  expect(() => ledger.charge(2, 0, events)).toThrow(BudgetError);
  expect(readFileSync(path, "utf8")).toBe(before);
});

it("has each line on the disk when the call returns", () => {
  const ledger = new Ledger(path, opening);
  ledger.charge(0, 0, events);
  expect(readLines(readFileSync(path, "utf8"), path)).toEqual(ledger.lines);
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge"]);
});

it("gives the same spend read back as it had live", () => {
  const ledger = written();
  const lines = readLines(readFileSync(path, "utf8"), path);
  expect(spentAgainst(lines, "modelRecipients")).toBe(ledger.spent.modelRecipients);
});

it("never begins in a file that exists", () => {
  written();
  expect(() => new Ledger(path, opening)).toThrow("EEXIST");
});

it("stops with ledger.write when the disk is full", () => {
  // Linux's /dev/full answers every write with ENOSPC.
  const full = openSync("/dev/full", "a");
  closeSync(full);
  expect(() => new Ledger("/dev/full", opening)).toThrow();
});

describe("reading refuses", () => {
  const damage = (change: (text: string) => string) => {
    written();
    const text = change(readFileSync(path, "utf8"));
    return () => readLines(text, "ledger.jsonl");
  };
  const swap = (text: string, a: number, b: number) => {
    const lines = text.split("\n");
    [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
    return lines.join("\n");
  };
  const drop = (text: string, at: number) =>
    text
      .split("\n")
      .filter((_, i) => i !== at)
      .join("\n");

  it.each([
    ["a changed byte", (t: string) => t.replace('"reason":"5 of', '"reason":"4 of'), "line 5"],
    [
      "a smaller noise",
      (t: string) => t.replace(/"noiseMultiplier":\d/, '"noiseMultiplier":9'),
      "line 2",
    ],
    ["a line taken out", (t: string) => drop(t, 2), "line 3"],
    ["two lines swapped", (t: string) => swap(t, 1, 3), "line 2"],
    ["a line doubled", (t: string) => t.replace(/^(.*\n)(.*\n)/, "$1$2$2"), "line 3"],
    ["a torn last line", (t: string) => t.slice(0, -10), "ledger.torn"],
    ["no lines at all", () => "", "ledger.empty"],
    ["another line ending", (t: string) => t.replaceAll("\n", "\r\n"), "line 1"],
    ["an unknown version", (t: string) => t.replace('"v":1', '"v":2'), "line 1"],
    [
      "a key that nobody wrote",
      (t: string) => t.replace('"round":0', '"extra":1,"round":0'),
      "line 2",
    ],
  ])("%s, naming the place", (_, change, place) => {
    const read = damage(change);
    expect(read).toThrow(BudgetError);
    expect(read).toThrow(place);
  });
});
