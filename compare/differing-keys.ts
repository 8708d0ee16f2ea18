/** In which keys scenarios differ, and how. Pure. */
import { isRecord } from "../shared/record.ts";

export interface DifferingKey {
  /** Dotted. */
  readonly key: string;
  /** Of each scenario; undefined where it says nothing of it. */
  readonly values: readonly unknown[];
}

/** Every leaf that is not the same in all of them; a list is one leaf. */
export function differingKeys(scenarios: readonly unknown[]): DifferingKey[] {
  const leaves = scenarios.map((scenario) => new Map(leavesOf(scenario, [])));
  const keys = new Set(leaves.flatMap((own) => [...own.keys()]));
  return [...keys]
    .map((key) => ({ key, values: leaves.map((own) => own.get(key)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

function leavesOf(value: unknown, path: readonly string[]): [string, unknown][] {
  if (!isRecord(value)) return [[path.join("."), value]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
