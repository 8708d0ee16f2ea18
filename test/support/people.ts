/** People stated as rows of a contract's own columns, through the client's first two stages. */
import { gatherPeople, type PeopleTable, riskColumns } from "../../client/data/people-table.ts";
import { personFromRow } from "../../client/data/person-row.ts";
import type { RawPerson } from "../../client/persons/raw-person.ts";
import type { Contract } from "../../shared/contract/contract.ts";

export type PlainRow = Readonly<Record<string, unknown>>;

export function rawPeople(rows: readonly PlainRow[], contract: Contract): RawPerson[] {
  return rows.map((row, i) => ({ ...personFromRow(row, contract, "rows"), line: i + 1 }));
}

/** @param sources the rows of each source; one unless a client has a file of its own */
export function peopleTable(
  contract: Contract,
  ...sources: (readonly PlainRow[])[]
): Promise<PeopleTable> {
  const collected = sources.map((rows) => ({
    people: inBatches(rawPeople(rows, contract)),
    typed: false,
    pseudonyms: new Map(),
    recordColumns: [],
    columns: [],
    records: () => rows.length,
  }));
  return gatherPeople(contract, collected, riskColumns(contract));
}

async function* inBatches(people: readonly RawPerson[]): AsyncGenerator<readonly RawPerson[]> {
  for (let at = 0; at < people.length; at += 7) yield people.slice(at, at + 7);
}
