/** Runs → one group for each thing that ran, its seeds together, each group held against the first. Pure. */
import { canonicalJson } from "../shared/canonical.ts";
import { isRecord } from "../shared/record.ts";
import { type DifferingKey, differingKeys } from "./differing-keys.ts";
import { type ErrorSummaries, errorSummaries } from "./error-summaries.ts";
import {
  holm,
  type PairedDifference,
  pairedDifference,
  type Summary,
  summaryOf,
} from "./seed-statistics.ts";
import type { Measured } from "./sweep-result.ts";

/** Of a hash, enough to tell plans apart by. */
const PLAN_DIGITS = 16;

export interface ComparableRun {
  /** As it was resolved. */
  readonly scenario: unknown;
  /** What the scenario alone does not say: hierarchies, a model's file, numbers worked out. */
  readonly planHash: string;
  /** Version that ran it. */
  readonly murmur: string;
  readonly engine: string;
  readonly seed: number;
  /** Of the last model. */
  readonly modelHash: string;
  readonly accuracy: number;
  /** Of a number alone, whose accuracy is R². */
  readonly errors?: Measured["errors"];
}

/** A seed of several runs. */
interface SharedSeed {
  readonly seed: number;
  readonly runs: number;
  /** Those of them that are not another one again. */
  readonly counted: number;
}

export interface ComparedSetting<Run> {
  /** Without those that are another one again: the same seed, the same model. */
  readonly runs: readonly Run[];
  readonly shared: readonly SharedSeed[];
  /** Over seeds. */
  readonly accuracy: Summary;
  /** Of a number alone, likewise. */
  readonly errors?: ErrorSummaries;
  /** This one minus the first, by seed; null of the first, or where no seed is in both. */
  readonly fromFirst: PairedDifference | null;
  /** Its p-value, Holm's correction for all that are tested made. */
  readonly adjustedP: number | null;
}

export interface SettingComparison<Run> {
  readonly settings: readonly ComparedSetting<Run>[];
  readonly differing: readonly DifferingKey[];
}

/** @param runs of at least one; those of one setting differ in their seeds, or in noise without one */
export function compareSettings<Run extends ComparableRun>(
  runs: readonly Run[],
): SettingComparison<Run> {
  const all = groups(runs, (run) => canonicalJson(settingOf(run)));
  const counted = all.map(distinctRuns);
  const accuracies = counted.map(accuracyBySeed);
  const differences = accuracies.map((own, i) =>
    i === 0 ? null : pairedDifference(own, accuracies[0] ?? new Map()),
  );
  const adjusted = holm(differences.map((difference) => difference?.p ?? null));
  const settings = counted.map((own, i) => ({
    runs: own,
    shared: sharedSeeds(all[i] ?? [], own),
    accuracy: summaryOf([...(accuracies[i] ?? []).values()]),
    ...errorSummaries(own),
    fromFirst: differences[i] ?? null,
    adjustedP: adjusted[i] ?? null,
  }));
  const differing = differingKeys(all.map(([run]) => run && settingOf(run)));
  return { settings, differing };
}

/** All that tells runs apart but their seeds: scenario, plan, version, engine. */
function settingOf({ scenario, planHash, murmur, engine }: ComparableRun): unknown {
  const { seed: _, sweep: __, ...others } = isRecord(scenario) ? scenario : {};
  return { ...others, plan: planHash.slice(0, PLAN_DIGITS), murmur, engine };
}

/** What seeds make again counts once, however often it ran or was named. */
function distinctRuns<Run extends ComparableRun>(runs: readonly Run[]): Run[] {
  const same = ({ seed, modelHash, accuracy }: Run) => canonicalJson({ seed, modelHash, accuracy });
  return groups(runs, same).flatMap((own) => own.slice(0, 1));
}

/**
 * Runs of one seed under secure noise are draws of their own, but not of the seed's deal and first weights:
 * averaged within it they still pair with another setting's, and n is what is independent, the seeds.
 */
function accuracyBySeed(runs: readonly ComparableRun[]): Map<number, number> {
  const bySeed = groups(runs, ({ seed }) => seed);
  return new Map(
    bySeed.map((own) => [
      own[0]?.seed ?? Number.NaN,
      summaryOf(own.map(({ accuracy }) => accuracy)).mean,
    ]),
  );
}

function sharedSeeds(
  runs: readonly ComparableRun[],
  counted: readonly ComparableRun[],
): SharedSeed[] {
  return groups(runs, ({ seed }) => seed).flatMap((own) => {
    const seed = own[0]?.seed ?? Number.NaN;
    const some = counted.filter((run) => run.seed === seed);
    return own.length === 1 ? [] : [{ seed, runs: own.length, counted: some.length }];
  });
}

/** In the order of their first ones. */
function groups<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const all = new Map<unknown, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = all.get(key);
    if (group) group.push(item);
    else all.set(key, [item]);
  }
  return [...all.values()];
}
