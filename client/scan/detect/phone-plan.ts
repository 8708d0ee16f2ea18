/**
 * Which digits are a subscriber's number where: the national patterns of libphonenumber's metadata,
 * read without its parser (11 µs a number against 0.1), and the ranges that regulators keep for
 * fiction, which that metadata leaves out.
 */
import { createRequire } from "node:module";
import type { CountryCode, MetadataJson } from "libphonenumber-js/core";

/** Countries that dial 0 before an area, in the order they are asked. */
const TRUNK_ZERO: readonly CountryCode[] = [
  ..."GB FR DE IE AU NL BE AT CH SE FI IT NZ ZA JP KR TR IN ID MY".split(" "),
  ..."TH PH VN PK BD LK IL AE SA EG MA KE NG GH UA RO BG RS HR SI SK AL MK BA BR AR PE".split(" "),
].filter(isCountry);

/** Where a metadata's country has its pattern of national numbers. */
const PATTERN_AT = 2;
/** And the lengths that they have. */
const LENGTHS_AT = 3;
/** Of a national number that is told by its length alone. */
const SHORTEST = 8;

/** For drama, by country code, on the national number: Ofcom, ARCEP, ComReg. */
const FICTION: ReadonlyMap<string, RegExp> = new Map([
  ["44", /^(?:1632960\d{3}|7700900\d{3}|2079460\d{3}|3069990\d{3}|9098790\d{3})$/],
  ["33", /^(?:19900|26191|35301|46571|53649|63998)\d{4}$/],
  ["353", /^2091\d{5,6}$/],
]);

/** @param digits country code and national number, without + */
export function isInternational(digits: string): boolean {
  const { country_calling_codes: codes } = metadata();
  for (let length = 1; length <= 3; length++) {
    const code = digits.slice(0, length);
    const countries = codes[code];
    if (!countries) continue;
    const national = digits.slice(length);
    if (FICTION.get(code)?.test(national)) return true;
    if (countries.some((country) => patternOf(country)?.test(national))) return true;
    // Plans change, and people keep writing the old numbers: their length is enough, but for the
    // North American plan and Russia's, whose codes of one digit any number may begin with.
    if (length > 1 && /^[1-9]/.test(national) && hasLength(countries, national.length)) return true;
  }
  return false;
}

/** @param digits as dialled inside the country: its 0 first */
export function isTrunkZero(digits: string): boolean {
  if (!digits.startsWith("0") || digits.startsWith("00")) return false;
  const national = digits.slice(1);
  for (const fiction of FICTION.values()) if (fiction.test(national)) return true;
  // An Italian area keeps its 0.
  return TRUNK_ZERO.some((country) =>
    patternOf(country)?.test(country === "IT" ? digits : national),
  );
}

/** A mobile number of a country whose mobile prefixes are narrow enough to stand without a word. */
export function isBareMobile(digits: string): boolean {
  return /^(?:07[1-57-9]\d{8}|0[67]\d{8}|04\d{8}|01[567]\d{8,9})$/.test(digits);
}

/** NPA-NXX-XXXX of the North American plan, which no 0, 1 or N11 begins. */
export function isNorthAmerican(digits: string): boolean {
  return /^1?[2-9](?!11|9\d)\d{2}[2-9](?!11)\d{2}\d{4}$/.test(digits);
}

/** Anybody's national number, for where a word says that it is one. */
export function isAnywhere(digits: string): boolean {
  if (isNorthAmerican(digits) || isTrunkZero(digits) || isInternational(digits)) return true;
  return metadataCountries().some((country) => patternOf(country)?.test(digits));
}

function hasLength(countries: readonly CountryCode[], digits: number): boolean {
  return countries.some((country) => {
    const plan: readonly unknown[] = metadata().countries[country] ?? [];
    const lengths = plan[LENGTHS_AT];
    return digits >= SHORTEST && Array.isArray(lengths) && lengths.includes(digits);
  });
}

const patterns = new Map<CountryCode, RegExp | undefined>();

function patternOf(country: CountryCode): RegExp | undefined {
  if (!patterns.has(country)) {
    const plan: readonly unknown[] = metadata().countries[country] ?? [];
    const pattern = plan[PATTERN_AT];
    const known = typeof pattern === "string" ? new RegExp(`^(?:${pattern})$`) : undefined;
    patterns.set(country, known);
  }
  return patterns.get(country);
}

let loaded: MetadataJson | undefined;

/** Loaded with the first number that asks: other values and commands do not pay for it. */
function metadata(): MetadataJson {
  loaded ??= createRequire(import.meta.url)("libphonenumber-js/metadata.max.json");
  if (!loaded) throw new Error("libphonenumber-js has no metadata");
  return loaded;
}

let countries: readonly CountryCode[] | undefined;

function metadataCountries(): readonly CountryCode[] {
  countries ??= Object.values(metadata().country_calling_codes).flat();
  return countries;
}

function isCountry(code: string): code is CountryCode {
  return /^[A-Z]{2}$/.test(code);
}
