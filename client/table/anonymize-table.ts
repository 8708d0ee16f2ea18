/** IO: a table on its own, through the client's first two stages: what `murmur anonymize` shows. */

import { buildTableContract } from "../../shared/contract/build.ts";
import { checkTableContract } from "../../shared/contract/check.ts";
import type { TableContract } from "../../shared/contract/contract.ts";
import type { ReadText } from "../../shared/contract/recoding-build.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { ScenarioSource, TableData } from "../../shared/scenario/data-schema.ts";
import { type CollectOptions, collectFile } from "../data/collect.ts";
import { withLearnedLevels } from "../data/learn-levels.ts";
import { countedRows, gatherPeople, type PeopleTable, riskColumns } from "../data/people-table.ts";
import { keySources, type PersonKeys, personKeys } from "../data/person-keys.ts";
import { type RequiredRows, requireK } from "../risk/require-k.ts";
import { type ColumnFinding, IdentifierGate } from "../scan/identifier-gate.ts";
import type { MemoryFiles } from "../source/memory-files.ts";

/** A file by its folder and its name in there. */
export interface TableFile {
  readonly folder: string;
  readonly path: string;
}

export interface AnonymizedFile {
  readonly contract: TableContract;
  /** The table's rows, then the population's. */
  readonly people: PeopleTable;
  /** Of the table alone, in its order. */
  readonly rows: Int32Array;
  /** What the rows were drawn from; null: nobody says. */
  readonly population: Int32Array | null;
  readonly required: RequiredRows;
  readonly keys: PersonKeys;
  readonly findings: readonly ColumnFinding[];
}

/** How a table is to be read, whichever it is. */
export interface TableTerms {
  readonly data: TableData;
  readonly seed: number;
  /** Of hierarchies; relative to the schema. */
  readonly readText: ReadText;
  /** The schema's name, for messages. */
  readonly file: string;
  /** What is read in the place of files of their names. */
  readonly memory?: MemoryFiles | undefined;
}

const NO_SOURCE: ScenarioSource = { public: false };

/** @throws ScenarioError where table and schema differ, or people stand in a column that is kept */
export async function anonymizeFile(
  table: TableFile,
  population: TableFile | null,
  { data, seed, readText, file, memory }: TableTerms,
): Promise<AnonymizedFile> {
  const source = data.source ?? NO_SOURCE;
  const learned = await withLearnedLevels(data, table.folder, [table.path], memory);
  const contract = await buildTableContract(learned, readText, file);
  checkTableContract(contract, file);
  const keys = await personKeys(contract, {
    source,
    seed,
    folder: table.folder,
    keys: keySources(data.columns),
  });
  const gate = new IdentifierGate(contract.columns);
  const collect = (from: TableFile, options: CollectOptions) =>
    collectFile(contract, source, from.folder, from.path, options);
  const by = { personKey: keys.join, pseudonyms: keys.pseudonyms, memory };
  const sources = [
    await collect(table, { watch: gate.watch, ...by }),
    ...(population ? [await collect(population, by)] : []),
  ];
  const people = await gatherPeople(contract, sources, riskColumns(contract));
  gate.check();
  const of = (index: number) =>
    Int32Array.from(people.sourceOf.keys()).filter((row) => people.sourceOf[row] === index);
  const rows = of(0);
  const { findings } = gate;
  refuseFewerThanK(people, rows, contract);
  const required = requireK(people, rows, contract);
  return { contract, people, rows, population: population && of(1), required, keys, findings };
}

/** A client in a run would tell how few it has, and stays silent; the owner of a table is told. */
function refuseFewerThanK(people: PeopleTable, rows: Int32Array, contract: TableContract): void {
  const { mode, k } = contract.anonymity;
  if (mode !== "mondrian" || countedRows(people, rows).length >= k) return;
  throw new ScenarioError({
    what: "fewerRowsThanK",
    where: "data.anonymity.k",
    got: `fewer rows than ${k}`,
    expected: "a table that can be parted into classes of k rows",
    fix: "Lower k, or bring more rows.",
  });
}
