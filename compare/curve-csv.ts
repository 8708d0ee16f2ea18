/** Curves as CSV: one row a setting and ε. Pure. */
import { stringify } from "csv-stringify/sync";
import type { Curve, CurvePoint } from "./curve.ts";
import { settingText } from "./setting-text.ts";

/**
 * Shares are of held-out rows; epsilons are spent, against the raw table but for `epsilonAnonymized`; an
 * empty cell: no bound, or not to be had. `mean` and what goes by it are of `measure`: accuracy, or r2 where the target
 * is a number, whose errors are then in its own units. The twin's noise multiplier is 0, its clip norm that of the others.
 */
const CURVE_COLUMNS = [
  "setting",
  "epsilon",
  "epsilonOtherClients",
  "epsilonCoordinator",
  "delta",
  "n",
  "mean",
  "sd",
  "low",
  "high",
  "lost",
  "lostLow",
  "lostHigh",
  "twin",
  "majority",
  "epsilonAnonymized",
  "noiseMultiplier",
  "clipNorm",
  "scenario",
  "murmur",
  "measure",
  "rmse",
  "mae",
] as const;

/** By which scenario and version all rows came about. */
export interface CurveSource {
  /** The scenario's. */
  readonly name: string;
  /** The version. */
  readonly murmur: string;
}

/** With the twin's own row at the end of each curve: its ε is empty. */
export function curveCsv(curves: readonly Curve[], { name, murmur }: CurveSource): string {
  const rows = curves.flatMap((curve) => {
    const measure = curve.measure ? "r2" : "accuracy";
    const points = [...curve.points, ...(curve.twin ? [curve.twin] : [])];
    return points.map((point) => {
      const { errors } = point;
      const errorCells = [errors?.rmse.mean, errors?.mae.mean];
      return [...row(curve, point), name, murmur, measure, ...errorCells];
    });
  });
  return stringify([[...CURVE_COLUMNS], ...rows]);
}

function row({ setting, twin: baseline, majority }: Curve, point: CurvePoint): unknown[] {
  const { epsilon, anonymized, delta, accuracy, lost, noiseMultiplier, clipNorm } = point;
  const { n, mean, sd, interval } = accuracy;
  return [
    settingText(setting),
    ...[epsilon.modelRecipients, epsilon.otherClients, epsilon.coordinator, delta],
    ...[n, mean, sd, interval?.[0], interval?.[1]],
    ...[lost?.mean, lost?.interval?.[0], lost?.interval?.[1]],
    ...[baseline?.accuracy.mean, majority, anonymized, noiseMultiplier, clipNorm],
  ];
}
