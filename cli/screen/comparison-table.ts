/** What all tables of a comparison share: a letter for each setting, means over its runs. */
import { columns } from "./print-trace.ts";

const ALPHABET = 26;
export const UNKNOWN = "·";

/** @param rows the first is the head; a table without another says `none`. @param below it, a line each */
export function section(
  title: string,
  rows: readonly string[][],
  none = "nothing",
  below: readonly string[] = [],
): string[] {
  const lines = rows.length > 1 ? columns(rows) : [none];
  return [title, ...[...lines, ...below].map((line) => `    ${line}`), ""];
}

/** A, B … Z, AA … */
export function letter(i: number): string {
  const last = String.fromCharCode("A".charCodeAt(0) + (i % ALPHABET));
  return i < ALPHABET ? last : letter(Math.floor(i / ALPHABET) - 1) + last;
}

/** Of those that are known. */
export function meanText(values: readonly (number | null)[], digits: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return UNKNOWN;
  return (known.reduce((sum, value) => sum + value, 0) / known.length).toFixed(digits);
}
