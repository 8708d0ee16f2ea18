/**
 * One text → what in it names a person, a machine or an account, and where. Free text too. A name
 * without a word that introduces it is told by its column, not here.
 */
import { streetAddresses } from "./detect/address.ts";
import { ibans } from "./detect/bank-account.ts";
import { birthDates } from "./detect/birth-date.ts";
import { cards } from "./detect/card.ts";
import { emails } from "./detect/email.ts";
import { type Detector, type Finding, type Label, withoutOverlaps } from "./detect/finding.ts";
import { nationalInsuranceNumbers, socialSecurityNumbers } from "./detect/national-id.ts";
import { ipv4Addresses, ipv6Addresses, macAddresses, uuids } from "./detect/network.ts";
import { personNames } from "./detect/person-name.ts";
import { NUMBER_LABELS, personNumbers } from "./detect/person-number.ts";
import { phones } from "./detect/phone.ts";
import { isPlainQuantity, type TextMarks, textMarks } from "./detect/text-marks.ts";
import { expectedLabels } from "./header-words.ts";

interface Search {
  readonly label: Label;
  readonly find: Detector;
  /** What any finding has; asked first, for most cells have nothing. */
  readonly may: (marks: TextMarks, expected: boolean) => boolean;
}

/** In the order in which a finding keeps its place against others. */
const SEARCHES: readonly Search[] = [
  { label: "email", find: emails, may: ({ ats, brackets }) => ats + brackets > 0 },
  { label: "uuid", find: uuids, may: ({ dashes }) => dashes >= 4 },
  {
    label: "mac",
    find: macAddresses,
    may: ({ colons, dashes, dots }, expected) => colons + dashes >= 5 || dots >= 2 || expected,
  },
  { label: "iban", find: ibans, may: ({ digits, letters }) => letters >= 2 && digits >= 8 },
  { label: "ipv6", find: ipv6Addresses, may: ({ colons }) => colons >= 2 },
  { label: "credit_card", find: cards, may: ({ digits }) => digits >= 12 },
  { label: "us_ssn", find: socialSecurityNumbers, may: ({ digits }) => digits >= 9 },
  {
    label: "uk_nino",
    find: nationalInsuranceNumbers,
    may: ({ digits, letters }) => digits >= 6 && letters >= 3,
  },
  { label: "ipv4", find: ipv4Addresses, may: ({ dots, digits }) => dots >= 3 && digits >= 4 },
  {
    label: "date_of_birth",
    find: birthDates,
    may: ({ digits, letters }, expected) => digits >= 1 && (letters >= 1 || expected),
  },
  {
    label: "street_address",
    find: streetAddresses,
    may: ({ digits, letters }) => digits >= 1 && letters >= 2,
  },
  { label: "phone", find: phones, may: ({ digits }) => digits >= 7 },
  { label: "person_name", find: personNames, may: ({ capitals }) => capitals >= 2 },
];
/** Six digits, a sign and four: a date of birth and a check digit say more than an area's 0. */
const ORDER: readonly Label[] = [
  "se_personnummer",
  ...SEARCHES.map(({ label }) => label),
  ...[...NUMBER_LABELS].filter((label) => label !== "se_personnummer"),
];

/**
 * Findings by place, none overlapping another. The time is linear in the text.
 *
 * @param context `column`: a header that may say what its cells are, so that weaker forms count
 */
export function scanValue(
  text: string,
  context: { readonly column?: string } = {},
): readonly Finding[] {
  // A check digit that fits by itself says nothing: the column's other numbers would.
  return search(text, expectedLabels(context.column ?? ""), false);
}

/** The same for a cell of a column whose header has been read already, whose share of numbers that pass will be looked at. */
export function scanExpecting(text: string, expected: ReadonlySet<Label>): readonly Finding[] {
  // Under "phone" a bare number with a check digit that fits is a telephone's.
  return search(text, expected, expected.size === 0);
}

function search(text: string, expected: ReadonlySet<Label>, chance: boolean): readonly Finding[] {
  const marks = textMarks(text);
  if (expected.size === 0 && isPlainQuantity(text, marks)) return NOTHING;
  const found: Finding[] = [];
  for (const { label, find, may } of SEARCHES) {
    const told = expected.has(label);
    if (may(marks, told)) for (const span of find(text, told)) found.push({ label, ...span });
  }
  if (marks.digits >= FEWEST_OF_NUMBERS)
    for (const one of personNumbers(text, expected))
      if (chance || one.sure || expected.has(one.label)) found.push(one);
  return withoutOverlaps(found, ORDER);
}

const NOTHING: readonly Finding[] = [];
/** Digits of the shortest number of a state: an Italian code of letters and digits. */
const FEWEST_OF_NUMBERS = 7;
