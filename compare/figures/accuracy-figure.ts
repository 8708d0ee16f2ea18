/** Which ε buys which accuracy: points with their intervals, and the lines between which they lie. */
import type { TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, FIGURE_SHAPES, type FigureTheme } from "./figure-theme.ts";

/** A mean over seeds with its interval. */
export interface MeanAccuracy {
  readonly mean: number;
  /** Ends of the 95 % interval of the mean. */
  readonly low: number;
  readonly high: number;
  /** Seeds. */
  readonly n: number;
}

/** A point of the curve: one setting at one epsilon. */
export interface PlottedPoint extends MeanAccuracy {
  /** What tells curves apart: trust, algorithm, partition. One curve: the same text in each. */
  readonly setting: string;
  /** Spent, against whoever gets the model; null: no bound, and no place on the axis. */
  readonly epsilon: number | null;
}

export interface AccuracyCurve {
  readonly title: string;
  readonly points: readonly PlottedPoint[];
  /** The same runs without noise; null: not run. */
  readonly twin: MeanAccuracy | null;
  /** Held-out accuracy of always saying the most frequent class; null: not told. */
  readonly majority: number | null;
  /** δ, unit, adjacency, sampler, accountant and what else an epsilon is nothing without; a line each. */
  readonly caption: readonly string[];
}

type Layers = Extract<TopLevelSpec, { layer: unknown }>["layer"];

const SIZE = { width: 520, height: 320 };

/** Straight lines between the points: nothing is smoothed. */
export function accuracyFigure(curve: AccuracyCurve, theme: FigureTheme): TopLevelSpec {
  const { points, title, caption } = curve;
  const values = points.flatMap(({ epsilon, ...point }) =>
    epsilon === null ? [] : [{ epsilon, ...point }],
  );
  const settings = [...new Set(values.map(({ setting }) => setting))];
  const colours = FIGURE_COLOURS[theme].series;
  const marks = ticks(values.map(({ epsilon }) => epsilon));
  const x = {
    field: "epsilon",
    type: "quantitative",
    scale: { type: "log", nice: false, padding: 16 },
    title: "ε spent, against whoever gets the model (log scale)",
    // Fewer ticks than asked for, and a logarithmic axis leaves labels out.
    axis: { format: "~g", values: marks, tickCount: marks.length },
  } as const;
  const y = {
    type: "quantitative",
    title: "held-out accuracy",
    scale: { zero: false },
    axis: { format: ".0%" },
  } as const;
  const told = {
    field: "setting",
    type: "nominal",
    legend: settings.length > 1 ? {} : null,
  } as const;
  const colour = { ...told, scale: { domain: settings, range: colours.slice(0, settings.length) } };
  const shape = { ...told, scale: { domain: settings, range: FIGURE_SHAPES } };
  return {
    data: { values },
    ...SIZE,
    title: { text: title, subtitle: caption.flatMap(wrapped) },
    layer: [
      ...baselines(curve, theme),
      {
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: { x, y: { field: "mean", ...y }, color: colour },
      },
      {
        name: "intervals",
        mark: { type: "rule", strokeWidth: 1.5 },
        encoding: { x, y: { field: "low", ...y }, y2: { field: "high" }, color: colour },
      },
      {
        name: "points",
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: { x, y: { field: "mean", ...y }, color: colour, shape },
      },
    ],
  };
}

/** Lines that are no wider than the plot: a wider one would widen the whole picture. */
function wrapped(text: string): string[] {
  return text.match(/.{1,70}(?:\s|$)/g)?.map((line) => line.trimEnd()) ?? [text];
}

/** The twin with its band, named on the left; the most frequent class, on the right: where no curve is. */
function baselines({ twin, majority }: AccuracyCurve, theme: FigureTheme): Layers {
  const { muted } = FIGURE_COLOURS[theme];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const line = (at: number): Layers[number] => ({
    data: { values: [{ at }] },
    mark: { type: "rule", strokeDash: [5, 4], color: muted },
    encoding: { y: { field: "at", type: "quantitative" } },
  });
  const band = ({ low, high }: MeanAccuracy): Layers[number] => ({
    data: { values: [{ low, high }] },
    mark: { type: "rect", color: muted, opacity: 0.18 },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
  });
  const name = (at: number, says: string, left: boolean): Layers[number] => ({
    data: { values: [{ at, says }] },
    mark: left
      ? { type: "text", align: "left", x: 4, dy: -8 }
      : { type: "text", align: "right", x: SIZE.width - 4, dy: 11 },
    encoding: { y: { field: "at", type: "quantitative" }, text: { field: "says" } },
  });
  return [
    ...(twin === null
      ? []
      : [
          ...[band(twin), line(twin.mean)],
          name(twin.high, `without noise ${percent(twin.mean)}`, true),
        ]),
    ...(majority === null
      ? []
      : [
          line(majority),
          name(majority, `always the most frequent class ${percent(majority)}`, false),
        ]),
  ];
}

/** 0.01, 0.03, 0.1 …: those within the curve, a little beyond its ends. */
function ticks(epsilons: readonly number[]): number[] {
  const [low, high] = [Math.min(...epsilons) / 1.1, Math.max(...epsilons) * 1.1];
  const decades = Array.from({ length: 9 }, (_, i) => 10 ** (i - 5));
  const marks = decades.flatMap((power) => [power, 3 * power]);
  return marks.filter((mark) => mark >= low && mark <= high);
}
