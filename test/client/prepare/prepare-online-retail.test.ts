/** scenarios/online-retail.yaml through the client's stages: rows are events, joined to people. */
import { expect, it } from "vitest";
import { z } from "zod";
import { anonymizer, readablePerson } from "../../../client/anonymize/anonymizer.ts";
import { collectFile } from "../../../client/data/collect.ts";
import { labeller } from "../../../client/data/label.ts";
import { engineer } from "../../../client/features/engineer.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { isFormulaFeature } from "../../../shared/contract/feature.ts";
import { compileFormula } from "../../../shared/contract/formula/compile.ts";
import type { Examples } from "../../../shared/engine/core/engine.ts";
import {
  assignmentFor,
  contractFor,
  SCENARIOS,
  shippedScenario,
  vectors,
} from "../../support/contracts.ts";
import { anonymizedRow, everybody, expectWorked, workedRow } from "../../support/worked-rows.ts";

const scenario = shippedScenario("online-retail");
const contract = await contractFor(scenario);
const counts = z.record(z.string(), z.number());
const expected = z
  .object({
    people: z.object({ inFile: z.number(), afterWhere: z.number(), positive: z.number() }),
    countries: counts,
    aboveUpperBound: counts,
    rows: z.array(
      z.object({
        person: z.string(),
        anonymized: anonymizedRow.optional(),
        unclipped: counts.optional(),
        ...workedRow,
      }),
    ),
    excluded: z.string(),
  })
  .parse(vectors("online-retail"));
const collected = await collectFile(
  contract,
  scenario.data.source,
  SCENARIOS,
  scenario.data.source.file ?? "",
);
const people = await everybody(collected);
const anonymize = anonymizer(contract.columns);
const isCounted = compileFormula(contract.where?.postfix ?? [["number", 1]]);
const inPopulation = people.filter((person) => isCounted(anonymize(person)) !== 0);
const customer = contract.columns.findIndex(({ name }) => name === "customerId");
const personOf = (id: string) => {
  const found = people.find(({ cells }) => cells[customer] === id);
  if (!found) throw new Error(`no person ${id}`);
  return found;
};

it("joins 22,190 invoices to 4,372 people, of whom 4,067 have a history and 1,388 a positive label", () => {
  expect(collected.records()).toBe(22_190);
  expect(people).toHaveLength(expected.people.inFile);
  expect(inPopulation).toHaveLength(expected.people.afterWhere);
  const label = labeller(contract);
  expect(inPopulation.filter((person) => label(person) === 1)).toHaveLength(
    expected.people.positive,
  );
});

it("takes the country of the first invoice", () => {
  const readableCountry = inPopulation.map(
    (person) => readablePerson(anonymize(person), contract.columns).country,
  );
  for (const [country, count] of Object.entries(expected.countries)) {
    expect(readableCountry.filter((other) => other === country)).toHaveLength(count);
  }
});

it("clips as many values at the upper bounds as the prototype did", () => {
  for (const { name, postfix, bounds } of contract.features.filter(isFormulaFeature)) {
    const value = compileFormula(postfix);
    const above = inPopulation.filter((person) => value(anonymize(person)) > (bounds?.[1] ?? NaN));
    expect([name, above.length]).toEqual([name, expected.aboveUpperBound[name]]);
  }
});

it.each(expected.rows.map((row) => [row.person, row] as const))(
  "takes person %s to the worked row, stage by stage",
  async (id, row) => {
    await expectWorked(personOf(id), contract, row);
    const person = anonymize(personOf(id));
    for (const [name, value] of Object.entries(row.unclipped ?? {})) {
      const feature = contract.features
        .filter(isFormulaFeature)
        .find((candidate) => candidate.name === name);
      expect(compileFormula(feature?.postfix ?? [])(person)).toBe(value);
    }
  },
);

it("leaves out who has no purchase before the cut-off", () => {
  expect(inPopulation).not.toContain(personOf(expected.excluded));
});

it("holds about 800 people out, and no row of theirs is a client's", async () => {
  const { clients, heldOut, stages } = await prepare(contract, assignmentFor(scenario));
  const shares = [...clients.values()].map(({ examples, present }) => rowsOf(examples, present));
  // Each with chance 800 / 4,067: five standard deviations are 127.
  expect(Math.abs((heldOut?.count ?? 0) - 800)).toBeLessThan(127);
  expect(shares.flat()).toHaveLength(4_067 - (heldOut?.count ?? 0));
  // Together they are the population, each person once: as multisets of rows, labels included.
  const anonymized = inPopulation.map(anonymize);
  const labels = Uint8Array.from(inPopulation, labeller(contract));
  const empty = { values: new Map(), logs: new Map() };
  const whole = await engineer((slot) => anonymized[slot] ?? empty, labels, contract);
  const parts = [...shares.flat(), ...(heldOut ? rowsOf(heldOut) : [])];
  expect(parts.sort()).toEqual(rowsOf(whole).sort());
  expect(stages[0]).toMatchObject({ rowsIn: 22_190, rowsOut: shares.flat().length });
});

/** Inputs and label of each row that counts. */
function rowsOf({ count, width, inputs, labels }: Examples, present?: Uint8Array): string[] {
  return Array.from({ length: count }, (_, i) =>
    [...inputs.subarray(i * width, (i + 1) * width), labels[i]].join(" "),
  ).filter((_, i) => present?.[i] !== 0);
}

it("splits by the seed, the same on a host that prepares no held-out rows", async () => {
  const mine = ["client-1"];
  const seven = await prepare(contract, assignmentFor(scenario, { mine, heldOut: false }));
  const eight = await prepare(contract, assignmentFor(scenario, { mine, seed: 8 }));
  const both = await prepare(contract, assignmentFor(scenario, { mine }));
  expect(seven.clients).toEqual(both.clients);
  expect(eight.clients).not.toEqual(seven.clients);
  expect(eight.heldOut?.inputs).not.toEqual(both.heldOut?.inputs);
});

it("tells its owner of as many people, positive labels and clipped values, were they one client's", async () => {
  const source = { ...scenario.data.source, testRows: 0 };
  const { afterWhere, positive } = expected.people;
  const only = {
    clients: ["only"],
    mine: ["only"],
    heldOut: false,
    population: afterWhere,
    source,
  };
  const { clients } = await prepare(contract, assignmentFor(scenario, only));
  const { examples, present, report } = clients.get("only") ?? {};
  expect(report?.stages[0]).toMatchObject({ name: "collect", rows: afterWhere });
  expect(report?.before.rows).toBe(afterWhere);
  expect(report?.loss.clipped).toEqual(expected.aboveUpperBound);
  // Twelve people have more than fifty purchases; nobody's are older than a year.
  expect(report?.loss.eventsLeftOut).toBeGreaterThan(0);
  const labels = [...(examples?.labels ?? [])].filter((_, slot) => present?.[slot] !== 0);
  expect(labels).toHaveLength(afterWhere);
  expect(labels.reduce((a, b) => a + b, 0)).toBe(positive);
});
