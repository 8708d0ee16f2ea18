/**
 * k-anonymity (Sweeney 2002) of anonymized rows: classes by equality on all quasi-identifiers. A
 * description of one table: no part of epsilon, and a function of private rows that stays with them.
 */
import type { FormulaPerson } from "../../shared/contract/formula.ts";
import { equivalenceClasses } from "./equivalence-classes.ts";

export interface KRisk {
  /** Size of the smallest class; 0 without rows. */
  readonly k: number;
  readonly classes: number;
  /** Rows in classes smaller than the k asked for. */
  readonly recordsBelow: number;
}

/** @param k the contract's `anonymity.k` */
export function kRisk(people: readonly FormulaPerson[], k: number): KRisk {
  const classes = equivalenceClasses(people).map(({ length }) => length);
  return {
    k: classes.reduce((least, size) => Math.min(least, size), classes[0] ?? 0),
    classes: classes.length,
    recordsBelow: classes.reduce((rows, size) => rows + (size < k ? size : 0), 0),
  };
}
