/** Dates cut to a level of the calendar, in UTC: day, month, quarter, year, or all one. */
import { DAY_MS, daysBetween } from "../../shared/contract/days.ts";
import type { KeptDate } from "../../shared/contract/recoding.ts";
import { refuseCell, type Where } from "../persons/cells.ts";

/**
 * Whole days from the first day of a date's month, quarter or year to the reference.
 *
 * @throws ScenarioError outside the declared first and last day
 */
export function truncatedDays(timeMs: number, recoding: KeptDate, where: Where): number {
  const { level, referenceMs, boundsMs } = recoding;
  if (boundsMs && timeMs < boundsMs[0])
    refuseCell("data.belowDeclaredMinimum", where, "an earlier date", "one within the bounds");
  // The last day belongs to the bounds, to its end.
  if (boundsMs && timeMs >= boundsMs[1] + DAY_MS)
    refuseCell("data.aboveDeclaredMaximum", where, "a later date", "one within the bounds");
  if (level === "*") return 0;
  return daysBetween(firstDayMs(new Date(timeMs), level), referenceMs);
}

function firstDayMs(date: Date, level: Exclude<KeptDate["level"], "*">): number {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (level) {
    case "day":
      return Date.UTC(year, month, date.getUTCDate());
    case "month":
      return Date.UTC(year, month, 1);
    case "quarter":
      return Date.UTC(year, month - (month % 3), 1);
    case "year":
      return Date.UTC(year, 0, 1);
  }
}

/** "2024-06-30", "2024-06", "2024-Q2", "2024" or "*", from the days that `truncatedDays` gave. */
export function readableDate(days: number, { level, referenceMs }: KeptDate): string {
  const date = new Date(referenceMs - days * DAY_MS);
  const [day, month, year] = [
    date.toISOString().slice(0, 10),
    date.getUTCMonth(),
    date.getUTCFullYear(),
  ];
  switch (level) {
    case "day":
      return day;
    case "month":
      return day.slice(0, 7);
    case "quarter":
      return `${year}-Q${1 + (month - (month % 3)) / 3}`;
    case "year":
      return String(year);
    case "*":
      return "*";
  }
}
