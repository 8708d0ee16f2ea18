/**
 * Postal addresses down to the street: house number, street and place, in the orders that European
 * and American posts use (UPU S42). A street without a place is one only where a word says so.
 */
import { contextWords, follows } from "../words/context-words.ts";
import { isPlace } from "../words/place-names.ts";
import {
  AFTER_NAME,
  AFTER_NAME_OR_THING,
  BEFORE_NAME,
  BETWEEN,
  BOXES,
  IN_COLUMNS,
  NUMBER_THEN_WORD,
  SUFFIXES,
  UNITS,
} from "../words/street-words.ts";
import { isThing } from "../words/thing-words.ts";
import { someWord, wordsIn } from "../words/words-of.ts";
import type { Span } from "./finding.ts";

/** Letters of either case, for patterns that must tell names from other words by their case. */
function anyCase(alternatives: string): string {
  return alternatives.replace(/\p{L}/gu, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`);
}

const WORD = "[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}'’.-]{0,30}";
const NAME = "[\\p{Lu}\\p{N}][\\p{L}\\p{M}\\p{N}'’.-]{0,30}";
/** No house has a number that begins with 0, as the area of "ring 01632 960001" does. */
const HOUSE = "[1-9]\\d{0,4}(?:[-/–]\\d{1,4}){0,3}(?: ?[a-zA-Z](?![\\p{L}\\p{N}]))?";
const HOUSE_WORD =
  "(?:[nN][oOrR°º]?\\.?:? ?|[nN]úm\\. ?|д\\.? ?|дом |будинок |буд\\. ?|č\\.p\\. ?|# ?)?";
const UNIT = `(?:${anyCase(UNITS)}) ?(?:[nN]o?[.°]? ?)?[\\p{L}\\p{N}-]{1,6}`;
const DIRECTION = "(?: (?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\\.?)?";
const END = "(?![\\p{L}\\p{N}])";

const STREETS = [
  `(?:${UNIT}[,/ ] ?)?${HOUSE},? (?:(?:${NAME}|of|the|and) ){1,4}(?:${anyCase(AFTER_NAME)})\\.?${DIRECTION}${END}`,
  `${HOUSE}(?:,| bis| ter| quater)? (?:${anyCase(NUMBER_THEN_WORD)}) (?:${WORD} ){0,5}?${WORD}`,
  `(?:${anyCase(BEFORE_NAME)}) ?(?:${WORD} ){0,4}?${NAME},? ${HOUSE_WORD}${HOUSE}`,
  `(?:${NAME} ){0,2}${NAME} (?:${anyCase(BETWEEN)}),? ${HOUSE_WORD}${HOUSE}`,
  `(?:${NAME}[ -]){0,2}\\p{Lu}[\\p{L}-]{1,30}(?:${anyCase(SUFFIXES)}),? ?${HOUSE_WORD}${HOUSE}`,
  `(?:${anyCase(BOXES)}) ?${HOUSE_WORD}\\d{1,7}`,
];
/** Their words are also things: only with a postcode. */
const STREETS_OR_THINGS = `(?:${UNIT}[,/ ] ?)?${HOUSE},? (?:(?:${NAME}|of|the|and) ){1,4}(?:${anyCase(AFTER_NAME_OR_THING)})\\.?${DIRECTION}${END}`;
/** Any name with a number, where what follows is clearly a postcode and a place. */
const NAMED_HOUSE = `\\p{Lu}[\\p{L}\\p{M}'’.-]{1,30}(?: ${WORD}){0,3}? ${HOUSE}`;

const PLACE =
  "\\p{Lu}[\\p{L}\\p{M}'’.-]{1,30}(?:[ -](?:\\p{Lu}[\\p{L}\\p{M}'’.-]{0,30}|am|an|der|de|la|le|les|sur|sous|en|upon|del|di|do|da|\\d{1,2}(?![\\p{N}]))){0,4}?";
const LONG_CODE =
  "(?:[A-Z]{1,3}-)?(?:\\d{5,6}|\\d{3} \\d{2}|\\d{2}-\\d{3}|\\d{4}-\\d{3}|\\d{4} ?[A-Z]{2})(?![\\p{L}\\p{N}-])";
const CODE = `(?:${LONG_CODE}|(?:[A-Z]{1,3}-)?\\d{4}(?![\\p{L}\\p{N}-]))`;
/** British and Canadian. */
const POSTCODE = "(?:[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[A-Z]{2}|[A-Z]\\d[A-Z] ?\\d[A-Z]\\d)";
const CODE_AFTER = `(?:${POSTCODE}|\\d{5}-\\d{3,4}|\\d{4,6}|[A-Z]\\d{2} ?[A-Z\\d]{4})(?![\\p{L}\\p{N}])`;
/** Words of the lists that say nothing by themselves; a street of theirs is told by more. */
const FILLERS: ReadonlySet<string> = new Set(
  "an am im der auf zum zur de office private".split(" "),
);
/** "3º B", "2. OG", "1st floor": where in the house, number first. */
const FLOOR = "\\d{1,2}(?:º|ª|°|\\.|st|nd|rd|th|er|e)? ?(?:[\\p{L}]{1,8}\\.?)";
const BETWEEN_PARTS = `(?:,? ${UNIT})?(?:, ${FLOOR})?(?:, ${PLACE}){0,2}?`;
const CODE_THEN_PLACE = `${BETWEEN_PARTS}(?:, ?|\\s+|\\n)${CODE}[ ,]+${PLACE}${END}(?:, \\p{Lu}[\\p{L} ]{2,20})?`;
const PLACE_THEN_CODE = `${BETWEEN_PARTS}(?:, ?|\\s+)${PLACE},? (?:(?:[-–] ?)?[A-Z]{2,3},? |\\p{Lu}\\p{Ll}{2,15},? )?${CODE_AFTER}`;
const COMMA_PLACE = `(?:,? ${UNIT})?, ${PLACE}(?=$|[,.;)])(?:, \\p{Lu}[\\p{L} .]{1,20}(?=$|[,.;)]))?`;

const START = "(?<![\\p{L}\\p{N}.,/-])";
const WITH_CODE = new RegExp(
  `${START}(?:${[...STREETS, STREETS_OR_THINGS].join("|")})(?:${CODE_THEN_PLACE}|${PLACE_THEN_CODE})`,
  "gu",
);
const NAMED_WITH_CODE = new RegExp(
  `${START}${NAMED_HOUSE}, ?${LONG_CODE}[ ,]+${PLACE}(?=$|[,.;)])`,
  "gu",
);
const WITH_PLACE = new RegExp(`${START}(?:${STREETS.join("|")})${COMMA_PLACE}`, "gu");
/** Known places, at least, where the word may be a thing's: "4 Square Game, Large". */
const THING_WITH_PLACE = new RegExp(
  `${START}(?:${STREETS_OR_THINGS})(?:,? ${UNIT})?, (${PLACE})(?=$|[,.;)])`,
  "gu",
);
/** "Rose Cottage, Sample Lane, Testbury TE1 1ST": no number, and a code of a form that tells more. */
const WITHOUT_NUMBER = new RegExp(
  `${START}(?:${NAME} ){1,3}(?:${anyCase(AFTER_NAME)})\\.?, ${PLACE},? (?:${POSTCODE}|[A-Z]{2} \\d{5}(?:-\\d{4})?)${END}`,
  "gu",
);
const ALONE = new RegExp(`${START}(?:${[...STREETS, STREETS_OR_THINGS].join("|")})${END}`, "gu");

/** Han and Hangul addresses are written from the largest part down to the number. */
const EAST_ASIAN =
  /[\p{sc=Han}]{2,8}[都道府県省市][\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{1,20}?[区區市町村路街道丁][\p{sc=Han}\p{sc=Katakana}]{0,12}\d{1,5}[\d\p{sc=Han}-]{0,12}|[\p{sc=Hangul}]{2,8}[시도] [\p{sc=Hangul}]{1,8}[구군시] (?:[\p{sc=Hangul}\d]{1,12}[동읍면] )?[\p{sc=Hangul}\d]{1,12}[로길] ?\d{1,5}(?:-\d{1,4})?/gu;

const CONTEXT = contextWords(
  "address|addr|address is|lives at|living at|live at|resides at|residing at|resident at|located at|deliver to|delivered to|ship to|shipped to|sent to|send to|" +
    "mail to|moved to|home address|adresse|anschrift|wohnhaft in|wohnhaft|wohnt in|wohnt|habite|demeurant|domicilio|dirección|direccion|indirizzo|residente in|" +
    "endereço|morada|adres|adress|osoite|adresa|cím|адрес|адреса|διεύθυνση",
);

/** @param expected where the header says so, a street alone is one */
export function streetAddresses(text: string, expected: boolean): readonly Span[] {
  if (!hasCue(text)) return [];
  const lower = !/\p{Lu}/u.test(text);
  // Without capitals nothing tells a name from a word: only a postcode does.
  const upper = lower ? text.toUpperCase() : text;
  const read = lower && upper.length !== text.length ? text : upper;
  const found = [
    ...spans(WITH_CODE, read, true),
    ...(lower ? [] : spans(NAMED_WITH_CODE, read, true)),
    ...(lower ? [] : spans(WITHOUT_NUMBER, read, true)),
    ...spans(EAST_ASIAN, read, true),
    ...(lower ? [] : withPlaces(read)),
  ];
  for (const span of streetLines(read))
    if (expected || follows(text, span.start, CONTEXT) || (!lower && isGoneTo(read, span)))
      found.push({ ...span, sure: false });
  return found;
}

/** No postcode, but a street and then a place. */
function withPlaces(text: string): readonly Span[] {
  const found = spans(WITH_PLACE, text, true).filter(
    ({ start, end }) => !someWord(text.slice(start, end), isSold),
  );
  for (const { 0: all, 1: place = "", index } of text.matchAll(THING_WITH_PLACE))
    if (isPlace(place.replace(/ \d{1,2}$/, "")) || soundsLikePlace(place))
      found.push({ start: index, end: index + all.length, sure: true });
  return found;
}

const STREET_WORDS: ReadonlySet<string> = new Set(
  wordsIn(
    [AFTER_NAME, AFTER_NAME_OR_THING, NUMBER_THEN_WORD, BEFORE_NAME, BETWEEN, BOXES].join("|"),
  ).filter((word) => word.length > 1 && !FILLERS.has(word)),
);
const COLUMN_WORDS: ReadonlySet<string> = new Set(IN_COLUMNS.split(" "));

/** Whether a cell holds a word of streets, as its column's other cells then do. */
export function hasStreetWord(cell: string): boolean {
  return someWord(cell, (word) => COLUMN_WORDS.has(word) || mayBeStreet(word));
}

/** Letters at a word's end that tell which suffixes to try. */
const ENDING = 2;
const SUFFIX_LIST: readonly string[] = wordsIn(SUFFIXES);
const STREET_ENDINGS: ReadonlyMap<string, readonly string[]> = new Map(
  SUFFIX_LIST.map((suffix) => {
    const ending = suffix.slice(-ENDING);
    return [ending, SUFFIX_LIST.filter((other) => other.endsWith(ending))];
  }),
);
const LONG_CODES = /\d{5}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}[ -]?[A-Z\d]{2}/;
/** What stands between a street and its number, or follows its abbreviation. */
const APART = /[\s,./]/;
const EAST_ASIAN_LETTER = /[\u3400-\u9fff\uac00-\ud7a3]/;

/** Quick: whether any pattern could find anything. */
function hasCue(text: string): boolean {
  // "1st-4th" is no street; compiling the patterns takes longer than reading ten thousand rows.
  if (!APART.test(text) && !EAST_ASIAN_LETTER.test(text)) return false;
  // A named house is told by its postcode and place, behind a comma.
  const comma = text.indexOf(",");
  if (comma > 0 && LONG_CODES.test(text.slice(comma))) return true;
  if (/c\/|[bp]\./i.test(text) || EAST_ASIAN_LETTER.test(text)) return true;
  return someWord(text, mayBeStreet);
}

function mayBeStreet(word: string): boolean {
  if (STREET_WORDS.has(word)) return true;
  if (word.length <= ENDING) return false;
  const endings = STREET_ENDINGS.get(word.slice(-ENDING));
  return endings?.some((ending) => word.endsWith(ending)) ?? false;
}

/** "moved from 8 Demo Close": a word of streets and of little else, behind one that says where. */
const STREET_BY_WORD = new RegExp(
  `^${HOUSE} (?:${NAME} ){1,3}(?:street|st|road|rd|avenue|ave|lane|close|terrace|crescent|boulevard|blvd|court|gardens|mews|grove|rise)$`,
  "iu",
);
const WHERE = /(?<![\p{L}\p{N}])(?:at|to|from|near|outside|behind|opposite) $/iu;

function isGoneTo(text: string, { start, end }: Span): boolean {
  if (!WHERE.test(text.slice(Math.max(0, start - 10), start))) return false;
  const street = text.slice(start, end);
  return STREET_BY_WORD.test(street) && !someWord(street, isSold);
}

/** Endings of settlements, behind a stem of four letters: "Sampleton", and no "cotton". */
function soundsLikePlace(place: string): boolean {
  return /^\p{Lu}\p{L}{3,20}(?:ton|town|ville|bury|ford|ham|burgh?|borough|mouth|wick|minster|chester|stadt|dorf|hausen)$/u.test(
    place,
  );
}

/** "12 High Street, Anytown" holds words of places, "6 Grove apples, red" a word of things. */
function isSold(word: string): boolean {
  return isThing(word) && !STREET_WORDS.has(word);
}

/** Streets with a house number and no place: evidence for a column, by their share alone. */
function streetLines(text: string): readonly Span[] {
  return spans(ALONE, text, false);
}

function spans(pattern: RegExp, text: string, sure: boolean): Span[] {
  return [...text.matchAll(pattern)].map(({ 0: all, index }) => {
    return { start: index, end: index + all.length, sure };
  });
}
