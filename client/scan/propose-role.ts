/**
 * What role a column might have, for a scenario that somebody then reads: by what the scan found, its
 * name, and how many of its cells are their own. A proposal: nothing else may rest on it.
 */

import type { ColumnForms } from "./column-count.ts";
import { type ColumnKind, type ColumnVerdict, isSensitiveKind } from "./column-kind.ts";
import { readHeader } from "./header-words.ts";

export interface ScannedColumn {
  readonly name: string;
  readonly verdict: ColumnVerdict;
  readonly forms: ColumnForms;
  /** Distinct cells; at least, beyond what a tally remembers. */
  readonly distinct: number;
  readonly rows: number;
  /** Cells that are images. */
  readonly images: number;
}

export interface ProposedRole {
  readonly role: "directIdentifier" | "quasiIdentifier" | "sensitive" | "insensitive";
  /** Half a sentence, without a value in it. */
  readonly why: string;
}

/** Share of rows with a cell of their own from which on a code is as good as a name. */
const NEARLY_UNIQUE = 0.9;
/** Rows below which being unique is no wonder. */
const ENOUGH_ROWS = 20;

export function proposeRole(column: ScannedColumn): ProposedRole {
  const { verdict, type, certain } = column.verdict;
  if (verdict === "direct_identifier" && type !== null)
    return { role: "directIdentifier", why: `${certain ? "holds" : "looks like"} ${plural(type)}` };
  if (verdict === "quasi_identifier" && type !== null)
    return { role: "quasiIdentifier", why: `${spoken(type)}, which others may know` };
  if (type !== null && isSensitiveKind(type))
    return { role: "sensitive", why: `by its name ${spoken(type)}, which should not be inferred` };
  return byForm(column);
}

function byForm({ name, verdict, forms, distinct, rows, images }: ScannedColumn): ProposedRole {
  if (images > 0) return { role: "insensitive", why: "images, which nothing here looks into" };
  if (verdict.looked === 0) return { role: "insensitive", why: "holds nothing" };
  const unique = rows >= ENOUGH_ROWS && distinct >= NEARLY_UNIQUE * verdict.looked;
  const { number, thing } = readHeader(name);
  if (unique && (forms.code || (number && !forms.date)))
    return { role: "directIdentifier", why: "nearly every row has a code of its own" };
  if (number && !thing && forms.number && distinct > rows / 2)
    return { role: "directIdentifier", why: "a number that tells rows apart, by its name" };
  if (unique && forms.sequence)
    return { role: "directIdentifier", why: "a number of its own for every row" };
  if (unique && forms.phrase)
    return { role: "directIdentifier", why: "free text, of which nearly every cell is its own" };
  if (forms.date) return { role: "quasiIdentifier", why: "dates, which others may know" };
  return { role: "insensitive", why: "nothing was found in it" };
}

/** The words of a report: "us_ssn" → "US social security numbers". */
const PLURALS: Partial<Record<ColumnKind, string>> = {
  email: "e-mail addresses",
  phone: "telephone numbers",
  credit_card: "payment card numbers",
  iban: "bank accounts (IBAN)",
  us_ssn: "US social security numbers",
  uk_nino: "UK national insurance numbers",
  ipv4: "IPv4 addresses",
  ipv6: "IPv6 addresses",
  mac: "MAC addresses",
  uuid: "UUIDs",
  person_name: "names of people",
  street_address: "postal addresses",
  date_of_birth: "dates of birth",
  it_codice_fiscale: "Italian tax codes",
  fr_nir: "French social security numbers",
  fi_hetu: "Finnish identity codes",
  ch_ahv: "Swiss social security numbers",
  br_cpf: "Brazilian CPF numbers",
  us_itin: "US taxpayer numbers",
  de_rvnr: "German pension numbers",
  es_nie: "Spanish NIE numbers",
  es_nif: "Spanish NIF numbers",
  be_rrn: "Belgian national numbers",
  no_fodselsnummer: "Norwegian identity numbers",
  se_personnummer: "Swedish identity numbers",
  pl_pesel: "Polish PESEL numbers",
  de_steuer_id: "German tax numbers",
  in_aadhaar: "Indian Aadhaar numbers",
  uk_nhs: "UK NHS numbers",
  nl_bsn: "Dutch BSN numbers",
  pt_nif: "Portuguese tax numbers",
  free_text: "text with identifiers of people",
  record_id: "numbers of people",
  username: "login names",
  vehicle_id: "number plates or vehicle numbers",
  device_id: "numbers of devices",
  national_id: "numbers of documents or insurances",
  account_number: "account numbers",
};

export function plural(kind: ColumnKind): string {
  return PLURALS[kind] ?? spoken(kind);
}

function spoken(kind: ColumnKind): string {
  return PLURALS[kind] ?? kind.replaceAll("_", " ");
}
