/** Any codes → 0, 1, … V - 1, so that counts by value are arrays. */
import type { CodedColumn } from "./coded-table.ts";

type Codes = CodedColumn["codes"];

export interface DenseCodes {
  /** [rows], each below `codes.length`. */
  readonly ids: Int32Array;
  /** Id → the column's own code, ascending; some may occur in no row. */
  readonly codes: Codes;
}

/** Whole codes in [0, this) are taken as they stand even in a short column. */
const SMALL = 4096;

/**
 * Ids follow the codes and not the rows: the same rows in another order have the same ids. NaN is a
 * value like any other, and -0 is 0.
 *
 * @throws RangeError where the column has another length: a bug of whoever coded it
 */
export function denseCodes({ name, codes }: CodedColumn, rows: number): DenseCodes {
  if (codes.length !== rows)
    throw new RangeError(`column ${name}: ${codes.length} codes for ${rows} rows`);
  const count = countIfDense(codes, Math.max(rows, SMALL));
  if (count === null) return rankedCodes(codes);
  const own = new Int32Array(count);
  for (let id = 0; id < count; id++) own[id] = id;
  return { ids: codes instanceof Int32Array ? codes : new Int32Array(codes), codes: own };
}

/** 1 + the largest code, if all are whole numbers in [0, limit). */
function countIfDense(codes: Codes, limit: number): number | null {
  let most = -1;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] ?? 0;
    if (!(code >= 0 && code < limit && Math.trunc(code) === code)) return null;
    if (code > most) most = code;
  }
  return most + 1;
}

/** By sorting: a Map of as many doubles as rows would take ten times the column's own memory. */
function rankedCodes(codes: Codes): DenseCodes {
  const sorted = codes.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    const code = sorted[i] ?? 0;
    const last = sorted[count - 1] ?? 0;
    // Of NaNs, which the sort puts last, only the first passes.
    const isNew = count === 0 || (code !== last && !Number.isNaN(last));
    if (isNew) sorted[count++] = code;
  }
  const own = sorted.slice(0, count);
  const ids = new Int32Array(codes.length);
  for (let row = 0; row < ids.length; row++) ids[row] = rankOf(codes[row] ?? 0, own);
  return { ids, codes: own };
}

function rankOf(code: number, ascending: Codes): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    // Nothing is ≥ NaN, which so ends at the last place: its own.
    if ((ascending[middle] ?? 0) >= code) high = middle;
    else low = middle + 1;
  }
  return low;
}
