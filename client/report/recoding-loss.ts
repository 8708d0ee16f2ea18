/** What recoding took from one client's rows: for their owner's report, since each count is of them. */
import { type Contract, recodedColumns } from "../../shared/contract/contract.ts";
import { countedRows, type PeopleTable } from "../data/people-table.ts";
import { clippedValues } from "../features/engineer.ts";
import { type InformationLoss, informationLoss } from "../risk/models/information-loss.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import type { RiskContract } from "../risk/risk-table.ts";
import { generalizedColumns } from "./generalized-columns.ts";

export interface RecodingLoss {
  readonly suppressedRows: number;
  /** Precision, LM and NCP over the quasi-identifiers, a suppressed row as all lost. */
  readonly information: InformationLoss;
  /** By column: cells that became `other`, and those that became `missing`. */
  readonly other: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, number>>;
  /** By feature: values that its bounds changed. */
  readonly clipped: Readonly<Record<string, number>>;
  /** Events before the cut-off that were too old, or too many. */
  readonly eventsLeftOut: number;
}

/** @param rows a client's, by slot */
export function recodingLoss(
  people: PeopleTable,
  rows: Int32Array,
  required: RequiredRows,
  contract: Contract,
): RecodingLoss {
  const { kept, person } = required;
  const left = rows.filter((_, slot) => kept[slot] !== 0);
  return {
    suppressedRows: countedRows(people, rows).length - left.length,
    information: lossOf(people, rows, required, contract),
    other: categoryCounts(people, left, contract, 2),
    missing: categoryCounts(people, left, contract, 1),
    clipped: clippedValues(person, kept, contract),
    eventsLeftOut: left.reduce((sum, row) => sum + (people.eventsLeftOut[row] ?? 0), 0),
  };
}

/** What recoding blurred of the rows that count. */
export function lossOf(
  people: PeopleTable,
  rows: Int32Array,
  required: RequiredRows,
  contract: RiskContract,
): InformationLoss {
  const kept = required.kept.filter((_, slot) => people.counted[rows[slot] ?? 0] !== 0);
  return informationLoss(generalizedColumns(people, rows, required, contract), kept);
}

/** @param fromEnd 1: of the last category, `missing`; 2: of the one before it, `other` */
function categoryCounts(
  { table }: PeopleTable,
  rows: Int32Array,
  contract: Contract,
  fromEnd: 1 | 2,
): Record<string, number> {
  const counts = recodedColumns(contract.columns).flatMap(({ name, recoding }) => {
    if (recoding.kind !== "categories") return [];
    const values = table.columns.get(name)?.values ?? [];
    const wanted = recoding.labels.length - fromEnd;
    const count = rows.reduce((sum, row) => sum + Number(values[row] === wanted), 0);
    return [[name, count] as const];
  });
  return Object.fromEntries(counts);
}
