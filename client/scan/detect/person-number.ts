/**
 * Numbers that states give to people, by form and check digits. One check digit passes one number in ten by chance:
 * only a form that nobody else uses, two check digits, a header or a word beside it make a number sure; the others count
 * by the share of a column's numbers that pass.
 */
import { contextWords, follows } from "../words/context-words.ts";
import type { Finding, Label } from "./finding.ts";
import { SCHEMES, type Scheme } from "./number-schemes.ts";

const WORDS: ReadonlyMap<Label, RegExp> = new Map(
  SCHEMES.map(({ label, words }) => [label, contextWords(words)]),
);

/** Labels of which a column's share counts. */
export const NUMBER_LABELS: ReadonlySet<Label> = new Set(SCHEMES.map(({ label }) => label));

const SHORTEST = 9;
const LONGEST = 24;
/** One word of digits, letters and signs. */
const TOKEN =
  /(?<![\p{L}\p{N}_.,/+-])[\p{L}\p{N}][\p{L}\p{N}.+-]{7,18}[\p{L}\p{N}](?![\p{L}\p{N}_])/gu;

/** @param expected what the header says that cells hold */
export function personNumbers(text: string, expected: ReadonlySet<Label>): readonly Finding[] {
  const whole = text.trim();
  if (whole.length < SHORTEST) return [];
  return whole.length <= LONGEST ? wholeNumber(text, whole, expected) : numbersIn(text);
}

function wholeNumber(
  text: string,
  whole: string,
  expected: ReadonlySet<Label>,
): readonly Finding[] {
  const fits = SCHEMES.filter((one) => passes(one, whole));
  const start = text.indexOf(whole);
  return fits.map(({ label, sure }) => {
    // Where several fit, the column's other numbers say which.
    const byHeader = expected.has(label) && fits.length === 1;
    return { label, start, end: start + whole.length, sure: sure(whole) || byHeader };
  });
}

function numbersIn(text: string): readonly Finding[] {
  const found: Finding[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!/\d{2}/.test(token)) continue;
    const fits = SCHEMES.find(
      (one) => passes(one, token) && (one.sure(token) || isIntroduced(text, index, one)),
    );
    if (fits)
      found.push({ label: fits.label, start: index, end: index + token.length, sure: true });
  }
  return found;
}

function isIntroduced(text: string, start: number, { label }: Scheme): boolean {
  const words = WORDS.get(label);
  return words !== undefined && follows(text, start, words);
}

function passes({ form, check }: Scheme, written: string): boolean {
  return form.test(written) && check(written.replace(/[ .+-]/g, "").toUpperCase());
}

/** The labels whose outward form a whole cell has, right or wrong. */
export function numberShapes(text: string): readonly Label[] {
  const whole = text.trim();
  if (whole.length < SHORTEST || whole.length > LONGEST) return [];
  return SCHEMES.filter(({ form }) => form.test(whole)).map(({ label }) => label);
}
