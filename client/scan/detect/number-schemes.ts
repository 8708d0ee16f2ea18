/** The numbers of states that the scan knows: how each is written, its check digits, and words that introduce it. */
import { ean13, isDate, luhn, mod11, mod1110, verhoeff, weighted } from "./check-digits.ts";
import type { Label } from "./finding.ts";

export interface Scheme {
  readonly label: Label;
  /** A whole number, as people write it. */
  readonly form: RegExp;
  /** @param number upper case, without separators */
  readonly check: (number: string) => boolean;
  /** @param written as it stands: whether form and check leave next to nothing to chance */
  readonly sure: (written: string) => boolean;
  /** Alternatives of a pattern. */
  readonly words: string;
}

const never = () => false;
const always = () => true;
const hasSigns = (written: string) => /\D/.test(written);

/** Those of more check digits first: of two that fit one number, the first is taken. */
export const SCHEMES: readonly Scheme[] = [
  {
    label: "it_codice_fiscale",
    form: /^[a-z]{6}\d{2}[a-ehlmprst]\d{2}[a-z]\d{3}[a-z]$/i,
    check: isCodiceFiscale,
    sure: always,
    words: "codice fiscale|cf",
  },
  {
    label: "fr_nir",
    form: /^[1278] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[ab]) ?\d{3} ?\d{3} ?\d\d$/i,
    check: isNir,
    sure: always,
    words: "nir|sécurité sociale|securite sociale|insee",
  },
  {
    label: "fi_hetu",
    form: /^\d{6}[-+a-fu-y]\d{3}[\da-y]$/i,
    check: isHetu,
    sure: always,
    words: "hetu|henkilötunnus",
  },
  {
    label: "ch_ahv",
    form: /^756\.?\d{4}\.?\d{4}\.?\d\d$/,
    check: ean13,
    sure: hasSigns,
    words: "ahv|avs",
  },
  {
    label: "br_cpf",
    form: /^\d{3}\.?\d{3}\.?\d{3}-?\d\d$/,
    check: isCpf,
    sure: hasSigns,
    words: "cpf",
  },
  {
    label: "us_itin",
    form: /^9\d\d([ -])\d\d\1\d{4}$/,
    check: (number) => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(number),
    sure: never,
    words: "itin|taxpayer",
  },
  {
    label: "de_rvnr",
    form: /^\d{2} ?\d{6} ?[a-z] ?\d{3}$/i,
    check: isRvnr,
    sure: never,
    words: "rvnr|rentenversicherungsnummer|sozialversicherungsnummer",
  },
  {
    label: "es_nie",
    form: /^[xyz]-?\d{7}-?[a-z]$/i,
    check: (number) => isNif(`${"XYZ".indexOf(number.charAt(0))}${number.slice(1)}`),
    sure: never,
    words: "nie",
  },
  { label: "es_nif", form: /^\d{8}-?[a-z]$/i, check: isNif, sure: never, words: "nif|dni" },
  {
    label: "be_rrn",
    form: /^\d\d\.?\d\d\.?\d\d-?\d{3}\.?\d\d$/,
    check: isRrn,
    sure: hasSigns,
    words: "rijksregisternummer|registre national|niss|insz",
  },
  {
    label: "no_fodselsnummer",
    form: /^\d{6} ?\d{5}$/,
    check: isFodselsnummer,
    sure: never,
    words: "fødselsnummer|fodselsnummer|fnr",
  },
  {
    label: "se_personnummer",
    form: /^(?:19|20)?\d{6}[-+]?\d{4}$/,
    check: isPersonnummer,
    sure: never,
    words: "personnummer|pnr",
  },
  { label: "pl_pesel", form: /^\d{11}$/, check: isPesel, sure: never, words: "pesel" },
  {
    label: "de_steuer_id",
    form: /^[1-9]\d ?\d{3} ?\d{3} ?\d{3}$/,
    check: isSteuerId,
    sure: never,
    words: "steuer-?id|steueridentifikationsnummer|idnr|tin",
  },
  {
    label: "in_aadhaar",
    form: /^[2-9]\d{3}([ -]?)\d{4}\1\d{4}$/,
    check: verhoeff,
    sure: never,
    words: "aadhaar|aadhar|uid",
  },
  {
    label: "uk_nhs",
    form: /^\d{3}([ -]?)\d{3}\1\d{4}$/,
    check: (number) => mod11(number, [10, 9, 8, 7, 6, 5, 4, 3, 2]),
    sure: never,
    words: "nhs",
  },
  {
    label: "nl_bsn",
    form: /^\d{9}$/,
    check: isBsn,
    sure: never,
    words: "bsn|burgerservicenummer|sofinummer",
  },
  {
    label: "pt_nif",
    form: /^[1235689]\d{2} ?\d{3} ?\d{3}$/,
    check: (number) => mod11(number, [9, 8, 7, 6, 5, 4, 3, 2], true),
    sure: never,
    words: "nif|contribuinte",
  },
];

/** Ministero delle Finanze, decree of 23 December 1976: letters' and digits' values at odd places. */
function isCodiceFiscale(number: string): boolean {
  const odd = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
  ];
  const value = (c: string) => (/\d/.test(c) ? Number(c) : c.charCodeAt(0) - 65);
  const sum = [...number.slice(0, 15)].reduce(
    (total, c, i) => total + (i % 2 === 0 ? (odd[value(c)] ?? 0) : value(c)),
    0,
  );
  return sum % 26 === value(number.charAt(15));
}

/** INSEE: 97 less the rest by 97; Corsica's 2A and 2B count as 19 and 18. */
function isNir(number: string): boolean {
  const digits = number.replace("2A", "19").replace("2B", "18");
  return 97 - (Number(digits.slice(0, 13)) % 97) === Number(digits.slice(13));
}

function isHetu(number: string): boolean {
  const digits = number.replace(/^(\d{6})[A-Y]/, "$1");
  if (!isDate(digits.slice(4, 6), digits.slice(2, 4), digits.slice(0, 2))) return false;
  return "0123456789ABCDEFHJKLMNPRSTUVWXY"[Number(digits.slice(0, 9)) % 31] === digits.charAt(9);
}

function isCpf(number: string): boolean {
  if (/^(\d)\1+$/.test(number)) return false;
  const weights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
  return mod11(number, weights.slice(1), true) && mod11(number, weights, true);
}

/** VKVV § 2: the letter as two digits, times weights, their digits summed. */
function isRvnr(number: string): boolean {
  const day = Number(number.slice(2, 4)) % 50;
  if (!isDate(number.slice(6, 8), number.slice(4, 6), String(day))) return false;
  const letter = String(number.charCodeAt(8) - 64).padStart(2, "0");
  const digits = number.slice(0, 8) + letter + number.slice(9, 11);
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const sum = weights.reduce((total, weight, i) => {
    const product = weight * Number(digits[i]);
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 10 === Number(number.charAt(11));
}

function isNif(number: string): boolean {
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(number.slice(0, 8)) % 23] === number.charAt(8);
}

/** Born since 2000, a 2 stands before. */
function isRrn(number: string): boolean {
  if (!isDate(number.slice(0, 2), number.slice(2, 4), number.slice(4, 6))) return false;
  const check = Number(number.slice(9));
  return [number.slice(0, 9), `2${number.slice(0, 9)}`].some(
    (n) => 97 - (Number(n) % 97) === check,
  );
}

function isFodselsnummer(number: string): boolean {
  if (!isDate(number.slice(4, 6), number.slice(2, 4), number.slice(0, 2))) return false;
  return (
    mod11(number, [3, 7, 6, 1, 8, 9, 4, 5, 2]) && mod11(number, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
  );
}

/** Born in another century, 20 or 80 are added to the month. */
function isPesel(number: string): boolean {
  const month = String(Number(number.slice(2, 4)) % 20);
  if (!isDate(number.slice(0, 2), month, number.slice(4, 6))) return false;
  return weighted(number, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

function isPersonnummer(number: string): boolean {
  const ten = number.slice(-10);
  return isDate(ten.slice(0, 2), ten.slice(2, 4), ten.slice(4, 6)) && luhn(ten);
}

/** Of its first ten digits one stands there two or three times, the others once at most. */
function isSteuerId(number: string): boolean {
  const first = number.slice(0, 10);
  const kinds = new Set(first).size;
  return (kinds === 9 || kinds === 8) && mod1110(number);
}

/** The eleven-test: the last weight is −1. */
function isBsn(number: string): boolean {
  return weighted(number, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && number !== "000000000";
}
