import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byAdversary, type PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { ANCHOR_FILE, Ledger, readLedger } from "../../../shared/ledger/ledger.ts";
import {
  type OpenEntry,
  readLines,
  spentAgainst,
  spentBy,
} from "../../../shared/ledger/ledger-line.ts";
import { calibrateNoise } from "../../support/calibration.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const NOISE = calibrateNoise("gdp", { kind: "full" }, 3, 1, 1e-5);
const gaussian = {
  mechanism: "gaussian",
  noiseMultiplier: NOISE,
  sampling: { kind: "full" },
  adjacency: "zeroOut",
} as const satisfies PrivacyEvent;
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

it("spends for five rows of a unit what a fifth of the noise would cost, read back too", () => {
  const ofRows = byAdversary(() => ({ ...gaussian, rows: 5 }));
  const ledger = new Ledger(path, { ...opening, budget: null });
  ledger.charge(0, 0, ofRows);
  const exact = exactGaussianEpsilon(5 / NOISE, 1e-5);
  expect(ledger.spent.coordinator).toBeGreaterThanOrEqual(exact);
  expect(ledger.spent.coordinator).toBeLessThan(exact * (1 + 1e-6));
  const lines = readLines(readFileSync(path, "utf8"), path);
  expect(spentAgainst(lines, "coordinator")).toBe(ledger.spent.coordinator);
  expect(lines[1]?.entry).toHaveProperty("events.coordinator.rows", 5);
});

it("refuses the attempt that would overspend, and writes nothing of it", () => {
  const ledger = written();
  expect(ledger.affords(events)).toBe(true);
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

it("row 19: stops with ledger.write when the disk is full", () => {
  // Linux's /dev/full answers every write with ENOSPC.
  const full = openSync("/dev/full", "a");
  closeSync(full);
  expect(() => new Ledger("/dev/full", opening)).toThrow();
});

it("keeps up charge by charge what its lines give", () => {
  const ledger = new Ledger(path, { ...opening, budget: null });
  for (let round = 0; round < 12; round++) {
    ledger.charge(round, 0, events);
    ledger.release(round, 0, "cd".repeat(32));
    expect(ledger.spent, `round ${round}`).toEqual(spentBy(ledger.lines));
  }
});

describe("cut at any byte and opened again", () => {
  const secure = { ...opening, noise: "secure" } as const;
  const at = () => join(folder, "cut", "ledger.jsonl");
  /** The first bytes of a ledger, beside the anchor that was there, if any was. */
  const cutAt = (bytes: Buffer, length: number, anchor?: string) => {
    rmSync(join(folder, "cut"), { recursive: true, force: true });
    mkdirSync(join(folder, "cut"));
    writeFileSync(at(), bytes.subarray(0, length));
    if (anchor) writeFileSync(join(folder, "cut", ANCHOR_FILE), anchor);
    const clock = bytes.includes('"seeded"') ? undefined : () => "later";
    return () => Ledger.reopen(at(), clock);
  };
  const wholeLines = (bytes: Buffer, length: number) =>
    bytes.toString("utf8", 0, length).split("\n").length - 1;

  it("row 13: counts each whole charge, and drops only what never was whole", () => {
    const ledger = new Ledger(path, secure, () => "now");
    ledger.charge(0, 0, events);
    ledger.release(0, 0, "cd".repeat(32));
    ledger.charge(1, 0, events);
    const bytes = readFileSync(path);
    for (let length = bytes.indexOf("\n") - 9; length <= bytes.length; length++) {
      const reopen = cutAt(bytes, length);
      const whole = wholeLines(bytes, length);
      const torn = bytes[length - 1] !== 0x0a;
      if (whole === 0) {
        expect(reopen, `byte ${length}`).toThrow("ledger.empty");
        continue;
      }
      const { lines, droppedBytes } = readLedger(at());
      expect(lines, `byte ${length}`).toEqual(ledger.lines.slice(0, whole));
      expect(droppedBytes > 0, `byte ${length}`).toBe(torn);
      // What is written then is synced, which takes its time: not for each byte.
      if (length % 50 > 0 && torn) continue;
      const again = reopen();
      expect(again.lines.slice(0, whole), `byte ${length}`).toEqual(lines);
      expect(again.lines.length - whole, `byte ${length}`).toBe(torn ? 1 : 0);
      expect(again.spent, `byte ${length}`).toEqual(spentBy(lines));
    }
  });

  it("is refused where its anchor knows the line that is missing", () => {
    const ledger = new Ledger(path, secure, () => "now");
    ledger.charge(0, 0, events);
    ledger.release(0, 0, "cd".repeat(32));
    const anchor = readFileSync(join(folder, ANCHOR_FILE), "utf8");
    ledger.charge(1, 0, events);
    const bytes = readFileSync(path);
    for (let length = bytes.indexOf("\n") - 9; length <= bytes.length; length++) {
      const reopen = cutAt(bytes, length, anchor);
      const whole = wholeLines(bytes, length);
      if (whole >= 3) {
        expect(readLedger(at()).lines, `byte ${length}`).toHaveLength(whole);
        continue;
      }
      expect(reopen, `byte ${length}`).toThrow(BudgetError);
      expect(reopen, `byte ${length}`).toThrow(`ledger.jsonl, line ${whole + 1})`);
      if (whole > 0) expect(reopen, `byte ${length}`).toThrow("ledger.rollback");
    }
  });

  it("goes on from there, and the whole reads as one chain", () => {
    const ledger = new Ledger(path, secure, () => "now");
    ledger.charge(0, 0, events);
    const bytes = readFileSync(path);
    const again = cutAt(bytes, bytes.length - 3)();
    again.charge(0, 1, events);
    again.release(0, 1, "cd".repeat(32));
    again.close("done");
    const kinds = readLines(readFileSync(at(), "utf8"), at()).map(({ entry }) => entry.kind);
    expect(kinds).toEqual(["open", "mended", "charge", "release", "close"]);
  });

  it("has the bytes of an unbroken run under seeded noise", () => {
    const ledger = new Ledger(path, opening);
    ledger.charge(0, 0, events);
    const bytes = readFileSync(path);
    cutAt(bytes, bytes.length - 3)().charge(0, 0, events);
    expect(readFileSync(at())).toEqual(bytes);
  });

  it("is refused beside an anchor of another ledger, or of none", () => {
    const ledger = new Ledger(path, secure);
    ledger.charge(0, 0, events);
    const bytes = readFileSync(path);
    const { seq } = ledger.head;
    const other = JSON.stringify({ seq, hash: "ef".repeat(32) });
    expect(cutAt(bytes, bytes.length, other)).toThrow(/ledger\.rollback.*line 2\)/);
    expect(cutAt(bytes, bytes.length - 1, "{}")).toThrow("ledger.anchor");
  });
});

it("is anchored at each attempt's end and at its own", () => {
  const ledger = new Ledger(path, opening);
  const anchored = () => JSON.parse(readFileSync(join(folder, ANCHOR_FILE), "utf8"));
  ledger.charge(0, 0, events);
  ledger.release(0, 0, "cd".repeat(32));
  expect(anchored()).toEqual(ledger.head);
  ledger.charge(1, 0, events);
  ledger.abort(1, 0, "few");
  expect(anchored()).toEqual(ledger.head);
  ledger.close("done");
  expect(anchored()).toEqual(ledger.head);
  expect(ledger.head.seq).toBe(5);
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
