/** What the scan looks for, and where in a text it found it. */

/** The labels of every report: what an empty result did look for, and no more than that. */
export const LOOKED_FOR = [
  "email",
  "phone",
  "credit_card",
  "iban",
  "us_ssn",
  "uk_nino",
  "ipv4",
  "ipv6",
  "mac",
  "uuid",
  "person_name",
  "street_address",
  "date_of_birth",
  "it_codice_fiscale",
  "fr_nir",
  "fi_hetu",
  "ch_ahv",
  "br_cpf",
  "us_itin",
  "de_rvnr",
  "es_nie",
  "es_nif",
  "be_rrn",
  "no_fodselsnummer",
  "se_personnummer",
  "pl_pesel",
  "de_steuer_id",
  "in_aadhaar",
  "uk_nhs",
  "nl_bsn",
  "pt_nif",
] as const;
export type Label = (typeof LOOKED_FOR)[number];

/** [start, end) in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /**
   * True where chance does not explain it: a checksum of two digits, a form nobody else uses, or a
   * word beside it that says what it is. One such hit counts; others count by their share alone.
   */
  readonly sure: boolean;
}

export interface Finding extends Span {
  readonly label: Label;
}

/** Spans of one kind in a text; `expected` where the column's header says that it holds them. */
export type Detector = (text: string, expected: boolean) => readonly Span[];

/**
 * Findings that do not overlap, by place: an earlier label of `order` keeps its place, so that an
 * IBAN's digits are no phone. Equal labels keep the longer one.
 */
export function withoutOverlaps(
  findings: readonly Finding[],
  order: readonly Label[],
): readonly Finding[] {
  if (findings.length < 2) return findings;
  const ranked = findings.toSorted(
    (a, b) =>
      order.indexOf(a.label) - order.indexOf(b.label) || b.end - b.start - (a.end - a.start),
  );
  const kept: Finding[] = [];
  for (const one of ranked) {
    const at = placeOf(one, kept);
    const [before, after] = [kept[at - 1], kept[at]];
    if ((before?.end ?? 0) <= one.start && one.end <= (after?.start ?? Infinity))
      kept.splice(at, 0, one);
  }
  return kept;
}

/** Where among findings in order one would stand, by halving. */
function placeOf({ start }: Finding, kept: readonly Finding[]): number {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.start ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}
