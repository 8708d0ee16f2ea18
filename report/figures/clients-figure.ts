/** What clients hold, and how alike their rows are: of generated and public rows alone. */
import type { TopLevelSpec } from "vega-lite";
import type { ClientLabels } from "../../shared/events/trace.ts";
import { FIGURE_COLOURS, type FigureTheme } from "./figure-theme.ts";

/** The average chance that a row is told to be its person's, at one client. */
export interface ClientRisk {
  readonly client: string;
  readonly before: number;
  readonly after: number;
}

const ROW_HEIGHT = 16;

/** Rows of each client by class, side by side in one bar. */
export function labelsFigure(
  clients: readonly ClientLabels[],
  classes: readonly string[],
  theme: FigureTheme,
): TopLevelSpec {
  const values = clients.flatMap(({ client, counts }) =>
    counts.map((rows, i) => ({ client, rows, label: classes[i] ?? `${i}`, order: i })),
  );
  const { series } = FIGURE_COLOURS[theme];
  const colour = {
    field: "label",
    type: "nominal",
    // More classes than colours: the colours come again, and bars are still told apart by place.
    scale: { domain: [...classes], range: classes.map((_, i) => series[i % series.length] ?? "") },
    legend: { columns: 5 },
  } as const;
  return {
    data: { values },
    width: 340,
    height: { step: ROW_HEIGHT },
    mark: { type: "bar" },
    name: "bars",
    encoding: {
      y: { field: "client", type: "nominal", title: null, sort: null },
      x: { field: "rows", type: "quantitative", title: "rows", stack: "zero" },
      color: colour,
      order: { field: "order", type: "quantitative" },
    },
  };
}

/** A line from the risk before recoding to the one after. */
export function riskFigure(clients: readonly ClientRisk[], theme: FigureTheme): TopLevelSpec {
  const { series, muted } = FIGURE_COLOURS[theme];
  const values = [...clients];
  const ends = values.flatMap(({ client, before, after }) => [
    { client, when: "before recoding", risk: before },
    { client, when: "after", risk: after },
  ]);
  const y = { field: "client", type: "nominal", title: null, sort: null } as const;
  const scale = { domain: [0, 1] };
  const title = "average chance to be found";
  const axis = { format: ".0%" };
  const domain = ["before recoding", "after"];
  return {
    width: 340,
    height: { step: ROW_HEIGHT },
    layer: [
      {
        data: { values },
        mark: { type: "rule", color: muted, strokeWidth: 1.5 },
        encoding: {
          y,
          x: { field: "before", type: "quantitative", scale, title, axis },
          x2: { field: "after" },
        },
      },
      {
        data: { values: ends },
        name: "points",
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: {
          y,
          x: { field: "risk", type: "quantitative", scale, title, axis },
          color: {
            field: "when",
            type: "nominal",
            scale: { domain, range: [series[1] ?? muted, series[0] ?? muted] },
          },
          shape: {
            field: "when",
            type: "nominal",
            scale: { domain, range: ["square", "circle"] },
          },
        },
      },
    ],
  };
}
