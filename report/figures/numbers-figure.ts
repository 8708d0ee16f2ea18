/** Of a target that is a number: what was given for which, and how far off. */
import type { TopLevelSpec } from "vega-lite";
import type { HeldOutNumbers } from "../../shared/events/trace.ts";
import { FIGURE_COLOURS, type FigureTheme } from "./figure-theme.ts";

/** How many rows lie where; on the line from corner to corner true and predicted are one. */
export function predictedFigure(
  { bounds: [low, high], predicted }: Pick<HeldOutNumbers, "bounds" | "predicted">,
  theme: FigureTheme,
): TopLevelSpec {
  const width = (high - low) / predicted.length;
  const end = (bin: number) => low + bin * width;
  const values = predicted.flatMap((row, i) =>
    row.flatMap((rows, j) =>
      rows === 0
        ? []
        : [{ x: end(i), x2: end(i + 1), y: end(j), y2: end(j + 1), rows: Math.log10(1 + rows) }],
    ),
  );
  const scale = { domain: [low, high], nice: false, zero: false };
  const { series, muted } = FIGURE_COLOURS[theme];
  const ends = [low, high].map((x) => ({ x, y: x }));
  return {
    width: 300,
    height: 300,
    layer: [
      {
        data: { values },
        mark: { type: "rect", color: series[0] ?? "" },
        name: "rows",
        encoding: {
          x: { field: "x", type: "quantitative", title: "true", scale },
          x2: { field: "x2" },
          y: { field: "y", type: "quantitative", title: "predicted", scale },
          y2: { field: "y2" },
          opacity: {
            field: "rows",
            type: "quantitative",
            scale: { zero: true, range: [0, 1] },
            legend: null,
          },
        },
      },
      {
        data: { values: ends },
        mark: { type: "line", color: muted, strokeDash: [4, 3] },
        encoding: {
          x: { field: "x", type: "quantitative" },
          y: { field: "y", type: "quantitative" },
        },
      },
    ],
  };
}

/** True − predicted; beyond either end in the outer bars. */
export function residualsFigure(
  { residuals: { reach, counts } }: Pick<HeldOutNumbers, "residuals">,
  theme: FigureTheme,
): TopLevelSpec {
  const width = (2 * reach) / counts.length;
  const values = counts.map((rows, i) => ({
    x: i * width - reach,
    x2: (i + 1) * width - reach,
    rows,
  }));
  return {
    data: { values },
    width: 380,
    height: 220,
    mark: { type: "bar", color: FIGURE_COLOURS[theme].series[0] ?? "" },
    name: "bars",
    encoding: {
      x: { field: "x", type: "quantitative", title: "true − predicted", scale: { nice: false } },
      x2: { field: "x2" },
      y: { field: "rows", type: "quantitative", title: "held-out rows" },
    },
  };
}
