/**
 * A table as the privacy models read it: column by column, each cell a number that stands for its
 * value. Nothing below looks at a value, so renaming values changes no metric.
 */
import type { CategoryTree } from "./category-tree.ts";

export interface CodedColumn {
  readonly name: string;
  /** [rows]; equal codes ⇔ equal values. */
  readonly codes: Int32Array | Float64Array;
}

export interface SensitiveColumn extends CodedColumn {
  /** All codes that the column may hold, in their declared order; for ordered t. */
  readonly order?: readonly number[] | undefined;
  /** For hierarchical t. */
  readonly tree?: CategoryTree | undefined;
}

export interface CodedTable {
  readonly rows: number;
  readonly quasiIdentifiers: readonly CodedColumn[];
  readonly sensitive: readonly SensitiveColumn[];
}

/** Rows with a nonzero mark; all without marks. @throws RangeError unless each row has one */
export function unsuppressedCount({ rows }: CodedTable, kept: Uint8Array | undefined): number {
  if (!kept) return rows;
  if (kept.length !== rows) throw new RangeError(`${kept.length} marks for ${rows} rows`);
  return kept.reduce((count, mark) => count + (mark !== 0 ? 1 : 0), 0);
}

/** The columns' rows with a nonzero mark, in their order; copied one column at a time. */
export function* unsuppressedColumns<Column extends CodedColumn>(
  columns: readonly Column[],
  kept: Uint8Array | undefined,
): Iterable<Column> {
  for (const column of columns)
    yield kept ? { ...column, codes: unsuppressedCodes(column, kept) } : column;
}

function unsuppressedCodes({ name, codes }: CodedColumn, kept: Uint8Array): CodedColumn["codes"] {
  if (codes.length !== kept.length)
    throw new RangeError(`column ${name}: ${codes.length} codes for ${kept.length} rows`);
  const left = codes.slice();
  let next = 0;
  for (let row = 0; row < kept.length; row++) if (kept[row] !== 0) left[next++] = codes[row] ?? 0;
  return left.subarray(0, next);
}
