/**
 * Counts of a column → its verdict: what is sure counts by one hit, what chance may explain by its share,
 * and what has no form of its own (ages, logins) by header and values together.
 */
import type { CellForm } from "./cell-form.ts";
import { type ColumnCount, type LabelCount, shareOf } from "./column-count.ts";
import {
  type ColumnKind,
  type ColumnVerdict,
  isQuasiKind,
  isSensitiveKind,
} from "./column-kind.ts";
import type { Label } from "./detect/finding.ts";
import { NUMBER_LABELS } from "./detect/person-number.ts";
import { looksLikeNames } from "./judge-names.ts";

/** Of the cells: what is not sure by its form says something from here on. */
const TELLING = 0.3;
/** In text, where a chance form is rarer: hits without a word beside them. */
const TELLING_IN_TEXT = 2;
/** Of checksummed forms, those that pass: a tenth or a quarter do by chance. */
const PASSING = 0.5;
/** Of states' numbers, whose one check digit every tenth or eleventh passes by chance. */
const PASSING_NUMBERS = 0.8;
/** Distinct cells of which chance would have so many pass once in a million: 7 of 8, each one in ten. */
const FEW_CHECKED = 8;
/** Such forms that must be there before chance is a reason. */
const FEW_FORMS = 5;

type Judged = Omit<ColumnVerdict, "looked">;

export function judgeColumn(count: ColumnCount): ColumnVerdict {
  const judged =
    judgeLabels(count) ??
    judgeBirth(count) ??
    judgeNames(count) ??
    judgeByHeader(count) ??
    judgeForms(count);
  return { ...(judged ?? HARMLESS), looked: count.looked };
}

const HARMLESS: Judged = { verdict: "harmless", type: null, certain: false, hits: 0 };

function judgeLabels(count: ColumnCount): Judged | undefined {
  const told = [...count.labels].filter(([label, counted]) => tells(label, counted, count));
  const [first] = told.toSorted(([, a], [, b]) => b.cells - a.cells);
  if (!first) return undefined;
  const [label, most] = first;
  const hits = told.reduce((sum, [, { cells }]) => sum + cells, 0);
  const certain = told.some(([, { sure }]) => sure > 0) || most.whole >= PASSING * count.looked;
  // Several kinds, none of which fills its cells: people wrote what came to mind.
  const mixed = told.length > 1 && most.whole < PASSING * count.looked;
  return { verdict: "direct_identifier", type: mixed ? "free_text" : label, certain, hits };
}

function tells(label: Label, counted: LabelCount, count: ColumnCount): boolean {
  if (label === "person_name") return false;
  // A date of birth alone is judged by its column; told in a text it is one of its identifiers.
  if (label === "date_of_birth") return counted.whole * 2 < counted.cells && counted.sure > 0;
  if (NUMBER_LABELS.has(label)) return tellsNumber(label, counted, count);
  if (isChance(label, counted, count)) return false;
  if (label === "ipv4" && isVersions(counted, count)) return false;
  if (label === "uuid" && isOfThings(count)) return false;
  if (counted.sure > 0 || counted.cells >= TELLING * count.looked) return true;
  return shareOf(count, "phrase") >= 0.1 && counted.cells >= TELLING_IN_TEXT && counted.whole === 0;
}

/** Among as many of the same form that fail their checksum. */
function isChance(label: Label, counted: LabelCount, count: ColumnCount): boolean {
  const shaped = count.shaped.get(label) ?? 0;
  return shaped >= FEW_FORMS && counted.whole > 0 && counted.distinct < PASSING * shaped;
}

/** A state's number: sure by one; by its check digit where nearly all that have the form pass, and most cells have it. */
function tellsNumber(
  label: Label,
  { sure, whole, distinct, cells }: LabelCount,
  count: ColumnCount,
): boolean {
  if (sure > 0 && (sure * 2 > cells || cells * 2 > count.looked)) return true;
  if (sure > 0 && whole < cells) return true;
  const shaped = count.shaped.get(label) ?? 0;
  return (
    shaped >= FEW_FORMS && distinct >= PASSING_NUMBERS * shaped && whole >= PASSING * count.looked
  );
}

/** Versions have many small first parts; a network's addresses share theirs. */
function isVersions(counted: LabelCount, count: ColumnCount): boolean {
  const { header, firstParts } = count;
  if (header.version) return true;
  if (header.kind !== "ipv4" && count.formed >= FEW_FORMS && shareOf(count, "version") >= 0.95)
    return true;
  if (header.kind === "ipv4" || counted.whole * 2 < counted.cells) return false;
  const small = [...firstParts].filter((part) => Number(part) < 32).length;
  return firstParts.size >= 3 && small === firstParts.size;
}

/** "product_id": nobody's, though the form is a device's too. */
function isOfThings({ header, looked, distinct }: ColumnCount): boolean {
  return header.thing && !header.person && distinct * 2 < looked;
}

function judgeBirth(count: ColumnCount): Judged | undefined {
  const born = count.labels.get("date_of_birth");
  if (!born || born.cells < PASSING * count.looked) return undefined;
  return { verdict: "quasi_identifier", type: "date_of_birth", certain: true, hits: born.cells };
}

function judgeNames(count: ColumnCount): Judged | undefined {
  const names = looksLikeNames(count.header, (form) => shareOf(count, form), count);
  if (!names) return undefined;
  const hits = Math.round(shareOf(count, "nameShaped") * count.looked);
  return { verdict: "direct_identifier", type: "person_name", certain: names === "certain", hits };
}

/** Forms that the values of a kind have; a header's kind holds where enough of them do. */
const FITS: Partial<Record<ColumnKind, (of: (form: keyof CellForm) => number) => boolean>> = {
  us_ssn: (of) => of("code") >= 0.9,
  uk_nino: (of) => of("code") + of("groups") >= 0.9,
  street_address: (of) => of("house") >= 0.6 || of("street") >= 0.3,
  username: (of) => of("handle") >= 0.5 || (of("number") < 0.1 && of("phrase") === 0),
  vehicle_id: (of) => of("plate") >= 0.5 || of("code") >= 0.5,
  device_id: (of) => of("code") >= 0.5 || of("integer") >= 0.5,
  national_id: (of) => of("code") >= 0.5 || of("integer") >= 0.5 || of("phrase") < 0.1,
  account_number: (of) => of("code") >= 0.5 || of("integer") >= 0.5,
  age: (of) => of("age") >= 0.8,
  birth_year: (of) => of("year") >= 0.8,
  postal_code: (of) => of("postal") >= 0.6,
  gender: (of) => of("gender") >= 0.6 || of("integer") >= 0.9,
  marital_status: (of) => of("phrase") < 0.5,
  body_measure: (of) => of("number") >= 0.8,
  location: (of) => of("phrase") < 0.5,
  education: (of) => of("phrase") < 0.5,
  occupation: (of) => of("phrase") < 0.5,
  ethnicity: (of) => of("phrase") < 0.5,
  relationship: (of) => of("phrase") < 0.5,
  health: () => true,
  income: () => true,
  belief: () => true,
};

const NUMBERED: readonly ColumnKind[] = [
  "us_ssn",
  "uk_nino",
  "street_address",
  "vehicle_id",
  "device_id",
  "national_id",
  "account_number",
];
/** Distinct cells below which a number tells groups, not people. */
const FEW_PEOPLE = 3;

function judgeByHeader(count: ColumnCount): Judged | undefined {
  const { header, looked, distinct, formed } = count;
  if (formed === 0) return undefined;
  const { kind } = header;
  const of = (form: keyof CellForm) => shareOf(count, form);
  if (kind !== null && (FITS[kind]?.(of) ?? false)) {
    if (isQuasiKind(kind))
      return { verdict: "quasi_identifier", type: kind, certain: true, hits: looked };
    if (isSensitiveKind(kind))
      return { verdict: "harmless", type: kind, certain: false, hits: looked };
    const few = distinct < FEW_PEOPLE || isMasked(count);
    if (!few && (kind === "username" || NUMBERED.includes(kind)))
      return { verdict: "direct_identifier", type: kind, certain: true, hits: looked };
  }
  return judgeNumbers(count);
}

/** "customer_id" with many values; "user" with logins. */
function judgeNumbers(count: ColumnCount): Judged | undefined {
  const { header, looked, distinct } = count;
  const numbers = shareOf(count, "code") >= 0.8 || shareOf(count, "integer") >= 0.8;
  const many = distinct >= FEW_PEOPLE && distinct * 20 >= Math.min(looked, 1000);
  if (!(header.person || header.personNumber) || !many) return undefined;
  if ((header.number || header.personNumber) && numbers)
    return { verdict: "direct_identifier", type: "record_id", certain: true, hits: looked };
  if (!header.thing && !header.number && shareOf(count, "handle") >= 0.8)
    return { verdict: "direct_identifier", type: "username", certain: true, hits: looked };
  return undefined;
}

/** Without a header that says it: forms that say it themselves. */
function judgeForms(count: ColumnCount): Judged | undefined {
  const { looked, distinct, formed, header } = count;
  const quasi = (type: ColumnKind): Judged => {
    return { verdict: "quasi_identifier", type, certain: false, hits: looked };
  };
  if (formed === 0 || header.thing) return undefined;
  if (formed >= FEW_FORMS && shareOf(count, "street") >= 0.6 && shareOf(count, "house") >= 0.8)
    return { verdict: "direct_identifier", type: "street_address", certain: false, hits: looked };
  const number = numbersByForm(count);
  if (number) return { verdict: "direct_identifier", type: number, certain: false, hits: looked };
  if (distinct >= 3 && shareOf(count, "place") >= 0.6) return quasi("location");
  if (shareOf(count, "degrees") >= 0.8) return quasi("location");
  if (distinct >= 2 && shareOf(count, "gender") === 1 && shareOf(count, "integer") === 0)
    return quasi("gender");
  if (distinct >= 3 && shareOf(count, "marital") >= 0.9) return quasi("marital_status");
  return undefined;
}

/** Whole columns of numbers that are nobody's by the strictest rules, and look like somebody's throughout. */
function numbersByForm(count: ColumnCount): ColumnKind | undefined {
  const { formed, shaped } = count;
  const insurances = (shaped.get("uk_nino") ?? 0) >= PASSING_NUMBERS * formed;
  if (formed >= FEW_FORMS && insurances && shareOf(count, "insurance") >= PASSING) return "uk_nino";
  if (formed >= FEW_CHECKED && shareOf(count, "checked") >= PASSING_NUMBERS) return "national_id";
  return undefined;
}

function isMasked(count: ColumnCount): boolean {
  return shareOf(count, "masked") >= PASSING;
}
