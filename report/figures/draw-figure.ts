/**
 * A Vega-Lite specification → SVG → PNG. The libraries are imported when the first figure is drawn:
 * together they take a quarter of a second.
 */
import type { Config, TopLevelSpec } from "vega-lite";
import { FIGURE_COLOURS, type FigureTheme } from "./figure-theme.ts";
import { parsedFigure } from "./parsed-figure.ts";

/** Pixels of a PNG for each of the SVG's: 300 dots an inch where the SVG is read at 100. */
const PRINT_SCALE = 3;
const FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";

/**
 * @param spec its data inline: nothing is fetched
 * @returns one `<svg>` element, every text in it escaped
 */
export async function svgFigure(spec: TopLevelSpec, theme: FigureTheme): Promise<string> {
  const { design, rows } = await parsedFigure(spec, configOf(theme));
  const { View } = await import("vega");
  const view = new View(design, { renderer: "none" });
  for (const [name, values] of rows) view.data(name, [...values]);
  return view.toSVG();
}

/** The same in pixels, three for each of the SVG's, on the theme's paper. */
export async function pngFigure(svg: string, theme: "light" | "dark"): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const drawn = new Resvg(svg, {
    background: FIGURE_COLOURS[theme].paper,
    fitTo: { mode: "zoom", value: PRINT_SCALE },
    font: { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" },
  });
  return drawn.render().asPng();
}

function configOf(theme: FigureTheme): Config {
  const { ink, muted, line, paper, series } = FIGURE_COLOURS[theme];
  return {
    // A page's own paper shows through.
    background: paper,
    font: FONT,
    padding: 8,
    // What a picture says is said once, in words, beside it.
    aria: false,
    view: { stroke: null },
    range: { category: [...series] },
    axis: {
      labelColor: muted,
      titleColor: ink,
      titleFontWeight: "normal",
      titleFontSize: 12,
      labelFontSize: 11,
      gridColor: line,
      domainColor: muted,
      tickColor: muted,
      tickCount: 5,
      titlePadding: 8,
    },
    axisX: { grid: false },
    axisY: { domain: false, ticks: false },
    legend: {
      labelColor: ink,
      titleColor: ink,
      orient: "top",
      title: null,
      labelFontSize: 12,
      labelLimit: 0,
    },
    title: {
      anchor: "start",
      color: ink,
      fontSize: 14,
      fontWeight: 600,
      subtitleColor: muted,
      subtitleFontSize: 11,
      subtitlePadding: 6,
      offset: 12,
    },
    text: { fill: muted, fontSize: 11 },
  };
}
