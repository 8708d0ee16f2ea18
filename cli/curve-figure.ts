/** IO: a sweep's curves as files: CSV; SVG and PNG for print; a page for the browser. */
import { type Curve, type CurvePoint, curveSetting } from "../compare/curve.ts";
import { curveCaption, type PlannedCurve } from "../compare/curve-caption.ts";
import { curveCsv } from "../compare/curve-csv.ts";
import {
  type AccuracyCurve,
  accuracyFigure,
  type MeanAccuracy,
  type Twin,
} from "../compare/figures/accuracy-figure.ts";
import { pngFigure, svgFigure } from "../compare/figures/draw-figure.ts";
import { curvePage } from "../compare/report/curve-page.ts";
import { shortSettingText } from "../compare/setting-text.ts";
import type { DoneResult } from "../compare/sweep-result.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { runPlan } from "./run-files.ts";

const THEMES = ["light", "dark"] as const;

/**
 * No figure where no run that spent ε has finished.
 *
 * @param results of which the curves are made, each `run` a path that can be read
 * @param found what the page says besides, a sentence each
 */
export async function writeCurves(
  title: string,
  curves: readonly Curve[],
  results: readonly DoneResult[],
  found: readonly string[],
  write: (name: string, content: string | Uint8Array) => void,
): Promise<void> {
  write("curve.csv", curveCsv(curves));
  const curve = figureOf(title, curves, results);
  if (curve.points.length === 0) return;
  write("curve.html", await curvePage(curve, found));
  for (const theme of THEMES) {
    const svg = await svgFigure(accuracyFigure(curve, theme), theme);
    const name = theme === "light" ? "curve" : "curve-dark";
    write(`${name}.svg`, svg);
    write(`${name}.png`, await pngFigure(svg, theme));
  }
}

function figureOf(
  title: string,
  curves: readonly Curve[],
  results: readonly DoneResult[],
): AccuracyCurve {
  const points = curves.flatMap(({ setting, points: own }) =>
    own.map((point) => ({
      setting: shortSettingText(setting),
      epsilon: point.epsilon.modelRecipients,
      ...meanOf(point),
    })),
  );
  const [first] = curves;
  const same = curves.every(({ majority }) => majority === first?.majority);
  return {
    ...{ title, points, twins: twinsOf(curves) },
    majority: same && first ? first.majority : null,
    caption: curveCaption(
      plannedCurves(curves, results),
      curves,
      results.map(({ rows }) => rows),
    ),
  };
}

/** One where all curves have the same: another trust has no other twin. */
function twinsOf(curves: readonly Curve[]): Twin[] {
  const twins = curves.flatMap(({ setting, twin }) => (twin ? [{ setting, twin }] : []));
  const [only] = twins;
  if (only && twins.length === curves.length && twins.every(({ twin }) => twin === only.twin))
    return [{ setting: null, ...meanOf(only.twin) }];
  return twins.map(({ setting, twin }) => ({
    setting: shortSettingText(setting),
    ...meanOf(twin),
  }));
}

/** Of each curve a run that spent ε: what its ε are of, that is read there. */
function plannedCurves(curves: readonly Curve[], results: readonly DoneResult[]): PlannedCurve[] {
  const noised = results.filter(({ epsilon }) => epsilon.modelRecipients !== null);
  return curves.flatMap(({ setting }) => {
    const key = canonicalJson(setting);
    const run = noised.find((one) => canonicalJson(curveSetting(one.setting)) === key);
    return run ? [{ name: shortSettingText(setting), plan: runPlan(run.run).plan.privacy }] : [];
  });
}

function meanOf({ accuracy: { mean, interval, n } }: CurvePoint): MeanAccuracy {
  return { mean, low: interval?.[0] ?? mean, high: interval?.[1] ?? mean, n };
}
