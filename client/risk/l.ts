/**
 * Distinct l-diversity (Machanavajjhala et al. 2006) of anonymized rows: how few values a sensitive
 * column has in some class. Like k it describes one table, and stays with it.
 */
import type { FormulaPerson } from "../../shared/contract/formula.ts";
import { equivalenceClasses } from "./equivalence-classes.ts";

/** @param sensitiveOf the sensitive value of a person. @returns the least number of values; 0 without rows */
export function distinctL<Person extends FormulaPerson>(
  people: readonly Person[],
  sensitiveOf: (person: Person) => number | undefined,
): number {
  const diversity = equivalenceClasses(people).map((alike) => new Set(alike.map(sensitiveOf)).size);
  return diversity.reduce((least, size) => Math.min(least, size), diversity[0] ?? 0);
}
