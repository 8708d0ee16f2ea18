/** Runs of several scenarios → one group a scenario, its seeds together, each held against the first. Pure. */
import { canonicalJson } from "../shared/canonical.ts";
import { isRecord } from "../shared/record.ts";
import { type DifferingKey, differingKeys } from "./differing-keys.ts";
import {
  holm,
  type PairedDifference,
  pairedDifference,
  type Summary,
  summaryOf,
} from "./seed-statistics.ts";

export interface ComparableRun {
  /** As it was resolved. */
  readonly scenario: unknown;
  readonly seed: number;
  readonly accuracy: number;
}

export interface ComparedSetting<Run> {
  readonly runs: readonly Run[];
  readonly accuracy: Summary;
  /** This one minus the first, by seed; null of the first, or where no seed is in both. */
  readonly fromFirst: PairedDifference | null;
  /** Its p-value, Holm's correction for all that are tested made. */
  readonly adjustedP: number | null;
}

export interface SettingComparison<Run> {
  readonly settings: readonly ComparedSetting<Run>[];
  readonly differing: readonly DifferingKey[];
}

/** @param runs of at least one; of two with the same scenario and seed the last counts in pairs */
export function compareSettings<Run extends ComparableRun>(
  runs: readonly Run[],
): SettingComparison<Run> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = canonicalJson(withoutSeed(run.scenario));
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const all = [...groups.values()];
  const bySeed = (group: readonly Run[]) =>
    new Map(group.map(({ seed, accuracy }) => [seed, accuracy]));
  const [first = []] = all;
  const differences = all.map((group, i) =>
    i === 0 ? null : pairedDifference(bySeed(group), bySeed(first)),
  );
  const adjusted = holm(differences.map((difference) => difference?.p ?? null));
  const settings = all.map((group, i) => ({
    runs: group,
    accuracy: summaryOf([...bySeed(group).values()]),
    fromFirst: differences[i] ?? null,
    adjustedP: adjusted[i] ?? null,
  }));
  return { settings, differing: differingKeys(all.map(([run]) => withoutSeed(run?.scenario))) };
}

function withoutSeed(scenario: unknown): unknown {
  if (!isRecord(scenario)) return scenario;
  const { seed: _, sweep: __, ...others } = scenario;
  return others;
}
