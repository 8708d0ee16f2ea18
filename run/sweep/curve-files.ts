/** IO: a sweep's curves as files: CSV; SVG and PNG for print; a page for the browser. */
import type { Curve, CurvePoint } from "../../compare/curve.ts";
import { type CurveSource, curveCsv } from "../../compare/curve-csv.ts";
import { shortSettingText } from "../../compare/setting-text.ts";
import { curvePage } from "../../report/curve-page.ts";
import {
  type AccuracyCurve,
  accuracyFigure,
  type MeanAccuracy,
  MOST_CURVES,
  type Twin,
} from "../../report/figures/accuracy-figure.ts";
import { pngFigure, svgFigure } from "../../report/figures/draw-figure.ts";

const THEMES = ["light", "dark"] as const;

/**
 * @param caption what the ε are of
 * @param found what the page says besides, a sentence each
 * @returns why there is no figure; null where there is one
 */
export async function writeCurves(
  source: CurveSource,
  curves: readonly Curve[],
  caption: readonly string[],
  found: readonly string[],
  write: (name: string, content: string | Uint8Array) => void,
): Promise<string | null> {
  write("curve.csv", curveCsv(curves, source));
  const unfit = undrawable(curves);
  if (unfit !== null) return unfit;
  const curve = figureOf(source.name, curves, caption);
  write("curve.html", await curvePage(curve, found));
  for (const theme of THEMES) {
    const svg = await svgFigure(accuracyFigure(curve, theme), theme);
    const name = theme === "light" ? "curve" : "curve-dark";
    write(`${name}.svg`, svg);
    write(`${name}.png`, await pngFigure(svg, theme));
  }
  return null;
}

/** Why curves are told by curve.csv alone; null: they can be drawn. */
function undrawable(curves: readonly Curve[]): string | null {
  const drawn = curves.filter(({ points }) =>
    points.some(({ epsilon }) => epsilon.modelRecipients !== null),
  ).length;
  if (drawn === 0) return "no figure: no run of a bounded ε has finished, to draw accuracy against";
  if (drawn > MOST_CURVES)
    return `no figure: more than ${MOST_CURVES} curves cannot be told apart, and here are ${drawn}; curve.csv has all`;
  return null;
}

function figureOf(
  title: string,
  curves: readonly Curve[],
  caption: readonly string[],
): AccuracyCurve {
  const points = curves.flatMap(({ setting, points: own }) =>
    own.map((point) => ({
      setting: shortSettingText(setting),
      epsilon: point.epsilon.modelRecipients,
      anonymized: point.anonymized,
      ...meanOf(point),
    })),
  );
  const [first] = curves;
  const same = curves.every(({ majority }) => majority === first?.majority);
  return {
    ...{ title, points, baselines: baselinesOf(curves) },
    majority: same && first ? first.majority : null,
    ...(first?.measure && { measure: first.measure }),
    caption,
  };
}

/** One where all curves have the same: another trust has no other twin. */
function baselinesOf(curves: readonly Curve[]): Twin[] {
  const baselines = curves.flatMap(({ setting, twin: baseline }) =>
    baseline ? [{ setting, twin: baseline }] : [],
  );
  const [only] = baselines;
  if (
    only &&
    baselines.length === curves.length &&
    baselines.every(({ twin: baseline }) => baseline === only.twin)
  )
    return [{ setting: null, ...meanOf(only.twin) }];
  return baselines.map(({ setting, twin: baseline }) => ({
    setting: shortSettingText(setting),
    ...meanOf(baseline),
  }));
}

function meanOf({ accuracy: { mean, interval, n } }: CurvePoint): MeanAccuracy {
  return { mean, interval, n };
}
