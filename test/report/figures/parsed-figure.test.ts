import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, it } from "vitest";
import { accuracyFigure } from "../../../report/figures/accuracy-figure.ts";
import { svgFigure } from "../../../report/figures/draw-figure.ts";
import { parsedFigure } from "../../../report/figures/parsed-figure.ts";
import { roundsFigure } from "../../../report/figures/rounds-figure.ts";

const CONFIG = { background: "#fff" };

/** As Vega-Lite draws it with its rows inline. */
const plainly = (spec: TopLevelSpec) =>
  new View(parse(compile(spec, { config: CONFIG }).spec), { renderer: "none" }).toSVG();

async function drawn(spec: TopLevelSpec): Promise<string> {
  const { design, rows } = await parsedFigure(spec, CONFIG);
  const view = new View(design, { renderer: "none" });
  for (const [name, values] of rows) view.data(name, [...values]);
  return view.toSVG();
}

const rounds = (phase: number) =>
  roundsFigure(
    Array.from({ length: 9 }, (_, i) => {
      const value = 0.5 + 0.4 * Math.sin(i * phase);
      return { series: "this run", round: i, epsilon: i / 9, value } as const;
    }),
    "accuracy",
    "light",
  );

const curve = (mean: number) =>
  accuracyFigure(
    {
      title: "a title",
      points: [0.1, 1].map((epsilon) => {
        const interval = [mean - 0.1, mean + 0.1 * epsilon] as const;
        return { setting: "central", epsilon, anonymized: epsilon, mean, interval, n: 5 };
      }),
      baselines: [{ setting: null, mean: 0.91, interval: [0.9, 0.92] as const, n: 5 }],
      majority: 0.52,
      caption: [],
    },
    "light",
  );

describe("parsedFigure", () => {
  it.each([
    ["one list of rows", [rounds(1), rounds(2), rounds(3)]],
    ["several", [curve(0.6), curve(0.7), curve(0.6)]],
  ])("draws what its rows give inline, one design after another: %s", async (_, specs) => {
    const plain = await Promise.all(specs.map(plainly));
    expect(new Set(plain).size).toBeGreaterThan(1);
    for (const [i, spec] of specs.entries()) expect(await drawn(spec)).toBe(plain[i]);
  });

  it("compiles a design once, whatever its rows, and another for itself", async () => {
    const [first, second] = await Promise.all(
      [rounds(1), rounds(2)].map((spec) => parsedFigure(spec, CONFIG)),
    );
    const again = await parsedFigure(rounds(3), CONFIG);
    expect(again.design).toBe(second?.design);
    expect(first?.rows.get("rows0")).not.toEqual(second?.rows.get("rows0"));
    const dark = await parsedFigure(rounds(1), { background: "#000" });
    expect(dark.design).not.toBe(again.design);
    const wide = await parsedFigure({ ...rounds(1), width: 500 } as TopLevelSpec, CONFIG);
    expect(wide.design).not.toBe(again.design);
  });

  it("forgets the designs that are longest unused", async () => {
    const of = (width: number) => parsedFigure({ ...rounds(1), width } as TopLevelSpec, CONFIG);
    const [used, unused] = [await of(1), await of(2)];
    for (let width = 10; width < 73; width++) {
      await of(width);
      await of(1);
    }
    expect((await of(1)).design).toBe(used.design);
    expect((await of(2)).design).not.toBe(unused.design);
  });

  it("leaves what it is given as it was", async () => {
    const spec = rounds(1);
    const before = JSON.stringify(spec);
    await svgFigure(spec, "light");
    expect(JSON.stringify(spec)).toBe(before);
  });
});
