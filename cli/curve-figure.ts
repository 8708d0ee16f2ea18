/** IO: a sweep's curves as a figure: SVG and PNG for print, a page for the browser. */
import type { Curve, CurvePoint } from "../compare/curve.ts";
import {
  type AccuracyCurve,
  accuracyFigure,
  type MeanAccuracy,
} from "../compare/figures/accuracy-figure.ts";
import { pngFigure, svgFigure } from "../compare/figures/draw-figure.ts";
import { curvePage } from "../compare/report/curve-page.ts";
import { settingText } from "../compare/setting-text.ts";
import { claimParts } from "../shared/claim.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";

const THEMES = ["light", "dark"] as const;

/**
 * Nothing where no run that spent ε has finished.
 *
 * @param plan of one of the runs: what its ε are of
 * @returns names of what was written
 */
export async function writeCurveFigure(
  title: string,
  curves: readonly Curve[],
  plan: PrivacyPlan,
  write: (name: string, content: string | Uint8Array) => void,
): Promise<string[]> {
  const curve = figureOf(title, curves, plan);
  if (curve.points.length === 0) return [];
  const files: [name: string, content: string | Uint8Array][] = [
    ["curve.html", await curvePage(curve)],
  ];
  for (const theme of THEMES) {
    const svg = await svgFigure(accuracyFigure(curve, theme), theme);
    const name = theme === "light" ? "curve" : "curve-dark";
    files.push([`${name}.svg`, svg], [`${name}.png`, await pngFigure(svg, theme)]);
  }
  for (const [name, content] of files) write(name, content);
  return files.map(([name]) => name);
}

function figureOf(title: string, curves: readonly Curve[], plan: PrivacyPlan): AccuracyCurve {
  const points = curves.flatMap(({ setting, points: own }) =>
    own.map((point) => ({
      setting: settingText(setting),
      epsilon: point.epsilon.modelRecipients,
      ...meanOf(point),
    })),
  );
  const seeds = Math.max(0, ...points.map(({ n }) => n));
  const [first] = curves;
  const same = curves.every(({ majority }) => majority === first?.majority);
  const twins = new Set(curves.map(({ twin }) => twin?.accuracy.mean));
  const twin = twins.size === 1 ? first?.twin : null;
  // Trust may differ between curves; how ε is counted then follows from it.
  const [counted = ""] = claimParts(plan);
  const isSeeded = plan.noise === "seeded";
  return {
    title,
    points,
    twin: twin ? meanOf(twin) : null,
    majority: same && first ? first.majority : null,
    caption: [
      counted,
      `means over ${seeds} seeds, the same at every point; bars: 95 % interval (Student's t)`,
      ...(isSeeded ? ["ε if the noise were secure: it was seeded, so that the runs repeat"] : []),
    ],
  };
}

function meanOf({ accuracy: { mean, interval, n } }: CurvePoint): MeanAccuracy {
  return { mean, low: interval?.[0] ?? mean, high: interval?.[1] ?? mean, n };
}
