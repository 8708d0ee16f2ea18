/** One person's way through the client's stages, held against a row that was worked out elsewhere. */
import { expect } from "vitest";
import { z } from "zod";
import { anonymizer, readablePerson } from "../../client/anonymize/anonymizer.ts";
import type { Collected } from "../../client/data/collect.ts";
import { labeller } from "../../client/data/label.ts";
import { engineer, preparedPerson } from "../../client/features/engineer.ts";
import type { RawPerson } from "../../client/persons/raw-person.ts";
import type { Contract } from "../../shared/contract/contract.ts";

export const anonymizedRow = z.record(z.string(), z.unknown());
const features = z.record(z.string(), z.union([z.number(), z.string()]));

/** What every worked row has; it may tell the anonymized row as well. */
export const workedRow = { features, inputs: z.array(z.number()), target: z.number() };

export interface WorkedRow {
  readonly anonymized?: unknown;
  readonly features: z.infer<typeof features>;
  readonly inputs: readonly number[];
  readonly target: number;
}

/** Three stages and the label; inputs to four decimals, as the rows are written. */
export async function expectWorked(
  person: RawPerson,
  contract: Contract,
  row: WorkedRow,
): Promise<void> {
  const result = anonymizer(contract.columns)(person);
  if (row.anonymized) expect(readablePerson(result, contract.columns)).toEqual(row.anonymized);
  const prepared = preparedPerson(result, [], contract);
  expect(Object.fromEntries(prepared.features.map(({ name, value }) => [name, value]))).toEqual(
    row.features,
  );
  const inputs = [...prepared.inputs].map((input) => Number(input.toFixed(4)));
  expect(inputs).toEqual(row.inputs);
  const label = labeller(contract)(person);
  expect(label).toBe(row.target);
  const examples = await engineer(() => result, Uint8Array.of(label), contract);
  expect([...examples.inputs]).toEqual([...prepared.inputs]);
  expect([...examples.labels]).toEqual([row.target]);
}

/** Everybody that a source gives, at once. */
export async function everybody({ people }: Collected): Promise<RawPerson[]> {
  const all: RawPerson[] = [];
  for await (const batch of people) all.push(...batch);
  return all;
}
