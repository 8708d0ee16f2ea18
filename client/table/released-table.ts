/** A client's rows as they are once anonymized, in words: what `murmur anonymize --out` writes. */
import {
  recodedColumns,
  type TableContract,
  targetClasses,
} from "../../shared/contract/contract.ts";
import { keptColumns, readablePerson } from "../anonymize/anonymizer.ts";
import { readableRange } from "../anonymize/recode.ts";
import type { PeopleTable } from "../data/people-table.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import { quasiIdentifiers } from "../risk/risk-table.ts";
import type { Value } from "../source/table-source.ts";

/** Kept columns in the contract's order, and the label last, where there is one; images are no text. */
export function releasedColumns(contract: TableContract): string[] {
  const kept = writtenColumns(contract).map(({ name }) => name);
  return contract.target ? [...kept, contract.target.name] : kept;
}

/** Columns that are kept, and stand in no table of text. */
export function imageColumns({ columns }: Pick<TableContract, "columns">): string[] {
  return recodedColumns(columns)
    .filter(({ recoding }) => recoding.kind === "image")
    .map(({ name }) => name);
}

function writtenColumns(contract: TableContract) {
  const images = imageColumns(contract);
  return keptColumns(contract).filter(({ name }) => !images.includes(name));
}

/**
 * Rows that are not suppressed, in their order. An event log is a JSON list, newest first: days before
 * the cut-off, then what is kept of the event. Under mondrian a quasi-identifier is its part's range.
 *
 * @param rows by slot
 */
export function* releasedRows(
  people: PeopleTable,
  rows: Int32Array,
  { kept, person, parts }: RequiredRows,
  contract: TableContract,
): Generator<readonly Value[]> {
  const columns = writtenColumns(contract);
  const classes = contract.target && targetClasses(contract.target);
  const quasi = new Map(quasiIdentifiers(contract).map(({ name, recoding }) => [name, recoding]));
  for (const [slot, row] of rows.entries()) {
    if (kept[slot] === 0) continue;
    const readable = readablePerson(person(slot), columns);
    const ranges = parts?.ranges[parts.partOf[slot] ?? -1];
    const cells = columns.map(({ name }): Value => {
      const [recoding, range] = [quasi.get(name), ranges?.get(name)];
      if (recoding && recoding.kind !== "image" && range) return readableRange(recoding, range);
      const value = readable[name] ?? null;
      return Array.isArray(value) ? JSON.stringify(value) : value;
    });
    const label = people.labels[row] ?? 0;
    yield contract.target ? [...cells, classes?.[label] ?? label] : cells;
  }
}
