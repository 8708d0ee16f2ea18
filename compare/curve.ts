/** A sweep's results → accuracy against ε spent, a curve for each setting of everything else. Pure. */
import { type ByAdversary, byAdversary } from "../shared/accounting/mechanisms/event.ts";
import { canonicalJson } from "../shared/canonical.ts";
import type { Random } from "../shared/noise/random.ts";
import { type EnoughEpsilon, enoughEpsilon } from "./enough-epsilon.ts";
import { type ErrorSummaries, errorSummaries } from "./error-summaries.ts";
import {
  type PairedDifference,
  pairedDifference,
  type Summary,
  summaryOf,
} from "./seed-statistics.ts";
import { shareName } from "./share-name.ts";
import { NOISE_KEYS, type Setting, TRUST } from "./sweep-points.ts";
import type { DoneResult } from "./sweep-result.ts";

export interface CurvePoint {
  readonly setting: Setting;
  /** Spent, against the raw table: the largest of its seeds. null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  /** The same of whoever gets the model, against the anonymized table. */
  readonly anonymized: number | null;
  readonly delta: number;
  /** 0: the twin. */
  readonly noiseMultiplier: number;
  readonly clipNorm: number;
  /** Where the target is a number, its R². */
  readonly accuracy: Summary;
  /** There alone, in the target's own units. */
  readonly errors?: ErrorSummaries;
  readonly bySeed: ReadonlyMap<number, number>;
  /** The twin's accuracy minus this one's, by seed; null without a twin. */
  readonly lost: PairedDifference | null;
}

export interface Curve {
  /** What its points have in common. */
  readonly setting: Setting;
  /** By ε spent against whoever gets the model, ascending; those that have no bound last. */
  readonly points: readonly CurvePoint[];
  /** The same without noise, its clipping kept. */
  readonly twin: CurvePoint | null;
  /** Mean accuracy of whoever answers with the largest class of the held-out rows. */
  readonly majority: number;
  /** Where the target is a number: accuracies are R², and that of always giving the mean is 0. */
  readonly measure?: "R²";
  readonly enough: EnoughEpsilon | null;
}

/** @param randomOf coins of the bootstrap, for the curve of that number */
export function curvesOf(
  results: readonly DoneResult[],
  randomOf: (curve: number) => Random,
): Curve[] {
  const points = [...groups(results, ({ setting }) => setting).values()].map(pointOf);
  const baselines = new Map(
    points
      .filter(isBaseline)
      .map((point) => [canonicalJson(without(point.setting, TWIN_KEYS)), point]),
  );
  const noised = points.filter((point) => !isBaseline(point));
  const byCurve = groups(noised, ({ setting }) => curveSetting(setting));
  // Where nothing but baselines ran, they are what there is to show.
  if (byCurve.size === 0)
    return [...baselines.values()].map((baseline) => curveOf([], baseline, results, null));
  return [...byCurve.values()].map((own, i) => {
    const key = canonicalJson(without(own[0]?.setting ?? {}, TWIN_KEYS));
    return curveOf(own, baselines.get(key) ?? null, results, randomOf(i));
  });
}

/** Which curve a run that spent ε is on: its setting without what says where on it. */
export function curveSetting(setting: Setting): Setting {
  return without(setting, NOISE_KEYS);
}

const TWIN_KEYS: ReadonlySet<string> = new Set([...NOISE_KEYS, TRUST]);

/** By its noise: where rows decide how others are recoded, no amount of it gives an ε. */
export function isBaseline({ noiseMultiplier }: Pick<CurvePoint, "noiseMultiplier">): boolean {
  return noiseMultiplier === 0;
}

function curveOf(
  own: readonly CurvePoint[],
  baseline: CurvePoint | null,
  results: readonly DoneResult[],
  random: Random | null,
): Curve {
  // All on one curve are recoded alike: in this order they are also by ε against the raw table.
  const spent = ({ anonymized }: CurvePoint) => anonymized ?? Infinity;
  const points = own
    .map((point) => ({
      ...point,
      lost: baseline && pairedDifference(baseline.bySeed, point.bySeed),
    }))
    .sort((a, b) => spent(a) - spent(b));
  const bounded = points.flatMap(({ epsilon: { modelRecipients: epsilon }, bySeed }) =>
    epsilon === null ? [] : [{ epsilon, bySeed }],
  );
  const settings = new Set(
    [...points, ...(baseline ? [baseline] : [])].map(({ setting }) => canonicalJson(setting)),
  );
  const majorities = results.filter(({ setting }) => settings.has(canonicalJson(setting)));
  const { share } = shareName(majorities);
  return {
    setting: curveSetting(own[0]?.setting ?? baseline?.setting ?? {}),
    points,
    twin: baseline,
    majority: summaryOf(majorities.map(({ majority }) => majority)).mean,
    ...(share === "R²" && { measure: share }),
    enough: baseline && random && enoughEpsilon(bounded, baseline.bySeed, random),
  };
}

function pointOf(runs: readonly DoneResult[]): CurvePoint {
  const bySeed = new Map(runs.map(({ seed, accuracy }) => [seed, accuracy]));
  return {
    setting: runs[0]?.setting ?? {},
    epsilon: byAdversary((adversary) =>
      largestEpsilon(runs.map(({ epsilon }) => epsilon[adversary])),
    ),
    anonymized: largestEpsilon(runs.map(({ anonymized }) => anonymized)),
    delta: Math.max(...runs.map(({ delta }) => delta)),
    // Seeds of one setting share one plan.
    noiseMultiplier: runs[0]?.noiseMultiplier ?? 0,
    clipNorm: runs[0]?.clipNorm ?? 0,
    accuracy: summaryOf([...bySeed.values()]),
    ...errorSummaries(runs),
    bySeed,
    lost: null,
  };
}

/** null: one of them has no bound. */
export function largestEpsilon(epsilons: readonly (number | null)[]): number | null {
  const most = Math.max(...epsilons.map((epsilon) => epsilon ?? Infinity));
  return most === Infinity ? null : most;
}

function without(setting: Setting, keys: ReadonlySet<string>): Setting {
  return Object.fromEntries(Object.entries(setting).filter(([key]) => !keys.has(key)));
}

/** By what `of` says, in the order of their first ones. */
function groups<T>(items: readonly T[], of: (item: T) => unknown): Map<string, T[]> {
  const all = new Map<string, T[]>();
  for (const item of items) {
    const key = canonicalJson(of(item));
    const group = all.get(key);
    if (group) group.push(item);
    else all.set(key, [item]);
  }
  return all;
}
