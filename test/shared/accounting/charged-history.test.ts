import { describe, expect, it } from "vitest";
import {
  chargedHistorySchema,
  deltaFor,
  distinctHistories,
  tallied,
} from "../../../shared/accounting/charged-history.ts";
import type { PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { historyOf } from "../../../shared/ledger/history-of.ts";
import {
  chainLine,
  type LedgerEntry,
  type LedgerLine,
} from "../../../shared/ledger/ledger-line.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { problemOf } from "../../support/problem.ts";

/** A run of three attempts, the second aborted, whose ledger ends without a close. */
function runWith(overrides: Partial<PrivacyTerms> = {}) {
  const sealed = sealedWith(overrides);
  const plan = sealed.plan.privacy;
  const events = attemptEvents(plan);
  const entries: LedgerEntry[] = [
    openingFor(sealed),
    { kind: "charge", round: 0, attempt: 0, events },
    { kind: "release", round: 0, attempt: 0, modelHash: "ab".repeat(32) },
    { kind: "charge", round: 1, attempt: 0, events },
    { kind: "abort", round: 1, attempt: 0, reason: "too few" },
    { kind: "charge", round: 1, attempt: 1, events },
    { kind: "release", round: 1, attempt: 1, modelHash: "cd".repeat(32) },
  ];
  const lines: LedgerLine[] = [];
  for (const entry of entries)
    lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
  return { plan, lines, history: historyOf(plan, lines) };
}

describe("history of a run", () => {
  it("holds every charge, that of an aborted attempt too, by adversary", () => {
    const { plan, lines, history } = runWith();
    const noised = attemptEvents(plan).modelRecipients;
    expect(history.events).toEqual({
      modelRecipients: [{ event: noised, count: 3 }],
      otherClients: [{ event: noised, count: 3 }],
      coordinator: [{ event: { mechanism: "none" }, count: 3 }],
    });
    expect(history.ledgerHash).toBe(lines.at(-1)?.hash);
    expect(history).toMatchObject({ population: 400, unit: "record", adjacency: "zeroOut" });
  });

  it("names its run and plan by hexadecimal digits of the right number, and nothing else", () => {
    const { history } = runWith();
    const isRead = (change: object) =>
      chargedHistorySchema.safeParse({ ...history, ...change }).success;
    expect(isRead({})).toBe(true);
    for (const runId of [
      `0${"a".repeat(32)}`,
      `${"a".repeat(32)}0`,
      "a".repeat(31),
      "G".repeat(32),
    ])
      expect(isRead({ runId })).toBe(false);
    for (const planHash of [`0${"a".repeat(64)}`, `${"a".repeat(64)}0`])
      expect(isRead({ planHash })).toBe(false);
  });

  it("sums the distance of all noise drawn: by each client where each adds it", () => {
    for (const [trust, noises] of [
      ["central", 1],
      ["local", 5],
    ] as const) {
      const { plan, history } = runWith({ trust });
      const due = 3 * noises * plan.parameters * tableDistance(plan.noiseStddev);
      expect(history.distance).toBeGreaterThanOrEqual(due);
      expect(history.distance).toBeLessThan(due * (1 + 1e-12));
    }
    const bare = { trust: "none", targetEpsilon: null } as const;
    expect(runWith(bare).history.distance).toBe(0);
  });

  it("states how many times its rows one unit moves: so many persons, each with as many", () => {
    expect(runWith({ rawFactor: 3 }).history.rowFactor).toBe(3);
    expect(runWith({ rawFactor: 3, adjacency: "replaceOne" }).history.rowFactor).toBe(3);
    const persons = { rawFactor: 5, rowsPerPerson: 2, rows: 700 };
    const { history } = runWith(persons);
    expect(history.rowFactor).toBe(5);
    // With the factor these are ten rows.
    expect(history.events.modelRecipients[0]?.event).toHaveProperty("rows", 2);
    expect(runWith({ rawFactor: 1, adjacency: "replaceOne" }).history.rowFactor).toBe(1);
    expect(runWith({ rawFactor: null }).history.rowFactor).toBeNull();
  });

  it("comes back from its text as it was, and no other key with it", () => {
    const { history } = runWith();
    const text = JSON.parse(JSON.stringify(history));
    expect(chargedHistorySchema.parse(text)).toEqual(history);
    expect(() => chargedHistorySchema.parse({ ...text, epsilon: 0 })).toThrow();
    const renamed = { ...text, events: { ...text.events, nobody: [] } };
    expect(() => chargedHistorySchema.parse(renamed)).toThrow();
    expect(() => chargedHistorySchema.parse({ ...text, distance: -1 })).toThrow();
  });

  it("is read with whole numbers of units, rows and charges, from one on, and no more kinds than a run has", () => {
    const { history } = runWith();
    const isRead = (change: object) =>
      chargedHistorySchema.safeParse({ ...history, ...change }).success;
    for (const key of ["population", "rowFactor", "rowsPerPerson"]) {
      const read = [1, 2, 0, -1, 1.5].map((value) => isRead({ [key]: value }));
      expect(read, key).toEqual([true, true, false, false, false]);
    }
    expect([1_000_000, 1_000_001].map((rows) => isRead({ rowsPerPerson: rows }))).toEqual([
      true,
      false,
    ]);
    expect(isRead({ distance: 0 })).toBe(true);
    const charged = (counts: readonly number[]) => {
      const tally = counts.map((count) => ({ event: { mechanism: "none" }, count }));
      return { events: { ...history.events, coordinator: tally } };
    };
    const read = [1, 2, 0, 1.5].map((count) => isRead(charged([count])));
    expect(read).toEqual([true, true, false, false]);
    expect([16, 17].map((kinds) => isRead(charged(Array(kinds).fill(1))))).toEqual([true, false]);
  });

  it("counts once where a run is reached by two ways, and is refused where the two differ", async () => {
    const { history } = runWith();
    const other = { ...history, runId: "f".repeat(32) };
    expect(distinctHistories([history, other, { ...history }])).toEqual([history, other]);
    const shorter = { ...history, events: { ...history.events, otherClients: [] } };
    const refused = await problemOf(() => distinctHistories([history, shorter]));
    expect(refused).toBe("ScenarioError provenance.runId");
  });
});

describe("delta of several runs", () => {
  const runs = [
    { population: 1000, delta: 1e-4 },
    { population: 50, delta: 1e-3 },
  ];

  it("is one's own where it is below 1 / the largest population", () => {
    expect(deltaFor(9e-4, runs)).toBe(9e-4);
    expect(deltaFor(1e-2, [])).toBe(1e-2);
  });

  it("is else the smallest of all, from 1 / the largest population on", () => {
    expect(deltaFor(1e-3, runs)).toBe(1e-4);
    expect(deltaFor(2e-3, runs.toReversed())).toBe(1e-4);
    expect(deltaFor(2e-3, [{ population: 1000, delta: 5e-3 }])).toBe(2e-3);
  });
});

it("tallies equal events, in the order in which they came first", () => {
  const bare: PrivacyEvent = { mechanism: "none" };
  const noised = { mechanism: "gaussian", noiseMultiplier: 2, adjacency: "zeroOut" } as const;
  const first: PrivacyEvent = { ...noised, sampling: { kind: "full" } };
  const again: PrivacyEvent = { sampling: { kind: "full" }, ...noised };
  const other: PrivacyEvent = { ...first, noiseMultiplier: 3 };
  expect(tallied([first, bare, again, other])).toEqual([
    { event: first, count: 2 },
    { event: bare, count: 1 },
    { event: other, count: 1 },
  ]);
});
