/** Loss or accuracy by round, over what has been spent so far. */
import type { TopLevelSpec } from "vega-lite";
import type { PublishedTrace } from "../../shared/events/published-trace.ts";
import type { RoundTrace, Trace } from "../../shared/events/trace.ts";
import { FIGURE_COLOURS, FIGURE_SHAPES, type FigureTheme } from "./figure-theme.ts";

export type Measure = "accuracy" | "r2" | "loss";

/** How each is named to a reader. */
export const MEASURE_NAMES: Record<Measure, string> = {
  accuracy: "accuracy",
  r2: "R²",
  loss: "loss",
};

/** Of that run: a target that is a number has R² in the place of accuracy. */
export function measuresOf({ start }: Pick<Trace, "start">): readonly Measure[] {
  return [start.accuracy === null ? "r2" : "accuracy", "loss"];
}

export interface RoundPoint {
  readonly series: "this run" | "published";
  /** 0 before the first round. */
  readonly round: number;
  /** Spent so far against whoever gets the model; null: no bound. */
  readonly epsilon: number | null;
  readonly value: number;
}

/** Rounds that were evaluated, the model before the first, and what was published beside them. */
export function roundPoints(
  { start, rounds }: Pick<Trace, "start" | "rounds">,
  published: PublishedTrace | null,
  measure: Measure,
): RoundPoint[] {
  const spent = rounds.map(({ epsilon }) => epsilon.modelRecipients);
  const first = spent.every((epsilon) => epsilon !== null) ? 0 : null;
  const own = rounds.flatMap((round, i): RoundPoint[] => {
    const value = figureOf(round, measure);
    if (value === null) return [];
    return [{ series: "this run", round: round.round + 1, epsilon: spent[i] ?? null, value }];
  });
  const beside = (measure === "r2" ? [] : (published?.[measure] ?? [])).map(
    (value, i): RoundPoint => {
      return { series: "published", round: i + 1, epsilon: spent[i] ?? null, value };
    },
  );
  const value = figureOf(start, measure);
  const before = { series: "this run", round: 0, epsilon: first } as const;
  return [...(value === null ? [] : [{ ...before, value }]), ...own, ...beside];
}

function figureOf(
  { loss, accuracy, errors }: Pick<RoundTrace, "loss" | "accuracy" | "errors">,
  measure: Measure,
): number | null {
  if (measure === "r2") return errors?.r2 ?? null;
  return measure === "loss" ? loss : accuracy;
}

/** Over ε where each round has a bound, else over rounds. */
export function roundsFigure(
  points: readonly RoundPoint[],
  measure: Measure,
  theme: FigureTheme,
): TopLevelSpec {
  const own = points.filter(({ series }) => series === "this run");
  const bounded = own.every(({ epsilon }) => epsilon !== null);
  const values = points.filter(({ epsilon }) => !bounded || epsilon !== null);
  const domain = [...new Set(values.map(({ series }) => series))];
  const x = {
    field: bounded ? "epsilon" : "round",
    type: "quantitative",
    title: bounded ? "ε spent so far (each mark is a round)" : "round",
    scale: { nice: false, padding: 12 },
    axis: { format: "~g" },
  } as const;
  const y = {
    field: "value",
    type: "quantitative",
    title: `held-out ${MEASURE_NAMES[measure]}`,
    scale: { zero: measure === "loss", ...(measure === "accuracy" && { padding: 8 }) },
    axis: measure === "accuracy" ? { format: ".0%" } : {},
  } as const;
  const series = {
    field: "series",
    type: "nominal",
    legend: domain.length > 1 ? {} : null,
  } as const;
  const color = { ...series, scale: { domain, range: FIGURE_COLOURS[theme].series.slice(0, 2) } };
  return {
    data: { values },
    width: 380,
    height: 220,
    encoding: { x, y, color, order: { field: "round", type: "quantitative" } },
    layer: [
      { mark: { type: "line", strokeWidth: 2 } },
      {
        name: "points",
        mark: { type: "point", filled: true, size: values.length > 60 ? 12 : 55, opacity: 1 },
        encoding: { shape: { ...series, scale: { domain, range: FIGURE_SHAPES.slice(0, 2) } } },
      },
    ],
  };
}
