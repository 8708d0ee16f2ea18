/**
 * k-anonymity (Sweeney 2002) of anonymized rows: classes by equality on all quasi-identifiers. A
 * description of one table: no part of epsilon, and a function of private rows that stays with them.
 */

/** Size of the smallest class, which is the table's k; 0 without rows. */
export function smallestClass(sizes: Int32Array): number {
  return sizes.reduce((least, size) => Math.min(least, size), sizes[0] ?? 0);
}

/** 0 without rows. */
export function largestClass(sizes: Int32Array): number {
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}

/** Rows in classes smaller than k: those to suppress to reach k without recoding further. */
export function rowsBelow(sizes: Int32Array, k: number): number {
  return sizes.reduce((rows, size) => rows + (size < k ? size : 0), 0);
}
