/** What programs and people write into a cell where nothing is known. */

/** As programs write them, in these letters: "none" and "na" may be what a cell says. */
const MARKS: ReadonlySet<string> = new Set([
  ...["?", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "NAN", "None", "<NA>", "#N/A"],
  ...["NaT", "(null)", "."],
]);

/** Nothing but such words where a number is looked for. */
const WORDS = /^(nan|n\/?a|null|none|nil|missing|unknown|-)$/i;

/** In any cell. */
export function isMissingMark(text: string): boolean {
  return MARKS.has(text);
}

/** In a cell that should be a number. */
export function isMarkForNumber(text: string): boolean {
  return MARKS.has(text) || WORDS.test(text);
}
