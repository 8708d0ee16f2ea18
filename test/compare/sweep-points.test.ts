/** What a sweep varies, as points. */
import { describe, expect, it } from "vitest";
import { pointsOf, type SweepSpec, settingsOf } from "../../compare/sweep-points.ts";
import { ScenarioError } from "../../shared/errors.ts";

const spec = (over: SweepSpec["over"], more: Partial<SweepSpec> = {}): SweepSpec => ({
  ...{ over, repeat: 3, seed: 11, sample: null },
  ...more,
});

describe("a grid", () => {
  it("has every setting once, the last key changing fastest", () => {
    const over = { "training.clipNorm": [1, 2], "privacy.trust": ["central", "local"] };
    expect(settingsOf(spec(over))).toEqual([
      { "training.clipNorm": 1, "privacy.trust": "central" },
      { "training.clipNorm": 1, "privacy.trust": "local" },
      { "training.clipNorm": 2, "privacy.trust": "central" },
      { "training.clipNorm": 2, "privacy.trust": "local" },
    ]);
  });

  it("has its twin without noise once, whatever trusts there are, but for each other setting", () => {
    const over = {
      "privacy.epsilon": [0.5, "none"],
      "privacy.trust": ["central", "local"],
      "training.clipNorm": [1, 2],
    };
    const settings = settingsOf(spec(over));
    expect(settings).toHaveLength(6);
    expect(settings.filter((setting) => setting["privacy.trust"] === "none")).toEqual([
      { "privacy.trust": "none", "training.clipNorm": 1 },
      { "privacy.trust": "none", "training.clipNorm": 2 },
    ]);
  });

  it("has it once too where trust says none, noise or ε aside, and where both do", () => {
    const trust = { "privacy.trust": ["none", "central"] };
    for (const key of ["privacy.epsilon", "privacy.noiseMultiplier"]) {
      const baseline = { "privacy.trust": "none" };
      const noised = [0.5, 1].map((value) => ({ [key]: value, "privacy.trust": "central" }));
      expect(settingsOf(spec({ [key]: [0.5, 1], ...trust }))).toEqual([...noised, baseline]);
    }
    const both = { "privacy.epsilon": [0.5, "none"], ...trust };
    expect(settingsOf(spec(both))).toEqual([
      { "privacy.epsilon": 0.5, "privacy.trust": "central" },
      { "privacy.trust": "none" },
    ]);
    expect(settingsOf(spec({ "privacy.trust": ["none"], "privacy.epsilon": [1, 2] }))).toEqual([
      { "privacy.trust": "none" },
    ]);
  });

  it("takes a value that is named twice once", () => {
    expect(settingsOf(spec({ "privacy.epsilon": [1, 1] }))).toHaveLength(1);
  });
});

describe("seeds", () => {
  it("are the same for every setting, and follow one another", () => {
    const settings = settingsOf(spec({ "privacy.epsilon": [1, 2] }));
    const points = pointsOf(settings, spec({}));
    expect(points.map(({ index, seed }) => [index, seed])).toEqual([
      [0, 11],
      [1, 11],
      [2, 12],
      [3, 12],
      [4, 13],
      [5, 13],
    ]);
    expect(points.map(({ setting }) => setting["privacy.epsilon"])).toEqual([1, 2, 1, 2, 1, 2]);
  });
});

describe("a sample", () => {
  const over = { a: Array.from({ length: 1000 }, (_, i) => i), b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
  const sample = (seed: number) => settingsOf(spec(over, { sample: 40, seed }));

  it("has so many different settings of the grid, the same for the same seed", () => {
    const settings = sample(1);
    expect(new Set(settings.map((setting) => JSON.stringify(setting))).size).toBe(40);
    expect(sample(1)).toEqual(settings);
    expect(sample(2)).not.toEqual(settings);
  });

  it("draws from all of it: each tenth of the grid as often as chance has it", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 200; seed++)
      for (const { a } of sample(seed)) {
        const tenth = Math.floor(Number(a) / 100);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
    // 8,000 draws, 800 in each: five deviations are 134.
    for (const count of tenths) expect(Math.abs(count - 800)).toBeLessThan(134);
  });

  it("has that many also of a grid with baselines, however they are drawn", () => {
    const trusts = ["central", "distributed", "local"];
    const baselines = { "privacy.epsilon": [0.5, "none"], "privacy.trust": trusts, clip: [1, 2] };
    for (let seed = 0; seed < 50; seed++) {
      const drawn = settingsOf(spec(baselines, { sample: 5, seed }));
      expect(new Set(drawn.map((setting) => JSON.stringify(setting))).size, `${seed}`).toBe(5);
    }
    expect(settingsOf(spec(baselines, { sample: 9 }))).toHaveLength(8);
  });

  it("is the grid where that has no more", () => {
    expect(settingsOf(spec({ a: [1, 2] }, { sample: 9 }))).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

it("refuses a million runs, and says how many they are", () => {
  const values = Array.from({ length: 1000 }, (_, i) => i + 1);
  const refused = () => settingsOf(spec({ a: values, b: values }, { repeat: 1 }));
  expect(refused).toThrow(ScenarioError);
  expect(refused).toThrow("1,000,000 runs");
  expect(settingsOf(spec({ a: values, b: values }, { sample: 5 }))).toHaveLength(5);
});
