/** Classes that a target declares and no row has. */
import type { Contract } from "../../shared/contract/contract.ts";
import { countedRows, type PeopleTable } from "./people-table.ts";

type Target = Contract["target"];

/** Declared classes that none of these rows has; none for a label that follows from events, or a number. */
export function absentClasses(target: Target, labels: Iterable<number>): string[] {
  if (target.kind === "event" || target.kind === "number") return [];
  const present = new Set(labels);
  if (target.kind === "column") return present.has(1) ? [] : [String(target.positive)];
  return target.classes.filter((_, number) => !present.has(number));
}

/** Those of one client's rows: for its owner alone. Empty too where there are no rows. */
export function ownAbsentClasses(people: PeopleTable, rows: Int32Array, target: Target): string[] {
  const counted = countedRows(people, rows);
  if (counted.length === 0) return [];
  return absentClasses(
    target,
    Array.from(counted, (row) => people.labels[row] ?? 0),
  );
}
