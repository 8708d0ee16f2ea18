/** Which ε buys which accuracy: points with their intervals, and the lines between which they lie. */
import type { TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, FIGURE_SHAPES, type FigureTheme } from "./figure-theme.ts";
import { logTicks } from "./log-ticks.ts";

/** A mean over seeds with its interval. */
export interface MeanAccuracy {
  readonly mean: number;
  /** 95 %, of the mean; null for one seed, which tells of no spread. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Seeds. */
  readonly n: number;
}

/** A point of the curve: one setting at one epsilon. */
interface PlottedPoint extends MeanAccuracy {
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
  readonly baselines: readonly Twin[];
  /** Held-out accuracy of always saying the most frequent class; null: not told. */
  readonly majority: number | null;
  /** Where the target is a number: what stands in the place of accuracies; 0 is then the mean's. */
  readonly measure?: "R²";
  /** δ, unit, adjacency, sampler, accountant and what else an epsilon is nothing without; a line each. */
  readonly caption: readonly string[];
}

type Layers = Extract<TopLevelSpec, { layer: unknown }>["layer"];

const SIZE = { width: 520, height: 320 };
/** Between two curves at the same ε, so that no bar hides another. */
const APART_PX = 5;
/** Between the marks of two curves on their baselines' lines. */
const TWIN_APART_PX = 12;
/** From the smallest ε of the axis to the largest, at least: a decade. */
const LEAST_RATIO = 10;
/** More cannot be told apart: each colour comes twice, the second time with another shape. */
export const MOST_CURVES = 12;
/** A legend's mark and what is around it, and a letter: as wide as most. */
const LEGEND_PX = { mark: 54, letter: 7 };
/** Of the accuracy axis, below the lowest line: what stands under it there. */
const ROOM_BELOW = 0.06;

/** Straight lines between the points: nothing is smoothed. No more curves than `MOST_CURVES`. */
export function accuracyFigure(curve: AccuracyCurve, theme: FigureTheme): TopLevelSpec {
  const { title, caption } = curve;
  const settings = settingsOf(curve);
  const { values, marks, domain } = placed(curve.points, settings);
  const x = {
    field: "at",
    type: "quantitative",
    scale: { type: "log", domain, nice: false, padding: 16 },
    title: "ε spent, against whoever gets the model (log scale)",
    // Fewer ticks than asked for, and a logarithmic axis leaves labels out.
    axis: { format: "~g", values: marks, tickCount: marks.length },
  } as const;
  const y = {
    type: "quantitative",
    title: `held-out ${curve.measure ?? "accuracy"}`,
    // An interval by Student's t knows nothing of where an accuracy ends; a picture does.
    scale: { domain: shares(curve), zero: false, nice: true, clamp: true },
    axis: { format: ".0%" },
  } as const;
  const told = {
    field: "setting",
    type: "nominal",
    legend: settings.length > 1 ? { columnPadding: 24, columns: legendColumns(settings) } : null,
  } as const;
  const looks = settings.map((_, i) => lookOf(i, theme));
  const colour = { ...told, scale: { domain: settings, range: looks.map(({ color }) => color) } };
  const shape = { ...told, scale: { domain: settings, range: looks.map((look) => look.shape) } };
  return {
    data: { values },
    ...SIZE,
    title: { text: title, subtitle: [...caption, ...howDrawn(curve)].flatMap(wrapped) },
    layer: [
      ...referenceLines(curve, settings, theme),
      {
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: { x, y: { field: "mean", ...y }, color: colour },
      },
      {
        name: "intervals",
        data: { values: values.filter(({ low }) => low !== undefined) },
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

function settingsOf({ points }: Pick<AccuracyCurve, "points">): string[] {
  return [...new Set(points.map(({ setting }) => setting))];
}

/** As many as the plot is wide: a wider legend would widen the whole picture. */
function legendColumns(settings: readonly string[]): number {
  const longest = Math.max(...settings.map(({ length }) => length));
  const each = LEGEND_PX.mark + LEGEND_PX.letter * longest;
  return Math.max(1, Math.floor(SIZE.width / each));
}

/** Of the curve of that number, from 0: where its colour was there before, its shape was not. */
function lookOf(curve: number, theme: FigureTheme): { color: string; shape: string } {
  const { series, muted } = FIGURE_COLOURS[theme];
  const before = Math.floor(curve / series.length);
  return {
    color: series[curve % series.length] ?? muted,
    shape: FIGURE_SHAPES[(curve + before) % FIGURE_SHAPES.length] ?? "circle",
  };
}

/**
 * With a place each on the axis, some pixels beside its ε where there are several curves; where the axis is
 * labelled, and its ends.
 */
function placed(points: readonly PlottedPoint[], settings: readonly string[]) {
  const values = points.flatMap(({ epsilon, interval, ...point }) =>
    epsilon === null ? [] : [{ ...point, epsilon, low: interval?.[0], high: interval?.[1] }],
  );
  const span = widened(values.map(({ epsilon }) => epsilon));
  const pixel = (span[1] / span[0]) ** (1 / SIZE.width);
  const beside = values.map((point) => {
    const steps = settings.indexOf(point.setting) - (settings.length - 1) / 2;
    return { ...point, at: point.epsilon * pixel ** (APART_PX * steps) };
  });
  const marks = logTicks(span);
  const all = [...span, ...marks, ...beside.map(({ at }) => at)];
  return { values: beside, marks, domain: [Math.min(...all), Math.max(...all)] };
}

/** Where all ε are alike, or one, they stand in the middle. */
function widened(epsilons: readonly number[]): [low: number, high: number] {
  const [low, high] = [Math.min(...epsilons), Math.max(...epsilons)];
  const missing = Math.max(1, Math.sqrt(LEAST_RATIO / (high / low)));
  return [low / missing, high * missing];
}

/** Of all that is drawn, and of the words under the line of the most frequent class; cut to what an accuracy can be. */
function shares({ points, baselines, majority }: AccuracyCurve): [low: number, high: number] {
  const ends = [...points, ...baselines].flatMap(({ mean, interval }) => [
    mean,
    ...(interval ?? []),
  ]);
  const [low, high] = [Math.min(...ends), Math.min(1, Math.max(...ends))];
  const below = majority === null ? low : Math.min(low, majority - ROOM_BELOW * (high - majority));
  return [Math.max(0, below), Math.max(high, majority ?? 0)];
}

/** What a reader must know of the picture itself; a line each. */
export function howDrawn({ points, baselines }: AccuracyCurve): string[] {
  const several = settingsOf({ points }).length > 1;
  return [
    ...(several ? ["curves at the same ε stand side by side"] : []),
    ...(baselines.some(({ setting }) => setting !== null)
      ? ["dashed, a curve's mark hollow on it: the same without noise, clipping kept"]
      : []),
  ];
}

/** Lines that are no wider than the plot: a wider one would widen the whole picture. */
function wrapped(text: string): string[] {
  return text.match(/.{1,70}(?:\s|$)/g)?.map((line) => line.trimEnd()) ?? [text];
}

/** What all curves have in common is named on the left, the most frequent class on the right: where no curve is. */
function referenceLines(
  { baselines, majority, measure }: AccuracyCurve,
  settings: readonly string[],
  theme: FigureTheme,
): Layers {
  const { muted } = FIGURE_COLOURS[theme];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const baselineLayers = baselines.flatMap(({ setting, mean, interval }): Layers => {
    // Bands of several would hide each other.
    if (setting !== null) return ownTwin(mean, settings.indexOf(setting), theme);
    const says = `without noise, clipping kept ${percent(mean)}`;
    return [
      ...(interval ? [band(...interval, muted)] : []),
      dashed(mean, muted),
      label(Math.min(1, interval?.[1] ?? mean), says, "left"),
    ];
  });
  if (majority === null) return baselineLayers;
  const always = measure ? "their mean" : "the most frequent class";
  const says = `always ${always} ${percent(majority)}`;
  return [...baselineLayers, dashed(majority, muted), label(majority, says, "right")];
}

/** Marked as its curve is: baselines that are alike lie on one line. */
function ownTwin(at: number, curve: number, theme: FigureTheme): Layers {
  const { color, shape } = lookOf(curve, theme);
  return [
    dashed(at, color),
    {
      data: { values: [{ at }] },
      name: `twin-${curve}`,
      mark: { type: "point", filled: false, size: 60, opacity: 1, color, shape },
      encoding: {
        y: { field: "at", type: "quantitative" },
        // On the left, where the curve itself is lower.
        x: { value: TWIN_APART_PX * (curve + 0.5) },
      },
    },
  ];
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
