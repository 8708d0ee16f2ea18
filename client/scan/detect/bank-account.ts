/** IBANs (ISO 13616): the registry's length for each country, and mod 97 (ISO/IEC 7064). */
import type { Span } from "./finding.ts";

/** SWIFT's IBAN registry, release 99, and the countries that use one beside it. */
const LENGTHS = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 " +
    "DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 " +
    "IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 " +
    "MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 " +
    "SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 " +
    "AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const START = /(?<![\p{L}\p{N}])[a-z]{2}[ -]?\d[ -]?\d/giu;

export function ibans(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { index } of text.matchAll(START)) {
    const length = LENGTHS.get(text.slice(index, index + 2).toUpperCase());
    if (length === undefined) continue;
    const end = endOfCharacters(text, index, length);
    if (end === undefined || /[\p{L}\p{N}]/u.test(text[end] ?? "")) continue;
    const iban = text.slice(index, end).replace(/[ -]/g, "").toUpperCase();
    if (passesMod97(iban)) found.push({ start: index, end, sure: true });
  }
  return found;
}

/** A country and two digits, then fours of letters and digits, whatever their checksum says. */
const SHAPE =
  /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}([ -])[A-Z\d]{4}(?:\1[A-Z\d]{4}){1,6}(?:\1[A-Z\d]{1,3})?(?![\p{L}\p{N}])/gu;
/** Characters more or fewer than an account has, for one that is miswritten. */
const SLIP = 2;

/** Spans whose digits are no part of an account number: a miswritten one holds no telephone. */
export function outsideAccounts(text: string, spans: readonly Span[]): readonly Span[] {
  const accounts = [...text.matchAll(SHAPE)]
    .filter(({ 0: all }) => hasShape(all))
    .map(({ 0: all, index }) => ({ from: index, to: index + all.length }));
  if (accounts.length === 0) return spans;
  const starts = accounts.map(({ from }) => from);
  return spans.filter(({ start, end }) => {
    const account = accounts[lastUpTo(starts, start)];
    return account === undefined || account.from === start || end > account.to;
  });
}

/** The length tells it from a postcode and a telephone: "SE12 0113 496 0145". */
function hasShape(text: string): boolean {
  const length = LENGTHS.get(text.slice(0, 2)) ?? Number.POSITIVE_INFINITY;
  return Math.abs(text.replace(/[ -]/g, "").length - length) <= SLIP;
}

/** Index of the last number that is not above a limit, by halving; −1 if all are. */
function lastUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where `count` letters and digits from `start` on end, with at most one separator between two. */
function endOfCharacters(text: string, start: number, count: number): number | undefined {
  let seen = 0;
  for (let at = start; at < text.length; at++) {
    if (/[A-Za-z0-9]/.test(text[at] ?? "")) {
      seen += 1;
      if (seen === count) return at + 1;
    } else if (!/[ \u00a0-]/.test(text[at] ?? "") || !/[A-Za-z0-9]/.test(text[at + 1] ?? ""))
      return undefined;
  }
  return undefined;
}

/** @param iban upper case, without separators */
function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest === 1;
}
