/** Curves as CSV: one row a setting and ε. Pure. */
import { stringify } from "csv-stringify/sync";
import type { Curve, CurvePoint } from "./curve.ts";
import { settingText } from "./setting-text.ts";

/** Shares are of held-out rows; epsilons are spent; an empty cell: no bound, or not to be had. */
export const CURVE_COLUMNS = [
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
] as const;

/** With the twin's own row at the end of each curve: its ε is empty. */
export function curveCsv(curves: readonly Curve[]): string {
  const rows = curves.flatMap((curve) => [
    ...curve.points.map((point) => row(curve, point)),
    ...(curve.twin ? [row(curve, curve.twin)] : []),
  ]);
  return stringify([[...CURVE_COLUMNS], ...rows]);
}

function row({ setting, twin, majority }: Curve, point: CurvePoint): unknown[] {
  const { epsilon, delta, accuracy, lost } = point;
  const { n, mean, sd, interval } = accuracy;
  return [
    settingText(setting),
    ...[epsilon.modelRecipients, epsilon.otherClients, epsilon.coordinator, delta],
    ...[n, mean, sd, interval?.[0], interval?.[1]],
    ...[lost?.mean, lost?.interval?.[0], lost?.interval?.[1]],
    ...[twin?.accuracy.mean, majority],
  ];
}
