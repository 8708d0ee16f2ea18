/** A cell → number or text, strictly; time-cell.ts has dates. Messages name column and place, never the value. */
import { LARGEST_NUMBER } from "../../shared/contract/formula/formula.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { hasDecimalComma, NUMBER } from "../../shared/number-text.ts";
import type { Cell, Value } from "../source/table-source.ts";
import { isMarkForNumber } from "../source/text/missing-mark.ts";

/** Where a cell stands, for messages; a function where telling takes longer than reading it. */
export type Where = string | (() => string);

/**
 * @param typed true where text is text: only a number is one then
 * @throws ScenarioError `data.notANumber` or `data.nonFiniteNumber`
 */
export function numberCell(cell: Cell, where: Where, typed = false): number {
  const value = typeof cell === "number" ? cell : typed ? Number.NaN : numberText(cell);
  // NaN only where the cell is no number: a typed source has refused its own before.
  if (Number.isNaN(value)) {
    const [got, fix] = noNumber(cell);
    return refuseCell("data.notANumber", where, got, "a number such as 12.5", fix);
  }
  if (!(Math.abs(value) <= LARGEST_NUMBER))
    return refuseCell(
      "data.nonFiniteNumber",
      where,
      "a cell beyond it",
      `at most ${LARGEST_NUMBER}`,
    );
  return value;
}

function numberText(cell: Cell): number {
  return typeof cell === "string" && NUMBER.test(cell) ? Number(cell) : Number.NaN;
}

/** What kind of cell it is, never what it says beyond a usual mark; and what to do about it. */
function noNumber(cell: Cell): readonly [got: string, fix: string] {
  if (isEmptyCell(cell))
    return ["an empty cell", "Fill it, or declare a number for such cells: missing: 0, say."];
  const text = isImage(cell) ? "" : String(cell);
  if (isMarkForNumber(text)) {
    const mark = JSON.stringify(text);
    const fix = `Say data.source.missing: ${mark}, and of the column a number for such cells: missing: 0, say.`;
    return [`${mark}, which is text here`, fix];
  }
  if (hasDecimalComma(text)) return ["a number with a comma", "Write it with a point."];
  return [isImage(cell) ? "an image" : "text that is no number", CORRECT_CELL];
}

/** As a vocabulary or a pseudonym reads it: true is "true", an empty cell is "". */
export function textOf(cell: Value): string {
  return cell === null ? "" : String(cell);
}

/**
 * A cell of a column that holds no images.
 *
 * @throws ScenarioError `data.image`
 */
export function valueCell(cell: Cell, where: Where): Value {
  if (!isImage(cell)) return cell;
  return refuseCell("data.image", where, "an image", "text or a number; or type: image");
}

/** True for the bytes of an image. */
export function isImage(cell: Cell): cell is Uint8Array {
  return cell instanceof Uint8Array;
}

/** True for a cell in which nothing stands. */
export function isEmptyCell(cell: Cell): boolean {
  return cell === null || cell === "";
}

const CORRECT_CELL = "Correct that cell, or what data.columns says of its column.";

/** A cell's fault, told without the cell. */
export function refuseCell(
  what: string,
  where: Where,
  got: string,
  expected: string,
  fix = CORRECT_CELL,
): never {
  const place = typeof where === "string" ? where : where();
  throw new ScenarioError({ what, where: place, got, expected, fix });
}
