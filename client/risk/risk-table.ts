/** Some rows of an anonymized table as the privacy models read them: before recoding, and after. */
import {
  type Contract,
  type RecodedColumn,
  recodedColumns,
  type TableContract,
} from "../../shared/contract/contract.ts";
import type { Categories, Recoding } from "../../shared/contract/recoding.ts";
import type { PeopleTable } from "../data/people-table.ts";
import { type CategoryTree, categoryTree } from "./models/category-tree.ts";
import type { CodedColumn, CodedTable, SensitiveColumn } from "./models/coded-table.ts";

/** What of a contract decides which columns are told apart, and which are sensitive. */
export type RiskContract = Pick<TableContract, "columns" | "target" | "anonymity">;

/** As the cells were, equal or not. */
export function rawTable(
  people: PeopleTable,
  rows: Int32Array,
  contract: RiskContract,
): CodedTable {
  const codes = (name: string) => taken(people.table.raw.get(name), rows);
  return {
    rows: rows.length,
    quasiIdentifiers: quasiIdentifiers(contract).map(({ name }) => ({ name, codes: codes(name) })),
    sensitive: sensitiveNames(contract).map((name) => {
      const { recoding } = recodedColumn(contract, name) ?? {};
      // A closed vocabulary keeps its values: they have an order before recoding as after.
      if (recoding && keepsValues(recoding)) return recodedSensitive(people, rows, contract, name);
      return { name, codes: people.table.raw.has(name) ? codes(name) : labelCodes(people, rows) };
    }),
  };
}

/** As what is kept of them. */
export function recodedTable(
  people: PeopleTable,
  rows: Int32Array,
  contract: RiskContract,
): CodedTable {
  return {
    rows: rows.length,
    quasiIdentifiers: quasiIdentifiers(contract).map(({ name }) => recoded(people, rows, name)),
    sensitive: sensitiveNames(contract).map((name) =>
      recodedSensitive(people, rows, contract, name),
    ),
  };
}

/** The target counts as sensitive, whether or not the file names it. */
export function sensitiveNames({ columns, target, anonymity }: RiskContract): string[] {
  const declared = columns.filter(({ role }) => role === "sensitive").map(({ name }) => name);
  if (target === null) return [...new Set([...declared, ...anonymity.sensitive])];
  const label = "column" in target ? target.column : target.name;
  const named = anonymity.sensitive.map((name) => (name === target.name ? label : name));
  return [...new Set([...declared, ...named, label])];
}

export function quasiIdentifiers({ columns }: Pick<Contract, "columns">): RecodedColumn[] {
  return recodedColumns(columns).filter(({ role }) => role === "quasiIdentifier");
}

function recodedColumn({ columns }: RiskContract, name: string): RecodedColumn | undefined {
  return recodedColumns(columns).find((column) => column.name === name);
}

function recoded({ table }: PeopleTable, rows: Int32Array, name: string): CodedColumn {
  return { name, codes: taken(table.columns.get(name)?.values, rows) };
}

function recodedSensitive(
  people: PeopleTable,
  rows: Int32Array,
  contract: RiskContract,
  name: string,
): SensitiveColumn {
  const column = recodedColumn(contract, name);
  if (column) return { ...recoded(people, rows, name), ...distances(column.recoding) };
  const raw = people.table.raw.get(name);
  return { name, codes: raw ? taken(raw, rows) : labelCodes(people, rows) };
}

/** What the contract says of how far two of its values are apart. */
function distances(recoding: Recoding): Pick<SensitiveColumn, "order" | "tree"> {
  if (recoding.kind === "bands") return { order: [...recoding.labels.keys()] };
  if (recoding.kind !== "categories") return {};
  if (recoding.above.length > 0) return { tree: treeOf(recoding) };
  return { order: [...recoding.labels.keys()].slice(0, -2) };
}

/**
 * Without levels above the lowest root: a root of one root would only stretch the distances. Other and
 * missing hang beside the values under that root, whatever it is called.
 */
function treeOf({ labels, above }: Categories): CategoryTree {
  const known = above.map((path, i) => [labels[i] ?? "", ...path]);
  let height = known[0]?.length ?? 1;
  while (height > 1 && new Set(known.map((path) => path[height - 2])).size === 1) height--;
  const root = known[0]?.slice(1, height).at(-1) ?? "*";
  const unknown = labels
    .slice(known.length)
    .map((label) => [label, ...Array.from({ length: height - 2 }, () => "*"), root]);
  const paths = [...known, ...unknown].map((path) => path.slice(0, height));
  return categoryTree(new Map(paths.map((path, code) => [code, path])));
}

function keepsValues(recoding: Recoding): boolean {
  return (
    recoding.kind === "categories" &&
    recoding.above.length === 0 &&
    recoding.unseen === "error" &&
    recoding.normalise.length === 0
  );
}

function labelCodes({ labels }: PeopleTable, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row] ?? 0);
}

/** The values of those rows; in a loop, for `from` would first list them one by one. */
function taken<A extends Int32Array | Float64Array>(values: A | undefined, rows: Int32Array) {
  const own =
    values instanceof Float64Array ? new Float64Array(rows.length) : new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) own[i] = values?.[rows[i] ?? 0] ?? 0;
  return own;
}
