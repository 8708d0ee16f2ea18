/**
 * What a client shows its owner and nobody else: which columns came in and how each is kept, how
 * alike the rows were before recoding and after, what recoding took, and where people were found.
 * Counts of private rows all of it: none of it may leave (privacy and egress, which may, are added
 * by the host).
 */
import { type Contract, type ContractColumn, modelInputs } from "../../shared/contract/contract.ts";
import { describeColumn } from "../../shared/contract/describe-column.ts";
import { keptColumns } from "../anonymize/anonymizer.ts";
import { ownAbsentClasses } from "../data/absent-classes.ts";
import { countedRows, type PeopleTable } from "../data/people-table.ts";
import type { PersonKeys } from "../data/person-keys.ts";
import type { RepeatedPersons } from "../data/repeated-persons.ts";
import { type AsideReport, NONE_ASIDE } from "../data/rows-aside.ts";
import type { NarrowFeature } from "../features/range-use.ts";
import type { PrivacyMetrics } from "../risk/models/privacy-metrics.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import { LOOKED_FOR } from "../scan/detect/finding.ts";
import type { ColumnFinding } from "../scan/identifier-gate.ts";
import type { EgressReport } from "./egress-report.ts";
import { type LogUnicity, logUnicity } from "./log-unicity.ts";
import type { PrivacyReport } from "./privacy-report.ts";
import { type RecodingLoss, recodingLoss } from "./recoding-loss.ts";
import { risksOf } from "./risks.ts";

export interface OwnerReport {
  readonly contract: {
    readonly hash: string;
    readonly columns: readonly ColumnReport[];
    readonly unsafe: boolean;
  };
  readonly stages: readonly StageReport[];
  readonly requirement: { readonly mode: Contract["anonymity"]["mode"]; readonly k: number };
  readonly before: PrivacyMetrics;
  readonly after: PrivacyMetrics;
  readonly unicity: LogUnicity;
  readonly loss: RecodingLoss;
  readonly pseudonyms: readonly PseudonymReport[];
  /** Rows of a person, where a person may have several, or nothing says that each has one. */
  readonly persons: PersonsReport;
  /** Rows of the file that cannot be used, and add nothing. */
  readonly aside: AsideReport;
  /** Classes that the plan declares and none of its rows has. */
  readonly absentClasses: readonly string[];
  /** Features of whose declared range its rows use less than a tenth. */
  readonly narrowFeatures: readonly NarrowFeature[];
  readonly scan: {
    readonly lookedFor: readonly string[];
    readonly findings: readonly ColumnFinding[];
  };
}

interface PersonsReport {
  /** Columns that name persons, no row of which is held against a person key. */
  readonly repeats: readonly RepeatedPersons[];
  /** null: a person has one row. */
  readonly used: {
    readonly persons: number;
    /** All that the file has of them. */
    readonly rows: number;
    readonly rowsUsed: number;
    readonly mostOfOne: number;
  } | null;
}

/** The same with what left, once the client has taken part. */
export interface OwnerFile extends OwnerReport {
  readonly client: string;
  /** In the record unit's population no more rows count; null where the unit is the client. */
  readonly rowsBeyondThePopulation: number | null;
  /** These two alone may leave the client; null while it has not taken part yet. */
  readonly privacy: PrivacyReport | null;
  readonly egress: EgressReport | null;
}

interface ColumnReport {
  readonly name: string;
  readonly from: string;
  readonly role: ContractColumn["role"];
  /** "dropped", "bands [25, 35)"…: how it is kept, if it is. */
  readonly kept: string;
}

interface StageReport {
  readonly name: "collect" | "anonymize" | "engineer";
  readonly rows: number;
  readonly columns: number;
}

interface PseudonymReport {
  readonly column: string;
  readonly algorithm: string;
  readonly key: string;
}

/** What a client's report is made of, besides its rows. */
export interface ReportSource {
  readonly people: PeopleTable;
  readonly contract: Contract;
  /** Of the contract: 64 hex digits. */
  readonly hash: string;
  readonly seed: number;
  /** Column → whence the key of its pseudonyms comes. */
  readonly keySources: PersonKeys["sources"];
  /** Of the file in which its rows came: its own, or the one whose rows were dealt. */
  readonly findings: readonly ColumnFinding[];
  /** Likewise; absent: nobody counted. */
  readonly repeats?: readonly RepeatedPersons[];
  /** Of that file too; absent: none was set aside. */
  readonly aside?: AsideReport;
}

/** All of it but what hangs on the engineered rows. @param rows a client's, by slot */
export function ownerReport(
  {
    people,
    contract,
    hash,
    seed,
    keySources,
    findings,
    repeats = [],
    aside = NONE_ASIDE,
  }: ReportSource,
  rows: Int32Array,
  required: RequiredRows,
): Omit<OwnerReport, "narrowFeatures"> {
  const counted = countedRows(people, rows);
  const left = required.kept.reduce((sum, one) => sum + one, 0);
  const { mode, k, unsafe } = contract.anonymity;
  return {
    contract: {
      hash,
      columns: contract.columns.map(columnReport),
      unsafe,
    },
    stages: [
      { name: "collect", rows: counted.length, columns: contract.columns.length },
      { name: "anonymize", rows: left, columns: keptColumns(contract).length },
      { name: "engineer", rows: left, columns: modelInputs(contract) },
    ],
    requirement: { mode, k },
    ...risksOf(people, rows, required, contract),
    unicity: logUnicity(people, counted, seed),
    loss: recodingLoss(people, rows, required, contract),
    pseudonyms: [...keySources].map(([column, key]) => ({
      column,
      algorithm: "HMAC-SHA-256, its key by HKDF-SHA-256",
      key,
    })),
    persons: { repeats, used: usedRows(people, rows) },
    aside,
    absentClasses: ownAbsentClasses(people, rows, contract.target),
    scan: { lookedFor: LOOKED_FOR, findings },
  };
}

function usedRows(people: PeopleTable, rows: Int32Array): PersonsReport["used"] {
  const { persons } = people;
  if (!persons) return null;
  const ofEach = new Map<number, number>();
  for (const row of rows) {
    const person = persons.personOf[row] ?? 0;
    ofEach.set(person, (ofEach.get(person) ?? 0) + 1);
  }
  return {
    persons: ofEach.size,
    rows: rows.length,
    rowsUsed: countedRows(people, rows).length,
    mostOfOne: [...ofEach.values()].reduce((most, own) => Math.max(most, own), 0),
  };
}

function columnReport(column: ContractColumn): ColumnReport {
  const { name, from, role } = column;
  return { name, from, role, kept: describeColumn(column) };
}
