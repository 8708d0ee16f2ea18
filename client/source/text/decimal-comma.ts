/** Numbers as most of Europe and Latin America writes them: 3,5 for three and a half. */
import { hasDecimalComma } from "../../../shared/number-text.ts";

const POINT = /^\s*[+-]?(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** True where the comma might part thousands as well: 1,234. */
export function isUnclear(text: string): boolean {
  return THOUSANDS.test(text);
}

/**
 * A row's numbers with points in the place of their commas; all other cells as they are.
 *
 * @param refuse for a number with a point, of which cell from 1: it might be one with parted thousands
 */
export function pointed(
  cells: readonly string[],
  refuse: (cell: number) => never,
): readonly string[] {
  const odd = cells.findIndex((cell) => POINT.test(cell));
  if (odd >= 0) refuse(odd + 1);
  return cells.map((cell) => (hasDecimalComma(cell) ? cell.replace(",", ".") : cell));
}
