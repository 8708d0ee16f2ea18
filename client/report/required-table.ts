/** One client's rows as a requirement leaves them, for the privacy models. */

import type { PeopleTable } from "../data/people-table.ts";
import type { CodedTable } from "../risk/models/coded-table.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import { type RiskContract, recodedTable } from "../risk/risk-table.ts";

/**
 * The rows that count as a requirement leaves them: without suppressed ones in `kept`, and under
 * mondrian alike where they fell into one part.
 *
 * @param rows a client's, by slot
 */
export function requiredTable(
  people: PeopleTable,
  rows: Int32Array,
  { kept, parts }: RequiredRows,
  contract: RiskContract,
): { readonly table: CodedTable; readonly kept: Uint8Array } {
  const isCounted = (_: number, slot: number) => people.counted[rows[slot] ?? 0] !== 0;
  const table = recodedTable(people, rows.filter(isCounted), contract);
  const keptRows = kept.filter(isCounted);
  if (parts === null) return { table, kept: keptRows };
  const part = { name: "part", codes: parts.partOf.filter(isCounted) };
  return { table: { ...table, quasiIdentifiers: [part] }, kept: keptRows };
}
