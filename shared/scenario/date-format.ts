/** How a column's dates are written, where it is not as ISO 8601 has them: a closed list, of which a scenario names one. */
import { z } from "zod";

export const DATE_FORMATS = [
  "YYYY-MM-DD",
  /** As pandas writes a time that has no zone: it is taken for UTC. */
  "YYYY-MM-DD hh:mm:ss",
  "DD.MM.YYYY",
  "DD/MM/YYYY",
  "MM/DD/YYYY",
  /** With the month's first three letters in English. */
  "DD Mon YYYY",
] as const;

export const dateFormat = z.enum(DATE_FORMATS);

export type DateFormat = z.infer<typeof dateFormat>;

/** What a column has that names none: days, and times that say their zone. */
export const ISO_DATES: DateFormat = "YYYY-MM-DD";
