/**
 * US social security numbers (SSA, POMS RM 10201.035: areas, groups and serials never assigned) and
 * UK national insurance numbers (HMRC, NIM39110: prefixes never allocated).
 */
import { contextWords, follows } from "../words/context-words.ts";
import type { Span } from "./finding.ts";

const SSN = /(?<![\d\p{L}])(?<!\d[ .,/-]|-)\d{3}([ -])\d{2}\1\d{4}(?![\d\p{L}]|[ ./-]\d)/gu;
const NINE_DIGITS = /(?<![\d\p{L}])(?<!\d[.,/-]|-)\d{9}(?![\d\p{L}]|[.,/-]\d)/gu;
const SSN_CONTEXT = contextWords(
  "ssn|ssns|soc\\.? ?sec\\.?|social ?security|social|ss ?#|ss no|ss number|seguro social|s\\.s\\.n\\.",
);

/** Bare nine digits only where a word beside them, or the header, says what they are. */
export function socialSecurityNumbers(text: string, expected: boolean): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: all, index } of text.matchAll(SSN)) {
    const sure = all[3] === "-" || expected || follows(text, index, SSN_CONTEXT);
    if (isAssignable(all.replace(/\D/g, "")))
      found.push({ start: index, end: index + all.length, sure });
  }
  for (const { 0: all, index } of text.matchAll(NINE_DIGITS))
    if (isAssignable(all) && (expected || follows(text, index, SSN_CONTEXT)))
      found.push({ start: index, end: index + all.length, sure: true });
  return found;
}

function isAssignable(digits: string): boolean {
  // The one range beyond 899 that people do use: reserved for advertisements.
  if (/^98765432\d$/.test(digits)) return true;
  return /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);
}

const NINO =
  /(?<![\p{L}\p{N}])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:([ -]?)\d{2}\1\d{2}\1\d{2}\1?|[ -]\d{6}[ -]?)[A-D](?![\p{L}\p{N}])/giu;

export function nationalInsuranceNumbers(text: string): readonly Span[] {
  return [...text.matchAll(NINO)].map(({ 0: all, index }) => {
    return { start: index, end: index + all.length, sure: true };
  });
}
