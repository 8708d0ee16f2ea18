/** What clip norm and noise meet, by round: of generated and public rows, from a dry run alone. */
import type { TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, FIGURE_SHAPES, type FigureTheme } from "./figure-theme.ts";
import { logTicks } from "./log-ticks.ts";

/** One round of a dry run, L2 norms in model units. */
export interface MeasuredRound {
  /** From 0. */
  readonly round: number;
  readonly clipNorm: number;
  /** Of one unit before clipping; null where there was none, or it was not finite. */
  readonly medianNorm: number | null;
  /** Share of the units longer than the clip norm. */
  readonly clippedShare: number | null;
  /** Of the mean update. */
  readonly updateNorm: number;
  /** Root mean square, of the noise on the mean update. */
  readonly noiseNorm: number;
}

interface Line {
  readonly name: string;
  readonly at: (round: MeasuredRound) => number | null;
}

/** A unit's length before clipping beside the length to which it is cut. */
export function clippingFigure(rounds: readonly MeasuredRound[], theme: FigureTheme): TopLevelSpec {
  const lines: Line[] = [
    { name: "median unit, before clipping", at: ({ medianNorm }) => medianNorm },
    { name: "clip norm", at: ({ clipNorm }) => clipNorm },
  ];
  return linesFigure(rounds, lines, { title: "L2 norm", log: false }, theme);
}

/** The mean update beside the noise on it. */
export function signalFigure(rounds: readonly MeasuredRound[], theme: FigureTheme): TopLevelSpec {
  const noised = rounds.some(({ noiseNorm }) => noiseNorm > 0);
  const lines: Line[] = [
    { name: "signal: the mean update", at: ({ updateNorm }) => updateNorm },
    ...(noised ? [{ name: "noise on it", at: ({ noiseNorm }: MeasuredRound) => noiseNorm }] : []),
  ];
  return linesFigure(rounds, lines, { title: "L2 norm (log scale)", log: true }, theme);
}

function linesFigure(
  rounds: readonly MeasuredRound[],
  lines: readonly Line[],
  { title, log }: { readonly title: string; readonly log: boolean },
  theme: FigureTheme,
): TopLevelSpec {
  const values = lines.flatMap(({ name, at }) =>
    rounds.flatMap((round) => {
      const value = at(round);
      return value === null || (log && !(value > 0))
        ? []
        : [{ series: name, round: round.round + 1, value }];
    }),
  );
  const marks = logTicks(values.map(({ value }) => value));
  const domain = lines.map(({ name }) => name);
  const series = { field: "series", type: "nominal" } as const;
  return {
    data: { values },
    width: 380,
    height: 220,
    encoding: {
      x: {
        field: "round",
        type: "quantitative",
        title: "round",
        scale: { zero: false, nice: false, padding: 12 },
        axis: { tickMinStep: 1, format: "d", tickCount: Math.min(rounds.length, 10) },
      },
      y: {
        field: "value",
        type: "quantitative",
        title,
        scale: log ? { type: "log", nice: false, padding: 12 } : {},
        axis: { format: "~g", ...(log && { values: marks, tickCount: marks.length }) },
      },
      color: { ...series, scale: { domain, range: FIGURE_COLOURS[theme].series.slice(0, 2) } },
    },
    layer: [
      { mark: { type: "line", strokeWidth: 2 } },
      {
        name: "points",
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: { shape: { ...series, scale: { domain, range: FIGURE_SHAPES.slice(0, 2) } } },
      },
    ],
  };
}
