/** Numbers as most of Europe and Latin America writes them: 3,5 for three and a half. */
import { refuseFile } from "../source-refusal.ts";

const COMMA = /^\s*[+-]?\d+,\d+(?:e[+-]?\d+)?\s*$/i;
const POINT = /^\s*[+-]?(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

export function hasDecimalComma(text: string): boolean {
  return COMMA.test(text);
}

/** True where the comma might part thousands as well: 1,234. */
export function isUnclear(text: string): boolean {
  return THOUSANDS.test(text);
}

/**
 * A row's numbers with points in the place of their commas; all other cells as they are.
 *
 * @param where file and line
 * @throws ScenarioError `data.decimal` for a number with a point: it might be one with parted thousands
 */
export function pointed(cells: readonly string[], where: string): readonly string[] {
  const odd = cells.findIndex((cell) => POINT.test(cell));
  if (odd >= 0)
    refuseFile(
      "data.decimal",
      `${where}, cell ${odd + 1}`,
      "a number with a point",
      'numbers with commas, as decimal: "," has it',
      "Write all numbers of the file alike; or take decimal: . (--decimal .), and those with commas are text.",
    );
  return cells.map((cell) => (COMMA.test(cell) ? cell.replace(",", ".") : cell));
}
