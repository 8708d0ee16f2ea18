/** People written in place, cell by cell → the tables that a client's stages make of them. */

import type { Collected } from "../../client/data/collect.ts";
import {
  allRows,
  gatherPeople,
  type PeopleTable,
  riskColumns,
} from "../../client/data/people-table.ts";
import type { RawLog } from "../../client/persons/raw-person.ts";
import { type RequiredRows, requireK } from "../../client/risk/require-k.ts";
import type { Cell } from "../../client/source/table-source.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { contractFor, peopleScenario } from "./contracts.ts";

/** One person's cells, by the contract's columns, and logs. */
export interface Written {
  readonly cells: readonly Cell[];
  readonly logs?: Readonly<Record<string, RawLog>>;
}

/** Events at those times, milliseconds since 1970 UTC, each of that amount. */
export function logOf(...events: readonly (readonly [timeMs: number, amount: number])[]): RawLog {
  return {
    times: Float64Array.from(events, ([time]) => time),
    fields: new Map([["amount", Float64Array.from(events, ([, amount]) => amount)]]),
  };
}

/** A source that gives them in batches of two. */
export function writtenSource(
  { columns }: Pick<Contract, "columns">,
  people: readonly Written[],
  source = "written",
): Collected {
  const raw = people.map(({ cells, logs = {} }, i) => {
    return { source, line: i + 1, cells, logs: new Map(Object.entries(logs)) };
  });
  async function* batches() {
    for (let at = 0; at < raw.length; at += 2) yield raw.slice(at, at + 2);
  }
  return {
    people: batches(),
    typed: false,
    pseudonyms: new Map(),
    recordColumns: columns.map(({ from }) => from),
    columns: columns.map(({ name }) => name),
    records: () => people.length,
  };
}

/** The contract of a small scenario, and its people after stages 1 and 2. */
export interface Gathered {
  readonly scenario: Scenario;
  readonly contract: Contract;
  readonly people: PeopleTable;
  readonly rows: Int32Array;
  /** All rows as one client's, as its contract's requirement leaves them. */
  readonly required: RequiredRows;
}

export async function gathered(
  parts: Parameters<typeof peopleScenario>[0],
  written: readonly (Written | readonly Cell[])[],
): Promise<Gathered> {
  const scenario = peopleScenario(parts);
  const contract = await contractFor(scenario);
  const all = written.map((one): Written => ("cells" in one ? one : { cells: one }));
  const source = writtenSource(contract, all);
  const people = await gatherPeople(contract, [source], riskColumns(contract));
  const rows = allRows(people);
  return { scenario, contract, people, rows, required: requireK(people, rows, contract) };
}
