/** A sweep's curve as one page: the figure, its numbers, and what its ε are of. */
import { epsilonText } from "../../shared/epsilon-text.ts";
import { heading, page, paragraph } from "../../shared/html-page.ts";
import { type AccuracyCurve, accuracyFigure } from "../figures/accuracy-figure.ts";
import { svgFigure } from "../figures/draw-figure.ts";
import { figure } from "./html-parts.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { percentText } from "./report-text.ts";

export async function curvePage(curve: AccuracyCurve): Promise<string> {
  const { title, points, twin, caption } = curve;
  const svg = await svgFigure(accuracyFigure(curve, "page"), "page");
  const row = (
    setting: string,
    epsilon: string,
    { mean, low, high, n }: (typeof curve.points)[0],
  ) => [...[setting, epsilon, percentText(mean), percentText(low), percentText(high), String(n)]];
  return page(
    `Murmur: ${title}`,
    [
      heading(1, title),
      figure({
        title: "Held-out accuracy against ε spent",
        told: `${points.length} points${twin ? `, and ${percentText(twin.mean)} without noise` : ""}.`,
        svg,
        head: ["curve", "ε", "mean", "95 % from", "to", "seeds"],
        rows: [
          ...points.map((point) => row(point.setting, epsilonText(point.epsilon), point)),
          ...(twin ? [row("without noise", "∞", { ...twin, setting: "", epsilon: null })] : []),
        ],
      }),
      ...caption.map(paragraph),
    ],
    { style: REPORT_STYLE },
  );
}
