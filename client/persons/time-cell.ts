/** A cell that holds a date or a time, in the one way of writing that its column has. Messages never quote it. */
import { DATE_FORMATS, type DateFormat, ISO_DATES } from "../../shared/scenario/date-format.ts";
import type { Cell } from "../source/table-source.ts";
import { isImage, refuseCell, textOf, valueCell, type Where } from "./cells.ts";

const YEAR = "([1-9]\\d{3})";
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NUMBER = "(\\d{1,2})";
const CLOCK = "(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?";

const ZONE = "(Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const ISO = new RegExp(`^${YEAR}-(0[1-9]|1[0-2])-(\\d{2})(?:T(${CLOCK})${ZONE}?)?$`);

/** Days and months may be of one digit, as spreadsheets write them. */
const WRITTEN: Readonly<
  Record<Exclude<DateFormat, "YYYY-MM-DD">, readonly [pattern: RegExp, parts: string]>
> = {
  "YYYY-MM-DD hh:mm:ss": [new RegExp(`^${YEAR}-(\\d{2})-(\\d{2})[ T]${CLOCK}$`), "ymd"],
  "DD.MM.YYYY": [new RegExp(`^${NUMBER}\\.${NUMBER}\\.${YEAR}$`), "dmy"],
  "DD/MM/YYYY": [new RegExp(`^${NUMBER}/${NUMBER}/${YEAR}$`), "dmy"],
  "MM/DD/YYYY": [new RegExp(`^${NUMBER}/${NUMBER}/${YEAR}$`), "mdy"],
  "DD Mon YYYY": [new RegExp(`^${NUMBER}([ -])(${MONTHS.join("|")})\\2${YEAR}$`, "i"), "d-my"],
};

/**
 * A day (its midnight UTC) or a time, in milliseconds since 1970 UTC.
 *
 * @param format how the column's dates are written; ISO 8601 unless given: a day, or a time with its zone
 * @throws ScenarioError `data.invalidDate` or `data.timestampWithoutZone`
 */
export function timeCell(cell: Cell, where: Where, format: DateFormat = ISO_DATES): number {
  const text = textOf(valueCell(cell, where));
  const ms = timeMs(text, format);
  if (!Number.isNaN(ms)) return ms;
  if (format !== ISO_DATES)
    return refuseCell("data.invalidDate", where, "another cell", `${format}, as its format says`);
  if (ISO.exec(text)?.[4] !== undefined && !Number.isNaN(timeMs(text, "YYYY-MM-DD hh:mm:ss")))
    return refuseCell(
      "data.timestampWithoutZone",
      where,
      "no zone",
      "a time with Z or +01:00",
      'Correct that cell; or say of the column format: "YYYY-MM-DD hh:mm:ss", which takes its times for UTC.',
    );
  const other = formatsOf(text);
  return refuseCell(
    "data.invalidDate",
    where,
    "another cell",
    "YYYY-MM-DD or a timestamp",
    other.length > 0 ? `Say of the column format: ${other.join(", or ")}.` : undefined,
  );
}

/** Ways of writing dates of which the cell is one; `among` them. */
export function formatsOf(
  cell: Cell,
  among: readonly DateFormat[] = DATE_FORMATS,
): readonly DateFormat[] {
  if (isImage(cell)) return [];
  const text = textOf(cell);
  return among.filter((format) => !Number.isNaN(timeMs(text, format)));
}

/** NaN where the text is no date so written. */
function timeMs(text: string, format: DateFormat): number {
  if (format === "YYYY-MM-DD") {
    const [, year, month, day, clock, zone] = ISO.exec(text) ?? [];
    const midnight = dayMs(year, month, day);
    if (clock === undefined) return midnight;
    return zone === undefined || Number.isNaN(midnight) ? Number.NaN : Date.parse(text);
  }
  const [pattern, parts] = WRITTEN[format];
  const found = pattern.exec(text);
  if (!found) return Number.NaN;
  const part = (letter: string) => found[1 + parts.indexOf(letter)] ?? "";
  const month = MONTHS.indexOf(part("m").toLowerCase()) + 1 || Number(part("m"));
  const midnight = dayMs(part("y"), month, part("d"));
  if (format !== "YYYY-MM-DD hh:mm:ss") return midnight;
  return Number.isNaN(midnight) ? midnight : Date.parse(`${text.replace(" ", "T")}Z`);
}

function dayMs(year?: string, month?: string | number, day?: string): number {
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // Date.UTC takes 31 February for a day of March.
  const same =
    midnight.getUTCMonth() === Number(month) - 1 && midnight.getUTCDate() === Number(day);
  return same ? midnight.getTime() : Number.NaN;
}
