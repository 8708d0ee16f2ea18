/** The part of a run's report on held-out rows whose target is a number. */
import { unitsText } from "../shared/events/held-out-numbers.ts";
import type { HeldOutNumbers } from "../shared/events/trace.ts";
import { table } from "../shared/page/html-page.ts";
import { svgFigure } from "./figures/draw-figure.ts";
import { predictedFigure, residualsFigure } from "./figures/numbers-figure.ts";
import { figure } from "./html-parts.ts";
import { countText } from "./report-text.ts";

/** The figures beside the mean's, what was given for which, and what is left. */
export async function numbersPart(heldOut: HeldOutNumbers): Promise<string[]> {
  const { rmse, mae, r2, baseline } = heldOut;
  const figures = [await predictedPart(heldOut), await residualsPart(heldOut)];
  return [
    table(
      ["of", "RMSE", "mean absolute error", "R²"],
      [
        ["the model", unitsText(rmse), unitsText(mae), r2?.toFixed(4) ?? "none"],
        [
          `always their mean, ${unitsText(baseline.mean)}`,
          ...[unitsText(baseline.rmse), unitsText(baseline.mae), "0"],
        ],
      ],
    ),
    `<div class="figures">${figures.join("\n")}</div>`,
  ];
}

async function predictedPart(heldOut: HeldOutNumbers): Promise<string> {
  const { bounds, predicted } = heldOut;
  const [low, high] = bounds;
  const edge = (bin: number) => unitsText(low + (bin * (high - low)) / predicted.length);
  const near = predicted.reduce(
    (sum, row, i) => sum + row.slice(Math.max(0, i - 1), i + 2).reduce((a, b) => a + b, 0),
    0,
  );
  return figure({
    title: "Predicted against true",
    told: `Of ${countText(heldOut.rows, "row")} the model gives ${near} a number within a tenth of the declared width or nearer.`,
    svg: await svgFigure(predictedFigure(heldOut, "page"), "page"),
    head: ["true from", "predicted from", "rows"],
    rows: predicted.flatMap((row, i) =>
      row.flatMap((rows, j) => (rows === 0 ? [] : [[edge(i), edge(j), String(rows)]])),
    ),
  });
}

async function residualsPart(heldOut: HeldOutNumbers): Promise<string> {
  const { reach, counts } = heldOut.residuals;
  const edge = (bin: number) => unitsText((2 * reach * bin) / counts.length - reach);
  return figure({
    title: "What is left: true − predicted",
    told: `The residuals' root mean square is ${unitsText(heldOut.rmse)}; the outer bars hold all beyond ${unitsText(reach)}.`,
    svg: await svgFigure(residualsFigure(heldOut, "page"), "page"),
    head: ["from", "to", "rows"],
    rows: counts.map((rows, i) => [edge(i), edge(i + 1), String(rows)]),
  });
}
