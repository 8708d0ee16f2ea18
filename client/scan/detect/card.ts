/**
 * Payment card numbers: issuer ranges and lengths (ISO/IEC 7812, the networks' published ranges),
 * the usual groupings, and Luhn's checksum. One number in ten passes Luhn by chance.
 */

import { contextWords, follows } from "../words/context-words.ts";
import { outsideAccounts } from "./bank-account.ts";
import { ean13, luhn } from "./check-digits.ts";
import type { Span } from "./finding.ts";

const RUN = /(?<![\d\p{L}])(?<!\d[.,-]|[+-])\d(?:[ .-]?\d){11,18}/gu;
const CONTEXT = contextWords(
  "card|cards|cc|pan|visa|mastercard|amex|credit|debit|paid with|carte|karte|kreditkarte|tarjeta|carta|cartão|kaart|kort|karta",
);
const GROUPINGS =
  /^(?:\d{12,19}|(?:\d{4}[ .-]){3}\d{1,4}(?:[ .-]\d{1,3})?|\d{4}[ .-]\d{6}[ .-]\d{4,5})$/;

/** Behind a number's groups: more of them than a card has, and no expiry date or check digits. */
const MORE_GROUPS = /^([ -])(?:\d{4}\1\d|\d{1,2}(?![\p{L}\p{N}]|[ ./-][\p{L}\p{N}]))/u;

const MAESTRO = [12, 13, 14, 15, 16, 17, 18, 19];

/** First digits from–to, and the lengths that go with them. */
const ISSUERS: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ["4", "4", [13, 16, 19]], // Visa
  ["51", "55", [16]], // Mastercard
  ["2221", "2720", [16]],
  ["34", "34", [15]], // American Express
  ["37", "37", [15]],
  ["300", "305", [14, 16, 17, 18, 19]], // Diners Club
  ["3095", "3095", [14, 16, 17, 18, 19]],
  ["36", "36", [14, 15, 16, 17, 18, 19]],
  ["38", "39", [14, 16, 17, 18, 19]],
  ["6011", "6011", [16, 17, 18, 19]], // Discover
  ["644", "649", [16, 17, 18, 19]],
  ["65", "65", [16, 17, 18, 19]],
  ["62", "62", [16, 17, 18, 19]], // UnionPay
  ["81", "81", [16, 17, 18, 19]],
  ["3528", "3589", [16, 17, 18, 19]], // JCB
  ["2200", "2204", [16]], // Mir
  ["5018", "5020", MAESTRO], // Maestro, Dankort
  ["5038", "5038", MAESTRO],
  ["56", "58", MAESTRO],
  ["6304", "6304", MAESTRO],
  ["6331", "6334", [16, 18, 19]], // Switch, Solo
  ["6706", "6709", [16, 17, 18, 19]], // Laser
  ["6771", "6771", [16, 17, 18, 19]],
  ["6759", "6759", MAESTRO],
  ["6761", "6763", MAESTRO],
  ["508", "508", [16]], // RuPay
  ["606", "608", [16]],
  ["6521", "6522", [16]],
  ["9792", "9792", [16]], // Troy
  ["506099", "506198", [16, 19]], // Verve
  ["506699", "506778", [16]], // Elo
  ["509000", "509999", [16]],
  ["636297", "636297", [16]],
  ["636368", "636368", [16]],
  ["2131", "2131", [15]], // JCB's old numbers
  ["1800", "1800", [15]],
];

export function cards(text: string, expected = false): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: run, index } of text.matchAll(RUN)) {
    for (const [from, to] of groupedIn(run)) {
      const [start, end] = [index + from, index + to];
      if (!endsWell(text, end) || !isCard(text.slice(start, end))) continue;
      if (MORE_GROUPS.test(text.slice(end, end + 8))) continue;
      const grouped = /[ -]/.test(text.slice(start, end));
      found.push({ start, end, sure: grouped || expected || follows(text, start, CONTEXT) });
      break;
    }
  }
  return found.length > 0 ? outsideAccounts(text, found) : found;
}

/** Where numbers may lie in a run of digit groups: it may hold an expiry date too. */
function* groupedIn(run: string): Generator<readonly [number, number]> {
  if (/^\d+$/.test(run)) {
    yield [0, run.length];
    return;
  }
  const starts = [0, ...[...run.matchAll(/ /g)].map(({ index }) => index + 1)];
  const ends = [run.length, ...[...run.matchAll(/[ .-]/g)].map(({ index }) => index).reverse()];
  // Every grouping begins with four digits.
  for (const from of starts)
    if (/^\d{4}/.test(run.slice(from, from + 4)))
      for (const to of ends) if (to - from >= 12) yield [from, to];
}

function endsWell(text: string, end: number): boolean {
  return !/^(?:[\d\p{L}]|[.,-]\d)/u.test(text.slice(end, end + 2));
}

/** @param text digits, perhaps in groups with one separator */
function isCard(text: string): boolean {
  if (!GROUPINGS.test(text)) return false;
  if (new Set(text.replace(/\d/g, "")).size > 1) return false;
  const digits = text.replace(/\D/g, "");
  return hasIssuer(digits) && luhn(digits) && !isArticleNumber(digits);
}

function hasIssuer(digits: string): boolean {
  return ISSUERS.some(([from, to, lengths]) => {
    const first = digits.slice(0, from.length);
    return first >= from && first <= to && lengths.includes(digits.length);
  });
}

/** German articles' numbers begin with 4, as Visa's old ones of 13 digits do. */
function isArticleNumber(digits: string): boolean {
  return digits.length === 13 && ean13(digits);
}
