/**
 * What class sizes cost in utility: discernibility (Bayardo & Agrawal 2005) and the average class
 * size (LeFevre, DeWitt & Ramakrishnan 2006). `sizes` are those of the released rows' classes.
 */
import { rowsBelow } from "./k.ts";

/** Rows ÷ classes; 0 without rows. */
export function averageClassSize(sizes: Int32Array): number {
  return sizes.length === 0 ? 0 : rowsIn(sizes) / sizes.length;
}

/** C_avg: the average class size in units of k, 1 at best where k is reached. */
export function normalizedAverage(sizes: Int32Array, k: number): number {
  return sizes.length === 0 ? 0 : rowsIn(sizes) / (sizes.length * k);
}

/** Each row costs the size of its class. */
export function discernibility(sizes: Int32Array): number {
  return sizes.reduce((cost, size) => cost + size * size, 0);
}

/** The same once classes smaller than k are suppressed: each row of theirs costs all rows. */
export function discernibilityAt(sizes: Int32Array, k: number): number {
  const kept = sizes.reduce((cost, size) => cost + (size >= k ? size * size : 0), 0);
  return kept + rowsIn(sizes) * rowsBelow(sizes, k);
}

/** @returns what is left of the table without the classes smaller than k */
export function afterSuppression(
  sizes: Int32Array,
  k: number,
): { rows: number; classes: number; k: number; averageClassSize: number } {
  let [rows, classes, least] = [0, 0, Infinity];
  for (const size of sizes) {
    if (size < k) continue;
    rows += size;
    classes += 1;
    least = Math.min(least, size);
  }
  if (classes === 0) return { rows: 0, classes: 0, k: 0, averageClassSize: 0 };
  return { rows, classes, k: least, averageClassSize: rows / classes };
}

function rowsIn(sizes: Int32Array): number {
  return sizes.reduce((rows, size) => rows + size, 0);
}
