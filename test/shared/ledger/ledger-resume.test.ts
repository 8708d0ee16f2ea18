/** A ledger whose run goes on from its state after an earlier line: what counts, and what is written. */
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { lastRelease, readLines, standingLines } from "../../../shared/ledger/ledger-line.ts";
import { checkSequence } from "../../../shared/ledger/ledger-sequence.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { openingFor, planWith, sealedWith } from "../../support/plans.ts";

const sealed = sealedWith();
const events = attemptEvents(planWith());
const [first, second, other] = ["11".repeat(32), "22".repeat(32), "33".repeat(32)];
let path = "";
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));
const text = () => readFileSync(path, "utf8");
const kinds = (ledger: Ledger) => ledger.lines.map(({ entry }) => entry.kind);

/** Lines: 0 open, 1 charge and 2 release of round 0, 3 charge and 4 release of round 1. */
function begun(noise: "seeded" | "secure") {
  const ledger = new Ledger(path, { ...openingFor(sealed), noise });
  ledger.charge(0, 0, events);
  ledger.release(0, 0, first);
  ledger.charge(1, 0, events);
  ledger.release(1, 0, second);
  return ledger;
}

describe("under seeded noise", () => {
  it("repeats the lines ahead without writing them, then goes on as if never cut off", () => {
    begun("seeded").close("done");
    const whole = text();
    truncateSync(path, Buffer.byteLength(whole.split("\n").slice(0, 4).join("\n")) + 1);
    rmSync(join(folder, "anchor.json"));
    const ledger = Ledger.resume(path, 2);
    const spent = ledger.spent.modelRecipients;
    expect([kinds(ledger), ledger.head.seq]).toEqual([["open", "charge", "release"], 2]);
    expect([ledger.nextAttempt(1), ledger.charged("train")]).toEqual([0, 1]);
    ledger.charge(1, 0, events);
    expect(ledger.spent.modelRecipients).toBeGreaterThan(spent ?? 0);
    ledger.release(1, 0, second);
    ledger.close("done");
    expect(text()).toBe(whole);
  });

  it("stops at a line that does not come out the same, and leaves the file alone", () => {
    begun("seeded");
    const before = text();
    const ledger = Ledger.resume(path, 2);
    ledger.charge(1, 0, events);
    expect(() => ledger.release(1, 0, other)).toThrow(/ledger\.replay .*line 5/);
    expect(text()).toBe(before);
  });
});

describe("under secure noise", () => {
  it("keeps what was charged, and says from where it goes on", () => {
    const { spent } = begun("secure");
    const ledger = Ledger.resume(path, 2);
    expect(ledger.spent).toEqual(spent);
    expect(ledger.lines.at(-1)?.entry).toEqual({ kind: "resumed", from: 2 });
    expect([ledger.nextAttempt(1), ledger.charged("train")]).toEqual([1, 2]);
    // What was released behind it is nowhere built upon.
    expect(lastRelease(ledger.lines)?.modelHash).toBe(first);
    ledger.charge(1, 1, events);
    ledger.release(1, 1, other);
    expect(lastRelease(ledger.lines)?.modelHash).toBe(other);
    expect(ledger.spent.modelRecipients).toBeGreaterThan(spent.modelRecipients ?? 0);
    const lines = readLines(text(), path);
    expect(lines).toEqual(ledger.lines);
    expect(() => checkSequence(lines, path)).not.toThrow();
    expect(standingLines(lines).map(({ seq }) => seq)).toEqual([0, 1, 2, 5, 6, 7]);
  });

  it("aborts the attempt that was open", () => {
    begun("secure").charge(2, 0, events);
    const ledger = Ledger.resume(path, 4);
    expect(kinds(ledger).slice(5)).toEqual(["charge", "abort", "resumed"]);
    // Cut off again before anything was charged: there is nothing to say.
    expect(Ledger.resume(path, 7).lines).toHaveLength(8);
  });

  it("writes nothing where nothing was charged since, or all was ended", () => {
    const ledger = begun("secure");
    expect(Ledger.resume(path, 4).lines).toHaveLength(5);
    ledger.close("budget");
    const closed = Ledger.resume(path, 2);
    expect(closed.closed).toBe("budget");
    closed.close("done");
    expect(readLines(text(), path).at(-1)?.entry).toEqual({ kind: "close", reason: "budget" });
  });
});
