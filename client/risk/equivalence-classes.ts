/** Anonymized rows that nothing tells apart: equal on all quasi-identifiers. */
import type { FormulaPerson } from "../../shared/contract/formula.ts";

/** Each class once, its people in their order. */
export function equivalenceClasses<Person extends FormulaPerson>(
  people: readonly Person[],
): Person[][] {
  const classes = new Map<string, Person[]>();
  for (const person of people) {
    const key = [...person.values.values()].join(" ");
    const alike = classes.get(key);
    if (alike) alike.push(person);
    else classes.set(key, [person]);
  }
  return [...classes.values()];
}
