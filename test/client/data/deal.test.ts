import { describe, expect, it } from "vitest";
import type { DataAssignment } from "../../../client/data/assignment.ts";
import { dealRows, splitHeldOut } from "../../../client/data/deal.ts";
import { allRows } from "../../../client/data/people-table.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";
import { type PlainRow, peopleTable } from "../../support/people.ts";

const scenario = peopleScenario({
  columns: `age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
id: { role: insensitive, type: integer, bounds: [0, 1000] }
bought: { role: target }`,
});
const where = "id < 900";
const contract = await contractFor({
  ...scenario,
  data: { ...scenario.data, source: { ...scenario.data.source, where } },
});
const clients = ["a", "b", "c", "d"];

function rows(count: number, outside: readonly number[] = []): PlainRow[] {
  return Array.from({ length: count }, (_, i) => ({
    age: (13 * i) % 60,
    id: outside.includes(i) ? 900 + (i % 100) : i,
    bought: i % 3 === 0 ? "yes" : "no",
  }));
}

function assignment(overrides: Partial<DataAssignment> = {}): DataAssignment {
  return assignmentFor(scenario, { clients, mine: clients, ...overrides });
}

const withTestRows = (testRows: number, more: Partial<DataAssignment> = {}) =>
  assignment({ source: { ...scenario.data.source, testRows }, ...more });

describe("splitHeldOut", () => {
  it("takes so many people who count, in no order of the file, and leaves the others", async () => {
    const people = await peopleTable(contract, rows(100, [0, 5, 50]));
    const { own, heldOut } = splitHeldOut(people, withTestRows(20));
    expect(heldOut).toHaveLength(20);
    expect([...own, ...heldOut].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect(own).toEqual(own.toSorted());
    expect(heldOut).toEqual(heldOut.toSorted());
    expect([...heldOut].filter((row) => [0, 5, 50].includes(row))).toEqual([]);
    expect([...heldOut].some((row) => row >= 20)).toBe(true);
    expect(splitHeldOut(people, withTestRows(20, { mine: [] })).heldOut).toEqual(heldOut);
    expect(splitHeldOut(people, withTestRows(20, { seed: 8 })).heldOut).not.toEqual(heldOut);
  });

  it("moves at most one other person when one no longer counts", async () => {
    const before = splitHeldOut(await peopleTable(contract, rows(40)), withTestRows(9)).heldOut;
    for (let gone = 0; gone < 40; gone++) {
      const people = await peopleTable(contract, rows(40, [gone]));
      const after = splitHeldOut(people, withTestRows(9)).heldOut;
      const entered = after.filter((row) => !before.includes(row));
      expect(entered.length).toBe(Number(before.includes(gone)));
    }
  });

  it("holds nobody out where the source has held-out people of its own", async () => {
    const people = await peopleTable(contract, rows(9));
    const { source } = scenario.data;
    const sources = [{ ...source, testRows: undefined, testFile: "test.csv" }];
    for (const one of sources) {
      const { own, heldOut } = splitHeldOut(people, assignment({ source: one }));
      expect([own.length, heldOut.length]).toEqual([9, 0]);
    }
  });

  it.each([0, 8, 9])("refuses to hold out %d of 8 who count", async (testRows) => {
    const people = await peopleTable(contract, rows(9, [4]));
    expect(() => splitHeldOut(people, withTestRows(testRows))).toThrow("data.source.testRows (");
  });

  it("may hold out nobody where nobody evaluates", async () => {
    const people = await peopleTable(contract, rows(9));
    expect(splitHeldOut(people, withTestRows(0, { heldOut: false })).own).toHaveLength(9);
  });
});

describe("dealRows", () => {
  const kinds: DataAssignment["partition"][] = [
    { kind: "iid" },
    { kind: "dirichlet", alpha: 0.5 },
    { kind: "shards", shards: 2 },
    { kind: "sizes", sizes: "zipf", exponent: 1 },
    { kind: "sizes", sizes: "logNormal", sigma: 1 },
    { kind: "byColumn", column: "age" },
    { kind: "files" },
  ];

  it.each(kinds)("deals each row once, whichever host asks: $kind", async (partition) => {
    const parts = [0, 1, 2, 3].map((part) => rows(15).map((row) => ({ ...row, id: part })));
    const people = await peopleTable(contract, ...parts);
    const some = allRows(people).filter((row) => row % 7 !== 0);
    const dealt = dealRows(people, some, contract, assignment({ partition }));
    expect([...dealt.keys()]).toEqual(clients);
    const all = [...dealt.values()].flatMap((own) => [...own]);
    expect(all.sort((a, b) => a - b)).toEqual([...some]);
    for (const mine of [[], ["c"], ["d", "a"]])
      expect(dealRows(people, some, contract, assignment({ partition, mine }))).toEqual(dealt);
    const other = dealRows(people, some, contract, assignment({ partition, seed: 9 }));
    if (partition.kind === "files") expect(other).toEqual(dealt);
    else expect(other).not.toEqual(dealt);
  });

  it("leaves each file's people with its client", async () => {
    const people = await peopleTable(contract, rows(3), rows(0), rows(2), rows(4));
    const partition = { kind: "files" } as const;
    const dealt = dealRows(people, allRows(people), contract, assignment({ partition }));
    expect([...dealt.values()].map((own) => [...own])).toEqual([
      [0, 1, 2],
      [],
      [3, 4],
      [5, 6, 7, 8],
    ]);
  });

  it("keeps the values of a column together, as the contract recodes them", async () => {
    const people = await peopleTable(contract, rows(60));
    const partition = { kind: "byColumn", column: "age" } as const;
    const dealt = dealRows(people, allRows(people), contract, assignment({ partition }));
    const bands = people.table.columns.get("age")?.values;
    const seen = [...dealt.values()].map((own) => [
      ...new Set([...own].map((row) => bands?.[row])),
    ]);
    // Three bands for four clients: the fourth shares the first band.
    expect(seen).toEqual([[0], [1], [2], [0]]);
  });

  it("deals by labels where it is asked to", async () => {
    const people = await peopleTable(contract, rows(60));
    const partition = { kind: "dirichlet", alpha: 1e-6 } as const;
    const dealt = dealRows(people, allRows(people), contract, assignment({ partition }));
    const full = [...dealt.values()].filter((own) => own.length > 0);
    const labels = full.map((own) => new Set([...own].map((row) => people.labels[row])).size);
    expect(labels.reduce((a, b) => a + b, 0)).toBe(2);
  });

  it("throws for a column without categories, which no checked scenario names", async () => {
    const people = await peopleTable(contract, rows(6));
    const partition = { kind: "byColumn", column: "id" } as const;
    const dealt = () => dealRows(people, allRows(people), contract, assignment({ partition }));
    expect(dealt).toThrow(TypeError);
  });
});
