/** A cell → number, time or text, strictly. Messages name column and place, never the value. */
import { LARGEST_NUMBER } from "../../shared/contract/formula/formula.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { Cell, Value } from "../source/table-source.ts";

/** Where a cell stands, for messages; a function where telling takes longer than reading it. */
export type Where = string | (() => string);

/** How a number may be spelled. */
export const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const TIME =
  /^([1-9]\d{3})-(0[1-9]|1[0-2])-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;

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

/** What programs write where nothing is known. */
const MISSING_MARK = /^(nan|n\/?a|null|none|nil|missing|unknown|\?|-|\.)$/i;
const COMMA = /^[+-]?\d+,\d+$/;

/** What kind of cell it is, never what it says beyond a usual mark; and what to do about it. */
function noNumber(cell: Cell): readonly [got: string, fix: string] {
  if (isEmptyCell(cell))
    return ["an empty cell", "Fill it, or declare a number for such cells: missing: 0, say."];
  const text = isImage(cell) ? "" : String(cell);
  if (MISSING_MARK.test(text)) {
    const mark = JSON.stringify(text);
    const fix = `Say data.source.missing: ${mark}, and of the column a number for such cells: missing: 0, say.`;
    return [`${mark}, which is text here`, fix];
  }
  if (COMMA.test(text)) return ["a number with a comma", "Write it with a point."];
  return [isImage(cell) ? "an image" : "text that is no number", CORRECT_CELL];
}

/**
 * A day (its midnight UTC) or a timestamp with its zone, in milliseconds since 1970 UTC.
 *
 * @throws ScenarioError `data.invalidDate` or `data.timestampWithoutZone`
 */
export function timeCell(cell: Cell, where: Where): number {
  const [text, year, month, day, hour, zone] = TIME.exec(textOf(valueCell(cell, where))) ?? [];
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC takes 31 February for a day of March.
  if (text === undefined || new Date(midnight).getUTCDate() !== Number(day))
    return refuseCell("data.invalidDate", where, "another cell", "YYYY-MM-DD or a timestamp");
  if (hour === undefined) return midnight;
  if (zone === undefined)
    return refuseCell("data.timestampWithoutZone", where, "no zone", "a time with Z or +01:00");
  return Date.parse(text);
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
