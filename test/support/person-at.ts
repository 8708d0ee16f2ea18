import type { AnonymizedPerson } from "../../client/anonymize/anonymizer.ts";
import { type AnonymizedTable, personReader } from "../../client/anonymize/table.ts";

/** One row again as a person of its own, whatever is read later. */
export function personAt(table: AnonymizedTable, row: number): AnonymizedPerson {
  return personReader(table)(row);
}
