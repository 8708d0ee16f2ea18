import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { lineText } from "../../../shared/ledger/chain.ts";
import {
  chainLine,
  type LedgerEntry,
  type LedgerLine,
  lastRelease,
  type OpenEntry,
  openingOf,
  readLines,
  releasesOf,
  spentAgainst,
  spentBy,
  spentInEveryRound,
  standingLines,
} from "../../../shared/ledger/ledger-line.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const opening: OpenEntry = {
  kind: "open",
  runId: "0123456789abcdef0123456789abcdef",
  planHash: "ab".repeat(32),
  unit: "record",
  adjacency: "zeroOut",
  accountant: "rdp",
  delta: 1e-5,
  chargedDelta: 1e-5,
  budget: null,
  noise: "seeded",
};
const gaussian = (noiseMultiplier: number, rate?: number): PrivacyEvent => ({
  mechanism: "gaussian",
  noiseMultiplier,
  sampling: rate === undefined ? { kind: "full" } : { kind: "poisson", rate },
  adjacency: "zeroOut",
});
const charge = (round: number, event: PrivacyEvent) => {
  const coordinator = { mechanism: "none" } as const;
  const events = { modelRecipients: event, otherClients: event, coordinator };
  return { kind: "charge", round, attempt: 0, events } as const;
};
const release = (round: number, byte: string) =>
  ({ kind: "release", round, attempt: 0, modelHash: byte.repeat(32) }) as const;

function chained(...entries: readonly LedgerEntry[]): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const entry of entries) {
    lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
  }
  return lines;
}

it("chains an entry to the place and the hash that it is given, with its time", () => {
  const prev = "cd".repeat(32);
  const line = chainLine(5, prev, { kind: "close", reason: "done" }, "now");
  const body = `{"kind":"close","prev":"${prev}","reason":"done","seq":5,"time":"now","v":1}`;
  expect(line).toMatchObject({ seq: 5, prev, time: "now" });
  expect(line.hash).toBe(createHash("sha256").update(`${prev}${body}`).digest("hex"));
});

it("binds the first line to its run and plan, and any other kind of line to no run at all", () => {
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const { runId, planHash } = opening;
  expect(chainLine(0, null, opening).prev).toBe(sha(`murmur/ledger/v1${runId}${planHash}`));
  const close: LedgerEntry = { kind: "close", reason: "done" };
  expect(chainLine(0, null, close).prev).toBe(sha("murmur/ledger/v1"));
});

it("has an opening only where its first line is one", () => {
  expect(openingOf(chained(opening, charge(0, gaussian(1))))).toEqual(opening);
  const none = "a ledger begins with its open line";
  expect(() => openingOf([])).toThrow(none);
  expect(() => openingOf(chained(charge(0, gaussian(1)), opening))).toThrow(none);
});

it("reads back what it wrote, and refuses an entry that nobody writes", () => {
  const bits: LedgerEntry = { ...release(0, "cd"), averagedHash: "ef".repeat(32), bits: -3 };
  const lines = chained(
    { ...opening, rowsPerPerson: 3 },
    { ...charge(0, gaussian(1)), task: "evaluation" },
    { kind: "counts", round: 0, attempt: 0, task: "evaluation", countsHash: "ab".repeat(32) },
    charge(0, gaussian(1)),
    bits,
    { kind: "abort", round: 1, attempt: 2, reason: "x".repeat(200) },
    { kind: "mended", droppedBytes: 0 },
    { kind: "resumed", from: 0 },
    { kind: "close", reason: "done" },
  );
  const textOf = (some: readonly LedgerLine[]) => some.map((one) => `${lineText(one)}\n`).join("");
  expect(readLines(textOf(lines), "x")).toEqual(lines);
  const odd: readonly unknown[] = [
    { kind: "abort", round: 1, attempt: 0, reason: "x".repeat(201) },
    { kind: "close", reason: "x".repeat(201) },
    { kind: "abort", round: -1, attempt: 0, reason: "" },
    { kind: "abort", round: 0, attempt: 0.5, reason: "" },
    { kind: "mended", droppedBytes: -1 },
    { kind: "resumed", from: -1 },
    { kind: "release", round: 0, attempt: 0, modelHash: "cd".repeat(32), bits: 0.5 },
    { kind: "release", round: 0, attempt: 0, modelHash: "no hash" },
  ];
  for (const entry of odd) {
    const text = textOf(chained(opening, entry as LedgerEntry));
    expect(() => readLines(text, "x"), JSON.stringify(entry)).toThrow(
      /^ledger\.line \(x, line 2\)/,
    );
  }
  for (const wrong of [{ rowsPerPerson: 0 }, { rowsPerPerson: 1.5 }, { budget: -1 }]) {
    const text = textOf(chained({ ...opening, ...wrong }));
    expect(() => readLines(text, "x"), JSON.stringify(wrong)).toThrow(
      /^ledger\.line \(x, line 1\)/,
    );
  }
});

it("rests on the lines that it was not taken back behind, however often", () => {
  const lines = chained(
    opening,
    charge(0, gaussian(1)),
    release(0, "aa"),
    charge(1, gaussian(1)),
    release(1, "bb"),
    { kind: "resumed", from: 2 },
    charge(1, gaussian(1)),
    release(1, "cc"),
    { kind: "resumed", from: 2 },
  );
  expect(standingLines(lines).map(({ seq }) => seq)).toEqual([0, 1, 2, 8]);
  expect(lastRelease(lines)?.modelHash).toBe("aa".repeat(32));
  expect(lastRelease(lines.slice(0, 8))?.modelHash).toBe("cc".repeat(32));
  expect(releasesOf(lines).map(({ modelHash }) => modelHash.slice(0, 2))).toEqual([
    "aa",
    "bb",
    "cc",
  ]);
  // Back to the very beginning: the opening itself stays.
  const anew = chained(opening, release(0, "aa"), { kind: "resumed", from: 0 });
  expect(standingLines(anew).map(({ seq }) => seq)).toEqual([0, 2]);
  expect(lastRelease(anew)).toBeUndefined();
  expect(lastRelease(chained(opening))).toBeUndefined();
});

it("spends each charge, the ones that it was taken back behind too, and nothing else", () => {
  const gdp: OpenEntry = { ...opening, accountant: "gdp" };
  const lines = chained(
    gdp,
    charge(0, gaussian(4)),
    release(0, "aa"),
    { kind: "resumed", from: 0 },
    charge(0, gaussian(4)),
    { kind: "abort", round: 0, attempt: 0, reason: "few" },
  );
  // An independent bisection of Balle and Wang's theorem 8, at mu = sqrt(2) / 4.
  const exact = exactGaussianEpsilon(Math.SQRT2 / 4, 1e-5);
  for (const adversary of ["modelRecipients", "otherClients"] as const) {
    const spent = spentAgainst(lines, adversary);
    expect(spent).toBeGreaterThanOrEqual(exact);
    expect(spent).toBeLessThan(exact * (1 + 1e-6));
    expect(spentBy(lines)[adversary]).toBe(spent);
  }
  expect(spentAgainst(lines, "coordinator")).toBe(Infinity);
  expect(spentBy(lines).coordinator).toBeNull();
});

it("spends in every round what no sampling hides, by the exact composition of full steps", () => {
  const lines = chained(
    opening,
    charge(0, gaussian(4, 0.1)),
    { kind: "abort", round: 0, attempt: 0, reason: "few" },
    charge(1, gaussian(4, 0.1)),
  );
  const exact = exactGaussianEpsilon(Math.SQRT2 / 4, 1e-5);
  const { modelRecipients, coordinator } = spentInEveryRound(lines);
  expect(modelRecipients).toBeGreaterThanOrEqual(exact);
  expect(modelRecipients).toBeLessThan(exact * (1 + 1e-6));
  expect(coordinator).toBeNull();
  expect(spentBy(lines).modelRecipients).toBeLessThan(exact / 2);
});
