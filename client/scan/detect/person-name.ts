/**
 * Names of people. In a text only where a title or a word before it says so; in a column by the
 * shape of its values and a list of names, with words of products and places against it. Says
 * "looks like names", no more.
 */
import { contextWords, follows } from "../words/context-words.ts";
import { isFamilyName, isGivenName } from "../words/given-names.ts";
import { isPlace } from "../words/place-names.ts";
import { isThing } from "../words/thing-words.ts";
import type { Span } from "./finding.ts";

/** How a whole cell looks. */
export interface NameLook {
  /** Words of letters, as a name has. */
  readonly shaped: boolean;
  /** And each with a capital, or a particle. */
  readonly capital: boolean;
  readonly words: number;
  readonly given: boolean;
  readonly family: boolean;
}

const NO_NAME: NameLook = { shaped: false, capital: false, words: 0, given: false, family: false };
/** Letters that a name of anybody has. */
const LONGEST = 60;
const MOST_WORDS = 6;
const TITLE =
  /^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|dame|lord|lady|rev|herr|frau|fr|m|mme|mlle|monsieur|madame|sig|sig\.ra|signor|signora|sr|sra|srta|dhr|mevr|hr|pan|pani|dott|ing|dipl|doña|don)\.?$/i;
const SUFFIX = /^(?:jr|sr|ii|iii|iv|phd|md|esq|dds|rn)\.?$/i;
const PARTICLE =
  /^(?:de|da|do|dos|das|di|del|della|van|von|der|den|ter|ten|zu|la|le|el|al|bin|bint|ibn|ben|abu|y|e|du|des|af|av|ap|st|'t|dela)$/i;
const WORD = /^\p{L}[\p{L}\p{M}'’.-]*$/u;
const CAPITAL = /^(?:\p{Lu}|\p{Lo}|(?:d|l|o)['’]\p{Lu}|al-\p{Lu})/u;

/** @param text the whole cell */
export function nameLook(text: string): NameLook {
  const trimmed = ofPassenger(text.trim());
  if (trimmed.length === 0 || trimmed.length > LONGEST || /[^\p{L}\p{M}\s'’.,-]/u.test(trimmed))
    return NO_NAME;
  const words = trimmed.split(/[\s,]+/).filter((word) => word !== "");
  const own = words.filter((word) => !TITLE.test(word) && !SUFFIX.test(word));
  if (own.length === 0 || own.length > MOST_WORDS) return NO_NAME;
  if (own.some((word) => !isNameWord(word)) || isPlaceAlone(trimmed, own)) return NO_NAME;
  const parts = own.flatMap((word) => word.split("-"));
  return {
    shaped: true,
    capital: own.every((word) => CAPITAL.test(word) || PARTICLE.test(word)),
    words: own.length,
    given: parts.some(isGivenName),
    family: own.some(isFamilyName),
  };
}

/** "BERG/ANNA", as on tickets: the family's name first, in capitals. */
function ofPassenger(text: string): string {
  return /^[\p{Lu}'’-]{2,30}\/[\p{Lu} ]{2,30}$/u.test(text) ? text.replace("/", ", ") : text;
}

/** A possessive is a brand's; a word of things is no name's. */
function isNameWord(word: string): boolean {
  return WORD.test(word) && !/['’]s$/i.test(word) && !isThing(word);
}

function isPlaceAlone(text: string, words: readonly string[]): boolean {
  return isPlace(text) && !words.every(isGivenName);
}

const NAME = "\\p{Lu}[\\p{L}\\p{M}'’-]{0,30}";
const TITLED = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Mlle|Sr|Sra)\\.? (${NAME}\\.?(?: ${NAME}\\.?){0,2} ${NAME})(?![\\p{L}\\p{N}'’-])`,
  "gu",
);
const PAIR = new RegExp(
  `(?<![\\p{L}\\p{N}])${NAME}(?: ${NAME}\\.?){0,2} ${NAME}(?![\\p{L}\\p{N}'’])`,
  "gu",
);
const CONTEXT = contextWords(
  "full name|first name|last name|my name is|name is|account holder|cardholder|attn|attention|patient|patient name|customer name|signed by|i am called|mein name ist|ich heiße|je m'appelle|me llamo|mi chiamo|nombre|nom|nome",
);

/** @param expected where the header says so, a whole cell that looks like a name is one */
export function personNames(text: string, expected: boolean): readonly Span[] {
  if (expected) {
    const { shaped, capital } = nameLook(text);
    if (shaped && capital) return [{ start: 0, end: text.length, sure: false }];
  }
  const found: Span[] = [];
  if (!text.includes(" ")) return found;
  for (const { 0: all, 1: name = "", index } of text.matchAll(TITLED))
    if (isNamed(name)) found.push({ start: index, end: index + all.length, sure: false });
  for (const { 0: name, index } of text.matchAll(PAIR))
    if (follows(text, index, CONTEXT) && isNamed(name) && nameLook(name).given)
      found.push({ start: index, end: index + name.length, sure: false });
  return found;
}

/** An initial or a known given name first, and no word of things. */
function isNamed(name: string): boolean {
  const [first = ""] = name.split(" ");
  return nameLook(name).shaped && (/^\p{Lu}\.?$/u.test(first) || isGivenName(first));
}
