/** Text of a cell → number or time, strictly. Messages name column and place, never the value. */

import { LARGEST_NUMBER } from "../shared/contract/formula.ts";
import { ScenarioError } from "../shared/errors.ts";

export const DAY_MS = 86_400_000;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const TIME =
  /^([1-9]\d{3})-(0[1-9]|1[0-2])-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;

/** @throws ScenarioError `data.notANumber` or `data.nonFiniteNumber` */
export function numberCell(cell: string, where: string): number {
  if (!NUMBER.test(cell))
    return refuseCell("data.notANumber", where, "a cell that is none", "a number such as 12.5");
  const value = Number(cell);
  if (!(Math.abs(value) <= LARGEST_NUMBER))
    refuseCell("data.nonFiniteNumber", where, "a cell beyond it", `at most ${LARGEST_NUMBER}`);
  return value;
}

/**
 * A day (its midnight UTC) or a timestamp with its zone, in milliseconds since 1970 UTC.
 *
 * @throws ScenarioError `data.invalidDate` or `data.timestampWithoutZone`
 */
export function timeCell(cell: string, where: string): number {
  const [, year, month, day, hour, zone] = TIME.exec(cell) ?? [];
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC takes 31 February for a day of March.
  if (new Date(midnight).getUTCDate() !== Number(day))
    return refuseCell("data.invalidDate", where, "another cell", "YYYY-MM-DD or a timestamp");
  if (hour === undefined) return midnight;
  if (zone === undefined)
    refuseCell("data.timestampWithoutZone", where, "no zone", "a time with Z or +01:00");
  return Date.parse(cell);
}

/** A cell's fault, told without the cell. */
export function refuseCell(what: string, where: string, got: string, expected: string): never {
  throw new ScenarioError({ what, where, got, expected, fix: "Mend that cell, or the contract." });
}
