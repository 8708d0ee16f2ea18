/** Tables of plain values as the privacy models take them. */

/** What a cell may hold. Types count: 1, "1" and true differ, and so do null and "". */
export type PlainValue = string | number | boolean | null;

/**
 * Codes 0, 1, … by first appearance, after those of `known`: two tables that are to be compared are
 * coded one after the other.
 */
export function codeValues<Value extends PlainValue>(
  cells: readonly Value[],
  known: readonly Value[] = [],
): { readonly codes: Int32Array; readonly values: readonly Value[] } {
  const codeOf = new Map(known.map((value, code) => [value, code]));
  const codes = new Int32Array(cells.length);
  for (const [row, value] of cells.entries()) {
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    codes[row] = code;
  }
  return { codes, values: [...codeOf.keys()] };
}
