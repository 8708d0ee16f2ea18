/** Results as curves, and curves as a table and as a picture of lines. */
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { curvesOf } from "../../compare/curve.ts";
import { curveCsv } from "../../compare/curve-csv.ts";
import { terminalCurve } from "../../compare/terminal-curve.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { doneResult, RESULTS } from "../support/sweep-results.ts";

const curves = curvesOf(RESULTS, (curve) => stream(seededRoot(1), "bootstrap", curve));

describe("curves", () => {
  it("are one a trust, each by ε spent, with the twin that both share", () => {
    expect(curves.map(({ setting }) => setting["privacy.trust"])).toEqual(["central", "local"]);
    const spent = curves.map(({ points }) => points.map((point) => point.epsilon.modelRecipients));
    expect(spent).toEqual([
      [0.099, 0.99],
      [0.0999, 0.999],
    ]);
    for (const { twin: baseline } of curves) expect(baseline?.accuracy.mean).toBeCloseTo(0.865, 12);
  });

  it("have means over seeds, and what the noise costs in pairs", () => {
    const [central] = curves;
    expect(central?.points[0]?.accuracy.mean).toBeCloseTo(0.7, 12);
    expect(central?.points[0]?.accuracy.sd).toBeCloseTo(0.02, 12);
    expect(central?.points[1]?.lost?.mean).toBeCloseTo(0.005, 12);
    // In pairs, luck cancels; of the means alone it would be ± 2.5 points.
    expect(central?.points[1]?.lost?.sd).toBeCloseTo(0, 12);
    expect(curves.map(({ enough }) => enough?.epsilon)).toEqual([0.99, Infinity]);
    expect(central?.majority).toBeCloseTo(0.55, 12);
  });

  it("have no bound where one run has none", () => {
    expect(curves[0]?.points[0]?.epsilon.coordinator).toBeNull();
  });

  it("keep a twin for each setting of everything else", () => {
    const clips = [1, 2].flatMap((clip) => [
      doneResult({ "training.clipNorm": clip, "privacy.epsilon": 1 }, 7, 0.8, 1),
      doneResult({ "training.clipNorm": clip, "privacy.trust": "none" }, 7, 0.8 + clip / 100, null),
    ]);
    const baselines = curvesOf(clips, () => stream(seededRoot(1), "bootstrap")).map(
      ({ twin: baseline }) => baseline?.setting["training.clipNorm"],
    );
    expect(baselines).toEqual([1, 2]);
  });

  it("are the baselines alone where nothing else ran, and none of nothing", () => {
    const random = () => stream(seededRoot(1), "bootstrap");
    const baselines = RESULTS.filter(({ epsilon }) => epsilon.modelRecipients === null);
    expect(
      curvesOf(baselines, random).map(({ points, twin: baseline }) => [
        points.length,
        baseline?.accuracy.n,
      ]),
    ).toEqual([[0, 3]]);
    expect(curvesOf([], random)).toEqual([]);
  });
});

describe("against the raw table", () => {
  const random = () => stream(seededRoot(1), "bootstrap");
  /** @param raw of an ε of the anonymized table */
  const results = (raw: (epsilon: number) => number | null) =>
    [7, 8].flatMap((seed) => [
      ...[1, 0.1].map((epsilon) => ({
        ...doneResult({ "privacy.epsilon": epsilon }, seed, 0.8, raw(epsilon)),
        ...{ anonymized: epsilon, noiseMultiplier: 4 / epsilon },
      })),
      doneResult({ "privacy.trust": "none" }, seed, 0.805, null),
    ]);

  it("is what group privacy makes of it, everywhere", () => {
    const suppressed = curvesOf(
      results((epsilon) => 5 * epsilon),
      random,
    );
    expect(suppressed[0]?.points.map((point) => point.epsilon.modelRecipients)).toEqual([0.5, 5]);
    expect(suppressed[0]?.enough?.epsilon).toBe(0.5);
    const [row = ""] = terminalCurve(suppressed, false);
    expect(row).toContain("ε 0.500 ");
    const csv = curveCsv(suppressed, { name: "", murmur: "" });
    const [first] = parse<Record<string, string>>(csv, { columns: true });
    expect([first?.epsilon, first?.epsilonAnonymized]).toEqual(["0.5", "0.1"]);
  });

  it("is none where rows decide of others: noised all the same, and no twin", () => {
    const recoded = curvesOf(
      results(() => null),
      random,
    );
    expect(recoded).toHaveLength(1);
    expect(recoded[0]?.points.map(({ anonymized }) => anonymized)).toEqual([0.1, 1]);
    expect(recoded[0]?.twin?.accuracy.mean).toBeCloseTo(0.805, 12);
    expect(recoded[0]?.enough).toBeNull();
    const lines = terminalCurve(recoded, false);
    expect(lines[0]).toContain("ε ∞ (anonymized 0.100)");
    expect(lines[2]).toContain("no noise");
    expect(new Set(lines.slice(0, 3).map((line) => line.search(/ [●│┊]/) > 20)).size).toBe(1);
    const csv = curveCsv(recoded, { name: "", murmur: "" });
    const [first] = parse<Record<string, string>>(csv, { columns: true });
    expect([first?.epsilon, first?.epsilonAnonymized]).toEqual(["", "0.1"]);
  });
});

describe("curve.csv", () => {
  const rows: Record<string, string>[] = parse(
    curveCsv(curves, { name: "a scenario", murmur: "1.2.3" }),
    { columns: true },
  );

  it("has a row a setting and ε, and the twin's, whose ε is empty", () => {
    expect(rows.map(({ setting, epsilon }) => [setting, epsilon])).toEqual([
      ["privacy.trust=central", "0.099"],
      ["privacy.trust=central", "0.99"],
      ["privacy.trust=central", ""],
      ["privacy.trust=local", "0.0999"],
      ["privacy.trust=local", "0.999"],
      ["privacy.trust=local", ""],
    ]);
  });

  it("says by which scenario, version, clip norm and noise each row came about", () => {
    for (const row of rows)
      expect([row.scenario, row.murmur, row.clipNorm]).toEqual(["a scenario", "1.2.3", "0.5"]);
    expect(rows.slice(0, 3).map((row) => Number(row.noiseMultiplier))).toEqual([
      ...[4 / 0.099, 4 / 0.99, 0],
    ]);
  });

  it("says what a plot needs: mean, sd, interval, seeds, twin, largest class", () => {
    const [row = {}] = rows;
    expect(row.n).toBe("3");
    expect(Number(row.mean)).toBeCloseTo(0.7, 12);
    expect(Number(row.sd)).toBeCloseTo(0.02, 12);
    // t of 2 degrees of freedom, 4.302653, × 0.02 / √3
    expect(Number(row.high) - Number(row.mean)).toBeCloseTo(0.049683, 6);
    expect(Number(row.mean) - Number(row.low)).toBeCloseTo(0.049683, 6);
    expect(Number(row.twin)).toBeCloseTo(0.865, 12);
    expect(Number(row.majority)).toBeCloseTo(0.55, 12);
    expect(row.epsilonCoordinator).toBe("");
  });
});

describe("on a terminal", () => {
  const lines = terminalCurve(curves, false);

  it("each ε has its line, its mean further right the higher it is", () => {
    const dots = lines.filter((line) => / ε |no noise/.test(line)).map((line) => line.indexOf("●"));
    expect(dots).toHaveLength(6);
    for (const [low = 0, high = 0, baseline = 0] of [dots.slice(0, 3), dots.slice(3)]) {
      expect(low).toBeGreaterThan(0);
      expect(high).toBeGreaterThan(low);
      expect(baseline).toBeGreaterThanOrEqual(high);
    }
  });

  it("says mean, half-width and seeds in numbers, and fits 80 columns", () => {
    expect(lines[1]).toContain("ε 0.099");
    expect(lines[1]).toContain("70.0 ± 5.0 (3)");
    for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(88);
  });

  it("marks the twin and the largest class in each line", () => {
    expect(lines[1]).toContain("│");
    expect(lines[1]).toContain("┊");
  });

  it("is ASCII where that is asked for", () => {
    const plain = terminalCurve(curves, true).join("\n");
    expect([...plain].every((c) => c.charCodeAt(0) < 128)).toBe(true);
    expect(plain).toContain("eps 0.099");
  });

  it("shows a flat curve flat, and one seed without an interval", () => {
    const one = [doneResult({ "privacy.epsilon": 1 }, 7, 0.5, 1)];
    const [line = ""] = terminalCurve(
      curvesOf(one, () => stream(seededRoot(1), "bootstrap")),
      false,
    );
    expect(line).toContain("50.0 (1)");
    expect(line).not.toContain("├");
  });
});
