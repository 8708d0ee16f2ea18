/** scenarios/adult.yaml through the client's stages: mixed columns, hierarchies, three ways to deal the rows. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readablePerson } from "../../../client/anonymize/anonymizer.ts";
import { collectFile } from "../../../client/data/collect.ts";
import { dealRows } from "../../../client/data/deal.ts";
import { allRows, gatherPeople, riskColumns } from "../../../client/data/people-table.ts";
import { engineer } from "../../../client/features/engineer.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import type { PrivacyMetrics } from "../../../client/risk/models/privacy-metrics.ts";
import { privacyModels } from "../../../client/risk/models/privacy-models.ts";
import { recodedTable } from "../../../client/risk/risk-table.ts";
import {
  assignmentFor,
  contractFor,
  SCENARIOS,
  shippedScenario,
  vectors,
} from "../../support/contracts.ts";
import { personAt } from "../../support/person-at.ts";

const classes = z.object({
  equivalenceClasses: z.number(),
  k: z.number(),
  recordsBelow: z.record(z.string(), z.number()),
  prosecutorAverage: z.number(),
});
const expected = z
  .object({
    collect: z.object({ rows: z.number(), columns: z.number() }),
    anonymize: z.object({ rows: z.number(), columns: z.number() }),
    engineer: z.object({
      rows: z.number(),
      features: z.number(),
      modelInputs: z.number(),
      occurring: z.number(),
    }),
    heldOut: z.number(),
    before: classes,
    after: classes,
    fewer: z.object({
      columns: z.array(z.string()),
      equivalenceClasses: z.number(),
      recordsBelow5: z.number(),
      prosecutorAverage: z.number(),
    }),
    rows: z.array(
      z.object({
        line: z.number(),
        anonymized: z.record(z.string(), z.unknown()),
        ones: z.array(z.number()),
        target: z.number(),
      }),
    ),
    occupations: z.record(z.string(), z.number()),
  })
  .parse(vectors("adult"));

const scenario = shippedScenario("adult");
const contract = await contractFor(scenario);
const source = await collectFile(
  contract,
  scenario.data.source,
  SCENARIOS,
  scenario.data.source.file ?? "",
);
const people = await gatherPeople(contract, [source], riskColumns(contract));
const rows = allRows(people);

it("has the stages, the widths and the held-out rows that were counted", async () => {
  const { stages, heldOut } = await prepare(contract, assignmentFor(scenario, { mine: [] }));
  const [collected, anonymized, engineered] = stages;
  expect(collected).toMatchObject({ name: "collect", rowsIn: expected.collect.rows });
  expect(collected?.namesIn).toHaveLength(expected.collect.columns);
  expect(anonymized).toMatchObject({ name: "anonymize", rowsOut: expected.anonymize.rows });
  expect(anonymized?.namesOut).toHaveLength(expected.anonymize.columns);
  expect(engineered).toMatchObject({ name: "engineer", rowsOut: expected.engineer.rows });
  expect(engineered?.namesOut).toHaveLength(expected.engineer.features);
  expect(heldOut).toMatchObject({
    count: expected.heldOut,
    width: expected.engineer.modelInputs,
  });
});

it("fills as many of the model's inputs as occur in the file, one a feature and row", async () => {
  const person = (row: number) => personAt(people.table, row);
  const { inputs, width } = await engineer(person, people.labels, contract);
  const sums = new Float64Array(width);
  for (const [at, input] of inputs.entries()) sums[at % width] = (sums[at % width] ?? 0) + input;
  expect(sums.filter((sum) => sum > 0)).toHaveLength(expected.engineer.occurring);
  expect(sums.reduce((a, b) => a + b, 0)).toBe(expected.engineer.rows * expected.engineer.features);
});

it.each(expected.rows.map((row) => [row.line, row] as const))(
  "takes line %i to the worked row",
  async (line, { anonymized, ones, target }) => {
    const person = personAt(people.table, line - 2);
    expect(readablePerson(person, contract.columns)).toEqual(anonymized);
    const { inputs } = await engineer(() => person, Uint8Array.of(target), contract);
    expect([...inputs.keys()].filter((input) => inputs[input] !== 0)).toEqual(ones);
    expect(new Set(inputs)).toEqual(new Set([0, 1]));
    expect(people.labels[line - 2]).toBe(target);
  },
);

describe("the eight quasi-identifiers", async () => {
  const only = { clients: ["only"], mine: ["only"], heldOut: false };
  const { clients } = await prepare(contract, assignmentFor(scenario, only));
  const report = clients.get("only")?.report;

  it.each([
    ["before", report?.before, expected.before],
    ["after", report?.after, expected.after],
  ])("have the classes and the risk that were counted, %s recoding", (_, metrics, counted) => {
    expect(metrics).toMatchObject({
      rows: expected.collect.rows,
      equivalence_classes: counted.equivalenceClasses,
      k: counted.k,
      records_below_k: counted.recordsBelow,
    });
    expectAverage(metrics, counted.prosecutorAverage, 1e-8);
  });

  it("would be far fewer classes if four of them were all", () => {
    const { columns, equivalenceClasses, recordsBelow5, prosecutorAverage } = expected.fewer;
    const table = recodedTable(people, rows, contract);
    const quasiIdentifiers = table.quasiIdentifiers.filter(({ name }) => columns.includes(name));
    expect(quasiIdentifiers).toHaveLength(columns.length);
    const metrics = privacyModels({ ...table, quasiIdentifiers }, { ks: [5], taus: [] });
    expect(metrics.equivalence_classes).toBe(equivalenceClasses);
    expect(metrics.records_below_k).toEqual({ 5: recordsBelow5 });
    expectAverage(metrics, prosecutorAverage, 5e-5);
  });
});

function expectAverage(metrics: PrivacyMetrics | undefined, average: number, within: number) {
  expect(Math.abs((metrics?.risk?.prosecutor.average ?? NaN) - average)).toBeLessThan(within);
}

describe.each(["adult", "adult-by-column", "adult-dirichlet"])("%s.yaml", (name) => {
  const own = shippedScenario(name);
  const dealt = (seed: number) => [
    ...dealRows(people, rows, contract, assignmentFor(own, { seed })).values(),
  ];

  it("says what adult.yaml says, but for its name and how rows are dealt", () => {
    const { partition } = scenario.data;
    expect({ ...own, name: scenario.name, data: { ...own.data, partition } }).toEqual(scenario);
  });

  it("deals every row exactly once, the same for the same seed only", () => {
    const shares = dealt(7);
    expect(shares).toHaveLength(50);
    const all = Int32Array.from(shares.flatMap((share) => [...share]));
    expect(all.sort()).toEqual(rows);
    expect(dealt(7)).toEqual(shares);
    expect(dealt(8)).not.toEqual(shares);
  });

  it("deals as it says", () => {
    const shares = dealt(7);
    const sizes = shares.map(({ length }) => length);
    switch (own.data.partition.kind) {
      case "byColumn":
        return expectOneOccupationEach(shares);
      case "dirichlet":
        // Of two labels, each in parts whose mean is 1/50 and whose deviation is sqrt(49 / 26) of that.
        expect(deviation(sizes)).toBeGreaterThan(0.5);
        return expect(deviation(shares.map(positiveShare))).toBeGreaterThan(0.5);
      default:
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        return expect(deviation(shares.map(positiveShare))).toBeLessThan(0.15);
    }
  });
});

function expectOneOccupationEach(shares: readonly Int32Array[]): void {
  const occupation = (row: number) =>
    readablePerson(personAt(people.table, row), contract.columns).occupation;
  const held = shares.map((share) => new Set(Array.from(share, occupation)));
  const counts = (label: string) =>
    shares.filter((_, client) => held[client]?.has(label)).map(({ length }) => length);
  // Of fifty clients three have each of these of sixteen categories; nobody's is "other".
  expect(held.map(({ size }) => size).toSorted()).toEqual([0, 0, 0, ...Array(47).fill(1)]);
  for (const [label, count] of Object.entries(expected.occupations)) {
    expect(counts(label)).toHaveLength(3);
    expect(counts(label).reduce((a, b) => a + b, 0)).toBe(count);
  }
}

function positiveShare(share: Int32Array): number {
  const positive = share.reduce((sum, row) => sum + (people.labels[row] ?? 0), 0);
  return share.length === 0 ? 0 : positive / share.length;
}

/** Standard deviation over mean. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) / mean;
}
