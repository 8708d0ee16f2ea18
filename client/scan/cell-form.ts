/** What a whole cell looks like, beside what is found in it: numbers, dates, places, words of a kind. */
import { hasStreetWord } from "./detect/address.ts";
import { luhn } from "./detect/check-digits.ts";
import { nameLook } from "./detect/person-name.ts";
import { isPlace } from "./words/place-names.ts";
import { isThing } from "./words/thing-words.ts";
import { someWord } from "./words/words-of.ts";

export interface CellForm {
  /** Words of letters, as a name has; each with a capital; two or more; of which a name is known. */
  readonly nameShaped: boolean;
  readonly capital: boolean;
  readonly several: boolean;
  readonly given: boolean;
  readonly family: boolean;
  readonly number: boolean;
  readonly integer: boolean;
  /** A whole number of years that a person may have lived, or a band of them. */
  readonly age: boolean;
  readonly year: boolean;
  /** Begins with a date, whatever it means. */
  readonly date: boolean;
  readonly postal: boolean;
  readonly place: boolean;
  /** A pair of degrees. */
  readonly degrees: boolean;
  readonly gender: boolean;
  readonly marital: boolean;
  /** One word that people choose for a login, with a digit or sign in it. */
  readonly handle: boolean;
  readonly plate: boolean;
  /** Four small numbers with dots between, as programs' versions are; 10/8 is a network's. */
  readonly version: boolean;
  /** A house number before or behind words. */
  readonly house: boolean;
  /** And a word of streets among them. */
  readonly street: boolean;
  /** One token with a digit, of four characters or more. */
  readonly code: boolean;
  /** Three groups or more of letters and digits. */
  readonly groups: boolean;
  /** Nine digits or more of which the last is Luhn's check digit: one number in ten by chance. */
  readonly checked: boolean;
  /** "QQ 12 34 56 C", parted as a British national insurance number is, whether its letters are in use or not. */
  readonly insurance: boolean;
  /** Signs or crosses in place of what is hidden: "**** 4242". */
  readonly masked: boolean;
  /** More words than a name or a label has. */
  readonly phrase: boolean;
  /** Holds a word of products. */
  readonly thing: boolean;
  /** A firm's legal form, or partners. */
  readonly company: boolean;
  /** Written in letters that the lists of names do not hold. */
  readonly otherScript: boolean;
}

const GENDERS = new Set(
  "m f x male female man woman men women nonbinary non-binary diverse divers d w weiblich mannlich maennlich männlich homme femme h hombre mujer masculino femenino maschio femmina masculin féminin other unknown u mann frau kvinna kvinne man vrouw".split(
    " ",
  ),
);
const MARITAL = new Set(
  "single married divorced widowed separated partnered cohabiting unmarried never-married engaged ledig verheiratet geschieden verwitwet célibataire marié mariée divorcé divorcée veuf veuve soltero soltera casado casada divorciado viudo celibe nubile coniugato".split(
    " ",
  ),
);

export function cellForm(text: string): CellForm {
  const trimmed = text.trim();
  const lower = trimmed.length <= LONGEST_WORD ? trimmed.toLowerCase() : "";
  const number = /^[+-]?\d{1,18}(?:[.,]\d{1,18})?$/.test(trimmed);
  // A column of whole numbers with a gap in it is often written as 59.0.
  const integer = number && /^\d+(?:\.0+)?$/.test(trimmed);
  const years = integer ? Number(trimmed) : Number.NaN;
  const look = nameLook(trimmed);
  const house = trimmed.length <= LONGEST_STREET && HOUSE.test(trimmed);
  return {
    nameShaped: look.shaped,
    capital: look.capital,
    several: look.words >= 2,
    given: look.given,
    family: look.family,
    number,
    integer,
    age: years <= OLDEST || /^(?:\d{1,3} ?[-–] ?\d{1,3}|\d{1,3}\+|[<>]=? ?\d{1,3})$/.test(trimmed),
    year: years >= 1900 && years <= 2030,
    date: DATE.test(trimmed),
    postal: isPostal(trimmed),
    place: !number && trimmed.length <= LONGEST_WORD && isPlace(trimmed),
    degrees: /^[-+]?\d{1,2}\.\d{2,}°?[,; ] ?[-+]?\d{1,3}\.\d{2,}°?$/.test(trimmed),
    gender: GENDERS.has(lower),
    marital: MARITAL.has(lower.split(/[ /(]/)[0] ?? ""),
    handle: /^@?[a-z][\w.-]{2,30}$/i.test(trimmed) && /[\d_.]|^@/.test(trimmed),
    plate: /^(?=.*\d)[\p{L}\d]{1,4}[- ·]?[\p{L}\d]{1,5}(?:[- ]?[\p{L}\d]{1,4})?$/u.test(trimmed),
    house,
    street: house && hasStreetWord(trimmed),
    version: /^(?!10\.)(?:[1-3]?\d|40)(?:\.(?:[1-3]?\d|40)){3}$/.test(trimmed),
    code: /^(?=.*\d)[\p{L}\d/_.-]{4,40}$/u.test(trimmed),
    groups: /^(?=.*\d)[A-Z\d]{1,6}(?: [A-Z\d]{1,6}){2,7}$/i.test(trimmed),
    checked: CHECKED.test(trimmed) && luhn(trimmed.replace(/[ -]/g, "")),
    insurance: /^[A-Z]{2} (?:\d{2} \d{2} \d{2}|\d{6}) [A-Z]$/i.test(trimmed),
    masked: /[*•●·#]{2}|[x×]{3}/i.test(trimmed),
    phrase: (trimmed.match(/\s+/g)?.length ?? 0) >= 4,
    thing: trimmed.length <= LONGEST_WORD && someWord(trimmed, isThing),
    company: COMPANY.test(trimmed),
    otherScript:
      /^[^\p{sc=Latin}\d]{2,40}$/u.test(trimmed) && /^\p{L}[\p{L}\p{M} ·.-]+$/u.test(trimmed),
  };
}

const DATE =
  /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[ -]\d{4})(?!\d)/i;

/** "001 Demo Neck Suite 2", "Prova 5, piano 3", "Provgatan 7 B", "Rua da Prova, S/N". */
const HOUSE =
  /^\d{1,5}[a-z]?(?:[-/]\d{1,4})?,? \p{L}[^\d]{2,}(?: \d{1,5})?$|^\p{L}[\p{L}\p{M}\d'’ .,-]{3,}[ ,](?:\d{1,5} ?[a-z]?(?:[-/]\d{1,4})?|s\/n)(?:,? [\p{L}.º]{1,14} \d{1,4}\p{L}?)? ?$/iu;
const COMPANY =
  /(?<![\p{L}])(?:sarl|s\.?a\.?s?\.?|s\/a|gmbh|mbh|kg|ohg|gbr|e\.?g|inc|ltd|llc|llp|plc|corp|group|holding|ab|hb|kb|bv|nv|vof|s\.?p\.?a\.?|s\.?r\.?l\.?|s\.?l\.?l?|lda|ltda|spa|srl|stiftung|fils|filhos|figli|hijos|asociados|sons|zonen|s\.c|sp\.)\.?$|&| sp\. |(?<!\p{L})(?:stichting|fundacja|group)/iu;
/** A zero first is a group of padded counts more often than a number of somebody's. */
const CHECKED = /^[1-9](?:[ -]?\d){8,18}$/;
const LONGEST_STREET = 80;
const LONGEST_WORD = 60;
const OLDEST = 125;

/** The forms of UPU S42 that hold a digit: 12345(-6789), 123 45, 1234 AB, SW1A 1AA, K1A 0B1, 00-001. */
function isPostal(text: string): boolean {
  return /^(?:\d{4,6}|\d{5}-\d{3,4}|\d{3} ?\d{2}|\d{2}-\d{3}|\d{4}[ -]?[A-Z]{2}|\d{4}-\d{3}|\d{3}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]\d[A-Z]|(?:[A-Z]{1,3}-)\d{4,5}|[A-Z]\d{2} ?[A-Z\d]{4})$/i.test(
    text,
  );
}
