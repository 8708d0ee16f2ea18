/** Colours of figures: the palette of Okabe & Ito (2008), told apart by the colour-blind. */

/** `page`: variables that the report's style sheet sets, so that one drawing does for light and dark. */
export type FigureTheme = "light" | "dark" | "page";

export interface FigureColours {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly paper: string;
  /** In the order in which series take them. */
  readonly series: readonly string[];
}

export const FIGURE_COLOURS: Readonly<Record<FigureTheme, FigureColours>> = {
  light: {
    ink: "#1a1c20",
    muted: "#5b616b",
    line: "#e4e6ea",
    paper: "#ffffff",
    series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
  },
  dark: {
    ink: "#e8eaed",
    muted: "#a3abb6",
    line: "#2b3038",
    paper: "#14171b",
    series: ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#f0e442"],
  },
  page: {
    ink: "var(--ink)",
    muted: "var(--muted)",
    line: "var(--line)",
    paper: "transparent",
    series: Array.from({ length: 6 }, (_, i) => `var(--series-${i + 1})`),
  },
};

/** Shapes that tell the same series apart in grey. */
export const FIGURE_SHAPES = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "cross",
  "triangle-down",
];
