/** Which ε buys which accuracy: points with their intervals, and the lines between which they lie. */
import type { TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, FIGURE_SHAPES, type FigureTheme } from "./figure-theme.ts";
import { logTicks } from "./log-ticks.ts";

/** A mean over seeds with its interval. */
export interface MeanAccuracy {
  readonly mean: number;
  /** Ends of the 95 % interval of the mean; the mean where there is none. */
  readonly low: number;
  readonly high: number;
  /** Seeds. */
  readonly n: number;
}

/** A point of the curve: one setting at one epsilon. */
export interface PlottedPoint extends MeanAccuracy {
  /** What tells curves apart: trust, algorithm, partition. One curve: the same text in each. */
  readonly setting: string;
  /** Spent, against whoever gets the model, of the raw table; null: no bound, and no place on the axis. */
  readonly epsilon: number | null;
  /** The same of the anonymized table. */
  readonly anonymized: number | null;
}

/** The same runs without noise, their clipping kept. */
export interface Twin extends MeanAccuracy {
  /** Whose it is; null: that of all curves. */
  readonly setting: string | null;
}

export interface AccuracyCurve {
  readonly title: string;
  readonly points: readonly PlottedPoint[];
  /** None: not run. */
  readonly twins: readonly Twin[];
  /** Held-out accuracy of always saying the most frequent class; null: not told. */
  readonly majority: number | null;
  /** δ, unit, adjacency, sampler, accountant and what else an epsilon is nothing without; a line each. */
  readonly caption: readonly string[];
}

type Layers = Extract<TopLevelSpec, { layer: unknown }>["layer"];

const SIZE = { width: 520, height: 320 };
/** Between two curves at the same ε, so that no bar hides another. */
const APART_PX = 5;

/** Straight lines between the points: nothing is smoothed. */
export function accuracyFigure(curve: AccuracyCurve, theme: FigureTheme): TopLevelSpec {
  const { title, caption } = curve;
  const settings = [...new Set(curve.points.map(({ setting }) => setting))];
  const values = placed(curve.points, settings);
  const marks = logTicks(values.map(({ epsilon }) => epsilon));
  const x = {
    field: "at",
    type: "quantitative",
    scale: { type: "log", nice: false, padding: 16 },
    title: "ε spent, against whoever gets the model (log scale)",
    // Fewer ticks than asked for, and a logarithmic axis leaves labels out.
    axis: { format: "~g", values: marks, tickCount: marks.length },
  } as const;
  const y = {
    type: "quantitative",
    title: "held-out accuracy",
    // An interval by Student's t knows nothing of where an accuracy ends; a picture does.
    scale: { domain: shares(curve), zero: false, nice: true, clamp: true },
    axis: { format: ".0%" },
  } as const;
  const told = {
    field: "setting",
    type: "nominal",
    legend: settings.length > 1 ? { columnPadding: 24 } : null,
  } as const;
  const colours = FIGURE_COLOURS[theme].series.slice(0, settings.length);
  const colour = { ...told, scale: { domain: settings, range: colours } };
  const shape = { ...told, scale: { domain: settings, range: FIGURE_SHAPES } };
  return {
    data: { values },
    ...SIZE,
    title: { text: title, subtitle: [...caption, ...howDrawn(curve)].flatMap(wrapped) },
    layer: [
      ...baselines(curve, settings, theme),
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

/** With a place each on the axis, some pixels beside its ε where there are several curves. */
function placed(points: readonly PlottedPoint[], settings: readonly string[]) {
  const values = points.flatMap(({ epsilon, ...point }) =>
    epsilon === null ? [] : [{ epsilon, ...point }],
  );
  const epsilons = values.map(({ epsilon }) => epsilon);
  const pixel = (Math.max(...epsilons) / Math.min(...epsilons)) ** (1 / SIZE.width);
  return values.map((point) => {
    const beside = settings.indexOf(point.setting) - (settings.length - 1) / 2;
    return { ...point, at: point.epsilon * pixel ** (APART_PX * beside) };
  });
}

/** Of all that is drawn, cut to what an accuracy can be. */
function shares({ points, twins, majority }: AccuracyCurve): [low: number, high: number] {
  const ends = [...points, ...twins].flatMap(({ low, high }) => [low, high]);
  const all = majority === null ? ends : [...ends, majority];
  return [Math.max(0, Math.min(...all)), Math.min(1, Math.max(...all))];
}

/** What a reader must know of the picture itself; a line each. */
export function howDrawn({ points, twins }: AccuracyCurve): string[] {
  const several = new Set(points.map(({ setting }) => setting)).size > 1;
  return [
    ...(several ? ["curves at the same ε stand side by side"] : []),
    ...(twins.some(({ setting }) => setting !== null)
      ? ["dashed, in a curve's colour: the same without noise, clipping kept"]
      : []),
  ];
}

/** Lines that are no wider than the plot: a wider one would widen the whole picture. */
function wrapped(text: string): string[] {
  return text.match(/.{1,70}(?:\s|$)/g)?.map((line) => line.trimEnd()) ?? [text];
}

/** What all curves have in common is named on the left, the most frequent class on the right: where no curve is. */
function baselines(
  { twins, majority }: AccuracyCurve,
  settings: readonly string[],
  theme: FigureTheme,
): Layers {
  const { muted, series } = FIGURE_COLOURS[theme];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const twinLayers = twins.flatMap(({ setting, mean, low, high }): Layers => {
    // Bands of several would hide each other.
    if (setting !== null) return [dashed(mean, series[settings.indexOf(setting)] ?? muted)];
    const says = `without noise, clipping kept ${percent(mean)}`;
    return [band(low, high, muted), dashed(mean, muted), label(Math.min(1, high), says, "left")];
  });
  if (majority === null) return twinLayers;
  const says = `always the most frequent class ${percent(majority)}`;
  return [...twinLayers, dashed(majority, muted), label(majority, says, "right")];
}

function dashed(at: number, color: string): Layers[number] {
  return {
    data: { values: [{ at }] },
    mark: { type: "rule", strokeDash: [5, 4], color },
    encoding: { y: { field: "at", type: "quantitative" } },
  };
}

function band(low: number, high: number, color: string): Layers[number] {
  return {
    data: { values: [{ low, high }] },
    mark: { type: "rect", color, opacity: 0.18 },
    encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
  };
}

/** Above the line on the left, below it on the right. */
function label(at: number, says: string, align: "left" | "right"): Layers[number] {
  const place = align === "left" ? { x: 4, dy: -8 } : { x: SIZE.width - 4, dy: 11 };
  return {
    data: { values: [{ at, says }] },
    mark: { type: "text", align, ...place },
    encoding: { y: { field: "at", type: "quantitative" }, text: { field: "says" } },
  };
}
