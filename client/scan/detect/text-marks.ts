/** How many of which characters a text has, in one pass: what decides which patterns are tried. */

export interface TextMarks {
  readonly length: number;
  readonly digits: number;
  /** Of any script; beyond ASCII everything counts. */
  readonly letters: number;
  /** Likewise. */
  readonly capitals: number;
  readonly dots: number;
  readonly colons: number;
  readonly dashes: number;
  readonly ats: number;
  /** Of any kind, that open. */
  readonly brackets: number;
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a list of cases, tried for every character of a table.
export function textMarks(text: string): TextMarks {
  let [digits, letters, capitals, dots] = [0, 0, 0, 0];
  let [colons, dashes, ats, brackets] = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code >= 97 && code <= 122) letters += 1;
    else if (code >= 128 || (code >= 65 && code <= 90)) {
      letters += 1;
      capitals += 1;
    } else if (code === 46) dots += 1;
    else if (code === 58) colons += 1;
    else if (code === 45) dashes += 1;
    else if (code === 64) ats += 1;
    else if (code === 40 || code === 91 || code === 123) brackets += 1;
  }
  const { length } = text;
  return { length, digits, letters, capitals, dots, colons, dashes, ats, brackets };
}

/** Digits of a whole number that is nobody's: a bare telephone number has nine or more. */
const SHORT_NUMBER = 7;
const LONGEST_TIME = 32;

/** A short whole number, a decimal fraction or an ISO 8601 time: most cells of most tables. */
export function isPlainQuantity(text: string, marks: TextMarks): boolean {
  const { length, digits, dots, dashes, letters } = marks;
  if (letters === 0 && dashes === 0 && digits + dots === length)
    return dots === 1 || (dots === 0 && digits <= SHORT_NUMBER);
  if (letters > 2 || dashes < 2 || length > LONGEST_TIME) return false;
  return /^\d{4}-[01]\d-[0-3]\d(?:$|[T ]\d\d:\d\d)/.test(text);
}
