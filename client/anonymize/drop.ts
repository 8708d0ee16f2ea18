/** Stage 2, first: columns that nobody after it may see are gone, not hidden. */
import type { ContractColumn } from "../../shared/contract/contract.ts";
import type { RawPerson } from "../raw-person.ts";

/** Only the cells of columns with role quasiIdentifier: no identifier, no label, nothing unwanted. */
export function dropColumns(
  person: RawPerson,
  columns: readonly ContractColumn[],
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const { name, role } of columns) {
    if (role === "quasiIdentifier") kept.set(name, person.values.get(name) ?? "");
  }
  return kept;
}
