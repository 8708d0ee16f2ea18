/** What masks hide: the words of one masked update beside those of the sum that it went into. */
import type { TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, type FigureTheme } from "./figure-theme.ts";

/** Bins of equal width over all values of 32 bits. */
const BINS = 32;
const BIN_WIDTH = 2 ** 32 / BINS;

export interface MaskedWords {
  /** From 0. */
  readonly round: number;
  /** Place in the cohort of the client whose update it was. */
  readonly client: number;
  readonly words: number;
  /** Words in each bin, from −2^31 on. */
  readonly masked: readonly number[];
  readonly sum: readonly number[];
}

/** @param words read as signed */
export function histogramOf(words: Int32Array): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const word of words) {
    const bin = Math.floor((word + 2 ** 31) / BIN_WIDTH);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

export function masksFigure({ masked, sum }: MaskedWords, theme: FigureTheme): TopLevelSpec {
  const what = ["one masked update", "the opened sum"] as const;
  const values = [masked, sum].flatMap((counts, i) =>
    counts.map((count, bin) => ({ what: what[i] ?? "", from: middleOf(bin), count })),
  );
  const colour = {
    field: "what",
    type: "nominal",
    scale: { domain: [...what], range: FIGURE_COLOURS[theme].series.slice(0, 2) },
    legend: null,
  } as const;
  return {
    data: { values },
    facet: {
      column: {
        field: "what",
        type: "nominal",
        title: null,
        sort: [...what],
        header: { labelColor: FIGURE_COLOURS[theme].ink, labelFontSize: 12 },
      },
    },
    spec: {
      width: 260,
      height: 160,
      mark: { type: "bar", width: 6 },
      name: "bars",
      encoding: {
        x: {
          field: "from",
          type: "quantitative",
          title: "value of a number, in millions",
          scale: { domain: [-2_200, 2_200] },
        },
        y: { field: "count", type: "quantitative", title: "numbers" },
        color: colour,
      },
    },
  };
}

/** In millions. */
export function middleOf(bin: number): number {
  return (-(2 ** 31) + (bin + 0.5) * BIN_WIDTH) / 1e6;
}
