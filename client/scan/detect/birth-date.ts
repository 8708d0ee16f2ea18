/** Dates of birth in a text: a date right after a word that says so. A date alone says nothing. */
import { contextWords, follows } from "../words/context-words.ts";
import { someWord, wordsIn } from "../words/words-of.ts";
import type { Span } from "./finding.ts";

const BIRTH =
  "birthday|birthdate|dob|d\\.o\\.b\\.?|d\\.?o\\.?birth|date of birth|date-of-birth|date_of_birth|birth ?date|birth_date|birth ?day|bday|b-day|bdate|born|born on|birth|" +
  "geb|geboren|geburtsdatum|geburtstag|geb\\.-?datum|gebdat|né|née|ne le|nee le|né\\(e\\)|date de naissance|naissance|anniversaire|" +
  "fecha de nacimiento|nacimiento|nacido|nacida|nació|f\\. ?nac|fnac|nato|nata|data di nascita|nascita|nascido|nascida|nasceu|data de nascimento|nascimento|" +
  "geboortedatum|geboorte|född|född den|födelsedatum|født|fødselsdato|fødselsdag|fødd|syntynyt|syntymäaika|synt|s\\. ?aika|" +
  "urodzony|urodzona|urodzenia|data urodzenia|ur|narozen|narozena|narozený|datum narození|nar|született|születési dátum|szül|" +
  "născut|născută|data nașterii|doğum tarihi|doğum|д\\.?р|дата рождения|родился|родилась|рождения|дата народження|народився|народилася|" +
  "ημερομηνία γέννησης|γεννήθηκε|γέννηση|出生日期|出生|生年月日|生日|생년월일|تاريخ الميلاد|מלידה|תאריך לידה|जन्म तिथि";
const CONTEXT = contextWords(BIRTH);
const BIRTH_WORDS = new Set(wordsIn(BIRTH.replace(/\\b/g, "")));
/** In words that say nothing alone: "date of …", "ne le". */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  wordsIn("date of on de d o day data di fecha le la am den datum"),
);

const MONTHS =
  "jan|january|janvier|januar|jänner|enero|gennaio|janeiro|januari|feb|february|février|fevrier|februar|febrero|febbraio|fevereiro|februari|" +
  "mar|march|mars|märz|marzo|março|maart|apr|april|avril|abril|aprile|may|mai|mayo|maggio|maio|mei|maj|jun|june|juin|juni|junio|giugno|junho|" +
  "jul|july|juillet|juli|julio|luglio|julho|aug|august|août|aout|agosto|augustus|augusti|sep|sept|september|septembre|septiembre|settembre|setembro|" +
  "oct|okt|october|octobre|oktober|octubre|ottobre|outubro|nov|november|novembre|noviembre|novembro|dec|dez|december|décembre|decembre|dezember|diciembre|dicembre|dezembro|des|desember|" +
  "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince|" +
  "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesäkuuta|heinäkuuta|elokuuta|syyskuuta|lokakuuta|marraskuuta|joulukuuta|" +
  "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık";

const YEAR = "(?:1[89]|20)\\d{2}";
const DATE = new RegExp(
  "(?<![\\p{L}\\p{N}])(?:" +
    [
      `${YEAR}[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\\d|0?[1-9])`,
      `(?:3[01]|[12]\\d|0?[1-9])([-/.])(?:3[01]|[12]\\d|0?[1-9])\\1(?:${YEAR}|\\d{2})`,
      `(?:3[01]|[12]\\d|0?[1-9])\\.? (?:3[01]|[12]\\d|0?[1-9])\\.? ${YEAR}`,
      `(?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th|er|º|ª|\\.)?[ -]?(?:of |de |d')?(?:${MONTHS})\\.?,?[ -]?(?:de |of )?(?:${YEAR}|\\d{2}(?!\\d))`,
      `(?:${MONTHS})\\.? (?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th)?,? ${YEAR}`,
      `${YEAR}(?:1[0-2]|0[1-9])(?:3[01]|[12]\\d|0[1-9])`,
      `${YEAR} ?[年년] ?(?:1[0-2]|0?[1-9]) ?[月월] ?(?:3[01]|[12]\\d|0?[1-9]) ?[日일]`,
    ].join("|") +
    ")(?![\\p{N}]|[-/.]\\d|(?!T\\d)\\p{L})",
  "giu",
);
/** "b. 1961-02-03", as in registers; a capital may be an initial, or the second of a list. */
const SHORT = /(?<![\p{L}\p{N}.])b\. ?$/u;
/** "born in Leeds on", "né en France le": a place between, capital first. */
const BORN_IN =
  /(?<!\p{L})(?:[Bb]orn|[Nn]ée?|[Gg]eb(?:oren|\.)|[Nn]acid[oa]|[Nn]at[oa]|[Nn]ascid[oa]|[Ff]ödd|[Ff]ødt|[Uu]rodzon[ya]) (?:in|en|à|a|em|i|te|w|zu)(?: \p{Lu}[\p{L}'’.-]{1,20}){1,3},?(?: (?:on|le|am|el|il|em|op|den|dnia|the)){0,2} $/u;
const BORN_REACH = 90;
const AFTERWARDS = /^[ ,]{0,2}\(?(?:dob|d\.o\.b|date of birth|birth ?date)\b/i;

export function birthDates(text: string, expected: boolean): readonly Span[] {
  if (!expected && !someWord(text, saysBirth)) return [];
  const found: Span[] = [];
  for (const { start, end } of datesIn(text)) {
    const before = text.slice(Math.max(0, start - 4), start);
    const told =
      follows(text, start, CONTEXT) ||
      SHORT.test(before) ||
      isBornIn(text, start) ||
      AFTERWARDS.test(text.slice(end, end + 20));
    if (told || expected) found.push({ start, end, sure: told });
  }
  for (const { 0: all, 1: day = "", index } of text.matchAll(DAY)) {
    const end = index + all.length;
    found.push({ start: end - day.length, end, sure: true });
  }
  return found;
}

/** "birthday: 5 May": no year, so only right after the word. */
const DAY = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:birthday|birth date|dob|b-day|geburtstag|anniversaire|cumpleaños|compleanno|aniversário|verjaardag)(?: is| on| ist)?[:=]? ?((?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th|\\.)? (?:of |de )?(?:${MONTHS})|(?:${MONTHS}) (?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th)?)(?![\\p{L}\\p{N}])`,
  "giu",
);

/** Scripts that put no space between words: part of a word may say it. */
function saysBirth(word: string): boolean {
  if (BIRTH_WORDS.has(word)) return !EMPTY_WORDS.has(word);
  return word.charCodeAt(0) >= 0x900 && [...BIRTH_WORDS].some((said) => word.includes(said));
}

function isBornIn(text: string, start: number): boolean {
  return BORN_IN.test(text.slice(Math.max(0, start - BORN_REACH), start));
}

/** Every date down to the day, whatever it means. */
function datesIn(text: string): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(DATE)].map(({ 0: all, index }) => {
    return { start: index, end: index + all.length };
  });
}
