/**
 * Telephone numbers in international form (ITU-T E.123) and in the national forms that people write
 * by themselves; bare digits only beside a word or under a header that says what they are.
 */

import { contextWords, follows } from "../words/context-words.ts";
import { outsideAccounts } from "./bank-account.ts";
import type { Span } from "./finding.ts";
import {
  isAnywhere,
  isBareMobile,
  isInternational,
  isNorthAmerican,
  isTrunkZero,
} from "./phone-plan.ts";

/** From a first digit, or what may stand before it, over at most 16 more. */
const RUN =
  /(?<![\p{L}\p{N}_#/&$€£¥^=*+-]|\d[.,:])[+(]{0,2}\d(?:[ \u00a0.\-/()]{0,3}\d){4,16}\)?/gu;
const RUN_AFTER_WORD = /(?<=[=/#*])[+(]{0,2}\d(?:[ \u00a0.\-/()]{0,3}\d){4,16}/gu;
const DIGITS = { fewest: 7, most: 15 } as const;
/** Beyond any regrouping that is worth trying in one run. */
const MOST_GROUPS = 9;

const CONTEXT = contextWords(
  "phone|phones|telephone|tel|tél|tlf|tfn?|mob|mobile|mobil|cell|cellphone|cellular|call|calls|called|call back|callback|" +
    "calling|ring|dial|text|sms|whatsapp|signal|viber|fax|telefax|hotline|landline|ph|contact|reach|reached|joindre|" +
    "téléphone|telephone|portable|appeler|appelez|telefon|telefonnummer|handy|handynummer|rufnummer|anrufen|rückruf|" +
    "telefono|teléfono|móvil|movil|celular|llamar|llame|cellulare|chiamare|telefone|telemóvel|ligar|telefoon|mobiel|bellen|" +
    "bel|gsm|mobiltelefon|ring|ringa|puhelin|puh|telefonu|komórka|komorka|zadzwoń|telefonszám|телефон|тел|моб|τηλ|" +
    "τηλέφωνο|電話|电话|手机|전화|휴대폰|هاتف|cep|numer telefonu|phone number|msisdn|e\\.164|extension",
);

export function phones(text: string, expected = false): readonly Span[] {
  const found: Span[] = [];
  const runs = [...text.matchAll(RUN), ...text.matchAll(RUN_AFTER_WORD)];
  for (const { 0: run, index } of runs) {
    const told = expected || follows(text, index, CONTEXT);
    found.push(...numbersIn(text, index, index + run.length, told));
  }
  // Asked once for all: a text of many numbers is read once more, not once for each.
  return found.length > 0 ? outsideAccounts(text, found) : found;
}

interface Group {
  readonly start: number;
  readonly end: number;
}

/** A run's numbers, the longest that a group of digits begins first; a run may hold two. */
function numbersIn(text: string, from: number, to: number, told: boolean): Span[] {
  const groups = [...text.slice(from, to).matchAll(/\d+/g)].map(({ 0: digits, index }) => {
    return { start: from + index, end: from + index + digits.length };
  });
  const found: Span[] = [];
  let first = 0;
  while (first < groups.length) {
    const last = lastGroup(text, groups, first, told);
    if (last === undefined) {
      // Only a wide gap begins another number: any other start would read digits out of context.
      first = nextAfterGap(text, groups, first);
      continue;
    }
    const start = startOf(text, groups, first, from);
    const end = endOf(text, start, groups[last]?.end ?? start);
    const sure = told || /[+(]/.test(text[start] ?? "");
    found.push({ start, end, sure });
    first = last + 1;
  }
  return found;
}

function lastGroup(
  text: string,
  groups: readonly Group[],
  first: number,
  told: boolean,
): number | undefined {
  for (let last = Math.min(groups.length, first + MOST_GROUPS) - 1; last >= first; last--) {
    const [a, b] = [groups[first], groups[last]];
    if (!a || !b || !endsWell(text, b, groups[last + 1])) continue;
    const start = startOf(text, groups, first, 0);
    if (isPhone(text.slice(start, b.end), text.slice(b.end), told)) return last;
  }
  return undefined;
}

/** Digits go on: only across a wide gap may another number follow. */
function endsWell(text: string, group: Group, next: Group | undefined): boolean {
  if (EXTENSION.test(text.slice(group.end, group.end + 12))) return true;
  if (
    /^(?:[\p{L}_%]|[.:-][\da-f]{2}(?![\p{L}\p{N}])|\)?[.,:/-]\d|,\d| ?[€$£%×x*=^])/u.test(
      text.slice(group.end, group.end + 4),
    )
  )
    return next !== undefined && isWide(text.slice(group.end, next.start));
  return next === undefined || isWide(text.slice(group.end, next.start));
}

/** "x203" behind a number is no product of two. */
const EXTENSION = /^,? ?(?:x|ext\.?|extn\.?) ?\d{1,6}(?![\d\p{L}]| ?[x×])/iu;

function isWide(gap: string): boolean {
  return gap.length > 1 && (/[/+]| {2}/.test(gap) || /^\)? \(/.test(gap));
}

function nextAfterGap(text: string, groups: readonly Group[], first: number): number {
  for (let i = first + 1; i < groups.length; i++) {
    const gap = text.slice(groups[i - 1]?.end, groups[i]?.start);
    if (isWide(gap)) return i;
  }
  return groups.length;
}

/** With the + or bracket before the first digit. */
function startOf(text: string, groups: readonly Group[], first: number, from: number): number {
  let start = groups[first]?.start ?? from;
  while (start > 0 && /[+(]/.test(text[start - 1] ?? "")) start -= 1;
  return start;
}

function endOf(text: string, start: number, end: number): number {
  const number = text.slice(start, end);
  // Looked for in the number alone: back to the text's beginning, many numbers take its square.
  const closes = text[end] === ")" && number.lastIndexOf("(") > number.lastIndexOf(")");
  return closes ? end + 1 : end;
}

const NATIONAL_AMERICAN =
  /^(?:1[ .-]?)?(?:\(\d{3}\)[ .-]?\d{3}[ .-]\d{4}|\d{3}([ .-])\d{3}\1\d{4}|\d{3}\/\d{3}-\d{4})$/;
const AUSTRALIAN_SERVICE = /^1[38]00[ -]\d{3}[ -]\d{3}$/;
const BRACKETED = /^(?:8 ?\(\d{3}\) ?\d{3}-\d{2}-\d{2}|\(\d{2}\) ?9?\d{4}-\d{4})$/;
/** Area, then groups: with one separator throughout, but for the first, which is free. */
const TRUNK = /^\(?0\d{1,5}\)?(?:[ /-]|\) ?|(?<=\)))\d{2,8}(?:[ -]\d{2,4}){0,4}$/;
const DOTTED = /^0\d{1,4}(?:\.\d{2,4}){2,4}$/;

/** @param text from the first digit, or what stands before it, to the last */
function isPhone(text: string, after: string, told: boolean): boolean {
  const plain = text.replace("(0)", "");
  const digits = plain.replace(/\D/g, "");
  if (digits.length < DIGITS.fewest || digits.length > DIGITS.most) return false;
  if (/^(\d)\1+$/.test(digits) || isDateOrCode(text)) return false;
  if (/^\(?\+/.test(text)) return isInternational(digits);
  if (/^00[1-9]/.test(digits) && isInternational(digits.slice(2))) return /\D/.test(text) || told;
  if (/^011[ -]/.test(text) && isInternational(digits.slice(3))) return true;
  if (isNational(text, digits, told)) return true;
  if (digits === text && isBareMobile(digits)) return !isIsbn10(digits, after);
  return told && isTold(text, digits);
}

/** By its grouping, as some country writes its own. */
function isNational(text: string, digits: string, told: boolean): boolean {
  if (NATIONAL_AMERICAN.test(text) && isNorthAmerican(digits)) return true;
  if (AUSTRALIAN_SERVICE.test(text) || BRACKETED.test(text)) return true;
  if (!TRUNK.test(text) && !DOTTED.test(text)) return false;
  const long = digits.length >= 9 && digits.length <= 13;
  return (long || told) && isTrunkZero(digits);
}

/** ISO, German and American dates, ISBNs, and the grouping of a social security number. */
function isDateOrCode(text: string): boolean {
  return (
    /^\d{4}[./-]\d{1,2}[./-]\d{1,2}|^\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}(?!\d|[./-]\d)/.test(
      text,
    ) ||
    /^\d{3}[ -]\d{2}[ -]\d{4}$/.test(text) ||
    // Two digits, three, four: a miswritten social security number, but for areas of that length.
    /^0[15-7]-\d{3}-\d{4}$/.test(text) ||
    /^97[89][ -]?\d/.test(text)
  );
}

/** Under a header or after a word: anything that some country dials, or a local number. */
function isTold(text: string, digits: string): boolean {
  if (/^\d+\.\d+$/.test(text)) return false;
  return digits.length >= 8 ? isAnywhere(digits) : /^\d{3}[ .-]\d{2}[ .-]?\d{2}$/.test(text);
}

function isIsbn10(digits: string, after: string): boolean {
  const sum = (text: string) =>
    [...text].reduce(
      (total, digit, i) => total + (10 - i) * (digit === "X" ? 10 : Number(digit)),
      0,
    );
  return digits.length === 10 && after === "" && sum(digits) % 11 === 0;
}
