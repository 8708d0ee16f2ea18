/** What a column is found to hold, beyond the labels of single values. */
import type { Label } from "./detect/finding.ts";

/** Each names one person, or one person's thing. */
const DIRECT_KINDS = [
  "free_text",
  "username",
  "record_id",
  "vehicle_id",
  "device_id",
  "national_id",
  "account_number",
] as const;
/** Known to outsiders, and identifying in combination. */
const QUASI_KINDS = [
  "age",
  "birth_year",
  "postal_code",
  "location",
  "gender",
  "marital_status",
  "body_measure",
  "education",
  "occupation",
  "ethnicity",
  "relationship",
] as const;
/** What must not be inferred of a person, and tells nobody who it is. */
const SENSITIVE_KINDS = ["health", "income", "belief"] as const;

type DirectKind = (typeof DIRECT_KINDS)[number];
export type QuasiKind = (typeof QUASI_KINDS)[number];
export type SensitiveKind = (typeof SENSITIVE_KINDS)[number];
export type ColumnKind = Label | DirectKind | QuasiKind | SensitiveKind;

export function isQuasiKind(kind: ColumnKind): kind is QuasiKind {
  return QUASI_KINDS.some((one) => one === kind);
}

export function isSensitiveKind(kind: ColumnKind): kind is SensitiveKind {
  return SENSITIVE_KINDS.some((one) => one === kind);
}

export interface ColumnVerdict {
  readonly verdict: "direct_identifier" | "quasi_identifier" | "harmless";
  /** Null where nothing was found. */
  readonly type: ColumnKind | null;
  /** Told by values that chance does not explain, or by values and header together; else likely. */
  readonly certain: boolean;
  /** Cells in which it was found, of those looked at. */
  readonly hits: number;
  /** Cells that hold anything and were looked at. */
  readonly looked: number;
}
