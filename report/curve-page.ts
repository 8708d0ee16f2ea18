/** A sweep's curve as one page: the figure, its numbers, and what its ε are of. */

import { spentText } from "../compare/setting-text.ts";
import { heading, page, paragraph } from "../shared/page/html-page.ts";
import {
  type AccuracyCurve,
  accuracyFigure,
  howDrawn,
  type MeanAccuracy,
  type Twin,
} from "./figures/accuracy-figure.ts";
import { svgFigure } from "./figures/draw-figure.ts";
import { figure } from "./html-parts.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { countText, percentText } from "./report-text.ts";

const NO_INTERVAL = "·";

/** @param found what the sweep came to, a sentence each */
export async function curvePage(
  curve: AccuracyCurve,
  found: readonly string[] = [],
): Promise<string> {
  const { title, points, baselines, caption } = curve;
  // The page says both itself, in letters that do not shrink with the picture.
  const drawn = accuracyFigure({ ...curve, title: "", caption: [] }, "page");
  const svg = await svgFigure(drawn, "page");
  const row = (setting: string, epsilon: string, { mean, interval, n }: MeanAccuracy) => [
    ...[setting, epsilon, percentText(mean)],
    ...(interval ? interval.map(percentText) : [NO_INTERVAL, NO_INTERVAL]),
    String(n),
  ];
  return page(
    `Murmur: ${title}`,
    [
      heading(1, title),
      figure({
        title: `Held-out ${curve.measure ?? "accuracy"} against ε spent`,
        told: `${[countText(points.length, "point"), ...baselines.map(baselineText)].join(", ")}.`,
        svg,
        head: ["curve", "ε", "mean", "95 % from", "to", "seeds"],
        rows: [
          ...points.map((point) =>
            row(point.setting, spentText(point.epsilon, point.anonymized), point),
          ),
          ...baselines.map((baseline) =>
            row(`${baseline.setting ?? ""} without noise, clipping kept`.trim(), "∞", baseline),
          ),
        ],
      }),
      ...[...found, ...caption, ...howDrawn(curve)].map(paragraph),
    ],
    { style: REPORT_STYLE },
  );
}

function baselineText({ setting, mean }: Twin): string {
  return `${percentText(mean)} without noise, clipping kept${setting === null ? "" : ` (${setting})`}`;
}
