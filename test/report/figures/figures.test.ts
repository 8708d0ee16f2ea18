import { describe, expect, it } from "vitest";
import {
  type AccuracyCurve,
  accuracyFigure,
  MOST_CURVES,
} from "../../../report/figures/accuracy-figure.ts";
import { labelsFigure, riskFigure } from "../../../report/figures/clients-figure.ts";
import { pngFigure, svgFigure } from "../../../report/figures/draw-figure.ts";
import { FIGURE_COLOURS } from "../../../report/figures/figure-theme.ts";
import { clippingFigure, signalFigure } from "../../../report/figures/norms-figure.ts";
import { roundPoints, roundsFigure } from "../../../report/figures/rounds-figure.ts";

const EPSILONS = [0.01, 0.03, 0.1, 0.3, 1];
const HOSTILE = "</text><script>alert(1)</script>";

/** Shapes in the group that a named layer draws. */
function marks(svg: string, layer: string): number {
  // A layer without marks is one closed tag.
  const group = /^[^>]*[^/]>(.*?)<\/g>/s.exec(svg.split(`role-mark ${layer}_marks`)[1] ?? "")?.[1];
  return group?.match(/<(path|line)/g)?.length ?? 0;
}

const curve = {
  title: "a title",
  points: ["central", "local"].flatMap((setting) => [
    ...EPSILONS.map((epsilon, i) => ({
      ...{
        setting,
        epsilon,
        anonymized: epsilon,
        mean: 0.5 + 0.1 * i,
        interval: [0.45 + 0.1 * i, 0.55 + 0.1 * i] as const,
        n: 5,
      },
    })),
    { setting, epsilon: null, anonymized: 3, mean: 0.9, interval: [0.89, 0.91] as const, n: 5 },
  ]),
  baselines: [{ setting: null, mean: 0.91, interval: [0.9, 0.92] as const, n: 5 }],
  majority: 0.52,
  caption: ["δ 1e-5, unit record", "exact Gaussian"],
};

describe("accuracyFigure", () => {
  it("has a point and an interval for each bounded ε, and both baselines by name", async () => {
    const svg = await svgFigure(accuracyFigure(curve, "light"), "light");
    expect(marks(svg, "points")).toBe(2 * EPSILONS.length);
    expect(marks(svg, "intervals")).toBe(2 * EPSILONS.length);
    for (const text of [
      "without noise, clipping kept 91.0 %",
      "class 52.0 %",
      "δ 1e-5, unit record",
      "0.03",
    ])
      expect(svg).toContain(text);
  });

  it("places ε evenly by its logarithm", async () => {
    const svg = await svgFigure(accuracyFigure(curve, "light"), "light");
    const group = svg.split("role-mark points_marks")[1]?.split("</g>")[0] ?? "";
    const xs = [...group.matchAll(/translate\(([\d.]+),/g)].map(([, x]) => Number(x));
    const [first = 0, , third = 0, , last = 0] = xs;
    // 0.01 to 0.1 is as far as 0.1 to 1.
    expect(third - first).toBeCloseTo(last - third, 1);
    expect(third - first).toBeGreaterThan(100);
  });

  it("keeps curves at the same ε apart, each by a few pixels of where that ε is", async () => {
    const svg = await svgFigure(accuracyFigure(curve, "light"), "light");
    const group = svg.split("role-mark points_marks")[1]?.split("</g>")[0] ?? "";
    const xs = [...group.matchAll(/translate\(([\d.]+),/g)].map(([, x]) => Number(x));
    const [central = [], local = []] = [xs.slice(0, EPSILONS.length), xs.slice(EPSILONS.length)];
    for (const [i, x] of central.entries()) {
      expect((local[i] ?? 0) - x).toBeGreaterThan(4);
      expect((local[i] ?? 0) - x).toBeLessThan(6);
    }
    expect(svg).toContain("side by side");
  });

  it("cuts an interval to what an accuracy can be", async () => {
    const points = [
      {
        ...curve.points[0],
        setting: "x",
        epsilon: 1,
        anonymized: 1,
        mean: 0.6,
        interval: [-0.4, 1.6] as const,
        n: 2,
      },
    ];
    const svg = await svgFigure(accuracyFigure({ ...curve, points }, "light"), "light");
    expect(svg).toContain(">100%<");
    expect(svg).not.toMatch(/>(1[1-9]\d|[2-9]\d\d|[-−]\d+)%</);
  });

  it("begins its axis where the accuracies are", async () => {
    const svg = await svgFigure(accuracyFigure(curve, "light"), "light");
    const marks = [...svg.matchAll(/>(\d+)%</g)].map(([, percent]) => Number(percent));
    // The lowest interval begins at 45 %.
    expect(Math.min(...marks)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...marks)).toBeGreaterThanOrEqual(90);
  });

  it("draws each curve's own twin in its colour, where they have not the same", async () => {
    const twin = { mean: 0.8, interval: [0.7, 0.9] as const, n: 5 };
    const baselines = ["central", "local"].map((setting) => ({ setting, ...twin }));
    const svg = await svgFigure(accuracyFigure({ ...curve, baselines }, "light"), "light");
    const dashed = svg.match(/<line[^>]*stroke-dasharray[^>]*>/g) ?? [];
    const [blue, orange] = FIGURE_COLOURS.light.series;
    for (const colour of [blue, orange])
      expect(dashed.filter((line) => line.includes(`"${colour}"`))).toHaveLength(1);
    expect(svg).not.toContain("clipping kept 8");
    expect(svg).toContain("dashed, a curve");
  });

  it("draws without twin or majority, and names no curve where there is one", async () => {
    const points = curve.points.filter(({ setting }) => setting === "central");
    const spec = accuracyFigure({ ...curve, points, baselines: [], majority: null }, "dark");
    const svg = await svgFigure(spec, "dark");
    expect(marks(svg, "points")).toBe(EPSILONS.length);
    expect(svg).not.toContain("without noise");
    expect(svg).not.toContain("role-legend");
  });
});

describe("accuracyFigure at its edges", () => {
  const drawn = async (more: Partial<AccuracyCurve>) =>
    svgFigure(accuracyFigure({ ...curve, baselines: [], ...more }, "light"), "light");
  const point = (setting: string, epsilon: number, n = 5) => ({
    ...{ setting, epsilon, anonymized: epsilon, mean: 0.7, n },
    interval: n === 1 ? null : ([0.6, 0.8] as const),
  });
  /** Places of a layer's marks, from the left, and what each looks like. */
  const places = (svg: string) => {
    const group = svg.split("role-mark points_marks")[1]?.split("</g>")[0] ?? "";
    return [...group.matchAll(/translate\(([\d.]+),[^>]* d="([^"]*)" fill="([^"]*)"/g)].map(
      ([, x, path, colour]) => ({ x: Number(x), look: `${colour} ${path}` }),
    );
  };

  it("draws one seed as a point: no interval, no band, also between points that have one", async () => {
    const one = await drawn({
      points: [point("a", 0.1, 1), point("a", 1, 1)],
      baselines: [{ setting: null, mean: 0.75, interval: null, n: 1 }],
    });
    expect(marks(one, "points")).toBe(2);
    expect(marks(one, "intervals")).toBe(0);
    expect(one).not.toContain("mark-rect");
    expect(one).toContain("without noise, clipping kept 75.0 %");
    const mixed = await drawn({ points: [point("a", 0.1, 1), point("a", 1)] });
    expect(marks(mixed, "points")).toBe(2);
    expect(marks(mixed, "intervals")).toBe(1);
  });

  it("gives as many curves as it takes a look of their own each, and its legend the width of the plot", async () => {
    const names = Array.from({ length: MOST_CURVES }, (_, i) => `k${i}`);
    const svg = await drawn({ points: names.map((name) => point(name, 1)) });
    expect(new Set(places(svg).map(({ look }) => look)).size).toBe(MOST_CURVES);
    // The legend is no wider than the plot and its axis, which are 600 pixels.
    const few = await drawn({ points: [point("k0", 1)] });
    const width = (drawing: string) => Number(/width="(\d+)"/.exec(drawing)?.[1]);
    expect(width(svg)).toBeLessThan(width(few) + 20);
  });

  it("ends each curve's twin in its mark, beyond the sixth too", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `k${i}`);
    const baselines = names.map((setting) => ({ ...point(setting, 1), setting }));
    const svg = await drawn({ points: names.map((name) => point(name, 1)), baselines });
    const looks = names.map((_, i) => {
      const group = svg.split(`role-mark twin_${i}_marks`)[1]?.split("</g>")[0] ?? "";
      return /d="([^"]*)"[^>]* stroke="([^"]*)"/.exec(group)?.slice(1).join(" ");
    });
    expect(new Set(looks).size).toBe(8);
    expect(looks[6]).toContain(FIGURE_COLOURS.light.series[0]);
    expect(looks.join()).not.toContain(FIGURE_COLOURS.light.muted);
  });

  it("sets curves side by side where all have the same ε, in the middle and near it", async () => {
    const xs = places(await drawn({ points: ["a", "b", "c"].map((name) => point(name, 1)) })).map(
      ({ x }) => x,
    );
    const [first = 0, second = 0, third = 0] = xs;
    for (const apart of [second - first, third - second]) {
      expect(apart).toBeGreaterThan(4);
      expect(apart).toBeLessThan(6);
    }
    expect(second).toBeGreaterThan(200);
    expect(second).toBeLessThan(320);
  });
});

describe("roundsFigure", () => {
  const epsilon = (spent: number | null) => ({
    ...{ modelRecipients: spent, otherClients: spent, coordinator: null },
  });
  const round = (i: number, spent: number | null, value: number | null) => ({
    ...{ round: i, attempts: 1, loss: value, accuracy: value, epsilon: epsilon(spent) },
    modelHash: "",
  });
  const start = { loss: 0.7, accuracy: 0.5 };

  it("marks the start, each evaluated round and each published one", async () => {
    const rounds = [round(0, 0.4, 0.6), round(1, 0.7, null), round(2, 1, 0.8)];
    const published = { loss: [1, 2, 3], accuracy: [0.1, 0.2, 0.3] };
    const points = roundPoints({ start, rounds }, published, "accuracy");
    expect(points.map(({ epsilon: spent }) => spent)).toEqual([0, 0.4, 1, 0.4, 0.7, 1]);
    const svg = await svgFigure(roundsFigure(points, "accuracy", "light"), "light");
    expect(marks(svg, "points")).toBe(6);
    expect(svg).toContain("ε spent so far");
  });

  it("goes by rounds where there is no ε", async () => {
    const points = roundPoints({ start, rounds: [round(0, null, 0.6)] }, null, "loss");
    expect(points).toEqual([
      { series: "this run", round: 0, epsilon: null, value: 0.7 },
      { series: "this run", round: 1, epsilon: null, value: 0.6 },
    ]);
    const svg = await svgFigure(roundsFigure(points, "loss", "light"), "light");
    expect(marks(svg, "points")).toBe(2);
    expect(svg).not.toContain("ε spent");
  });
});

describe("what is told of public rows", () => {
  const measured = [0, 1, 2].map((i) => ({
    ...{ round: i, clipNorm: 2, medianNorm: i === 1 ? null : 1, clippedShare: 0.1 },
    ...{ updateNorm: 0.4, noiseNorm: 0.2 },
  }));

  it("leaves out a norm that is not there, and noise that is none", async () => {
    const clipping = await svgFigure(clippingFigure(measured, "light"), "light");
    expect(marks(clipping, "points")).toBe(2 + 3);
    const signal = await svgFigure(signalFigure(measured, "light"), "light");
    expect(marks(signal, "points")).toBe(3 + 3);
    const quiet = measured.map((round) => ({ ...round, noiseNorm: 0 }));
    expect(marks(await svgFigure(signalFigure(quiet, "light"), "light"), "points")).toBe(3);
  });

  it("has a bar a client and class, and two ends a client", async () => {
    const clients = ["a", "b"].map((client) => ({ client, counts: [3, 4, 5] }));
    const bars = await svgFigure(labelsFigure(clients, ["x", "y", "z"], "light"), "light");
    expect(bars.match(/<path[^>]*fill="#(0072b2|d55e00|009e73)"/g)?.length).toBeGreaterThanOrEqual(
      6,
    );
    const risks = ["a", "b", "c"].map((client) => ({ client, before: 0.9, after: 0.1 }));
    expect(marks(await svgFigure(riskFigure(risks, "light"), "light"), "points")).toBe(6);
  });
});

describe("svgFigure", () => {
  it("takes each theme's colours, and the page's variables", async () => {
    for (const theme of ["light", "dark", "page"] as const) {
      const svg = await svgFigure(accuracyFigure(curve, theme), theme);
      const { series, ink } = FIGURE_COLOURS[theme];
      expect(svg).toContain(`"${series[0]}"`);
      expect(svg).toContain(`"${ink}"`);
    }
  });

  it("escapes every text", async () => {
    const points = curve.points.map((point) => ({ ...point, setting: HOSTILE + point.setting }));
    const svg = await svgFigure(
      accuracyFigure({ ...curve, points, title: HOSTILE, caption: [HOSTILE] }, "light"),
      "light",
    );
    expect(svg).not.toContain("<script>");
    expect(svg.match(/^<svg[^>]*>/)).toHaveLength(1);
  });
});

it("makes a PNG three times as large", async () => {
  const svg = await svgFigure(accuracyFigure(curve, "light"), "light");
  const png = Buffer.from(await pngFigure(svg, "light"));
  expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
  const width = Number(/width="(\d+)"/.exec(svg)?.[1]);
  expect(png.readUInt32BE(16)).toBe(3 * width);
});
