/** Runs grouped by scenario, and what tells the groups apart. */
import { describe, expect, it } from "vitest";
import { differingKeys } from "../../compare/differing-keys.ts";
import { type ComparableRun, compareSettings } from "../../compare/setting-comparison.ts";

const run = (
  clipNorm: number,
  seed: number,
  accuracy: number,
  by: Partial<ComparableRun> = {},
) => ({
  scenario: { name: "p", seed, training: { clipNorm, rounds: 5 }, sweep: { repeat: seed } },
  ...{ planHash: `c${clipNorm}`, murmur: "1.0.0", engine: "fused" },
  ...{ seed, accuracy, modelHash: `m${accuracy}`, ...by },
});

describe("keys that differ", () => {
  it("are leaves, lists whole, and those that one scenario lacks", () => {
    const a = { model: { hidden: [8, 4], kind: "mlp" }, seed: 1, same: { x: 1 } };
    const b = { model: { hidden: [8, 5], kind: "mlp" }, seed: 1, same: { x: 1 }, more: true };
    expect(differingKeys([a, b])).toEqual([
      {
        key: "model.hidden",
        values: [
          [8, 4],
          [8, 5],
        ],
      },
      { key: "more", values: [undefined, true] },
    ]);
    expect(differingKeys([a, a, a])).toEqual([]);
  });
});

describe("settings", () => {
  const noisy = [0.01, -0.02, 0.015, 0, -0.005];
  const runs = noisy.flatMap((noise, i) => [
    run(1, i, 0.8 + noise),
    run(2, i, 0.83 + noise + i / 1000),
    run(3, i, 0.8 + noise + (i % 2 === 0 ? 0.002 : -0.003)),
    run(4, 50 + i, 0.9),
  ]);
  const { settings, differing } = compareSettings(runs);

  it("are scenarios, seeds and sweeps aside", () => {
    expect(settings.map((setting) => setting.runs.length)).toEqual([5, 5, 5, 5]);
    expect(differing).toEqual([
      { key: "training.clipNorm", values: [1, 2, 3, 4] },
      { key: "plan", values: ["c1", "c2", "c3", "c4"] },
    ]);
  });

  it("differ by more than their seeds' noise, or not, in pairs of a seed", () => {
    const [first, higher, same, unpaired] = settings;
    expect(first?.fromFirst).toBeNull();
    expect(higher?.fromFirst?.mean).toBeCloseTo(0.032, 12);
    expect(higher?.adjustedP).toBeLessThan(1e-4);
    expect(same?.fromFirst?.mean).toBeCloseTo(0, 12);
    expect(same?.adjustedP).toBeGreaterThan(0.5);
    expect(unpaired?.fromFirst).toBeNull();
    expect(unpaired?.adjustedP).toBeNull();
  });

  it("have their p-values adjusted for how many are tested", () => {
    const p = settings[1]?.fromFirst?.p ?? 0;
    expect(settings[1]?.adjustedP).toBeCloseTo(2 * p, 15);
  });
});

describe("runs of one scenario", () => {
  it.each<[string, Partial<ComparableRun>]>([
    ["plan", { planHash: "other" }],
    ["murmur", { murmur: "1.0.1" }],
    ["engine", { engine: "tfjsNode" }],
  ])("are two settings by another %s, which is told", (key, by) => {
    const { settings, differing } = compareSettings([run(1, 7, 0.8), run(1, 7, 0.9, by)]);
    expect(settings.map(({ accuracy }) => accuracy.mean)).toEqual([0.8, 0.9]);
    expect(settings[1]?.fromFirst?.n).toBe(1);
    expect(differing.map((one) => one.key)).toEqual([key]);
  });

  it("count once where they are one again, in everything", () => {
    const again = [run(1, 7, 0.8), run(1, 7, 0.8), run(1, 8, 0.7), run(1, 7, 0.8)];
    const [setting] = compareSettings(again).settings;
    expect(setting?.runs).toEqual([run(1, 7, 0.8), run(1, 8, 0.7)]);
    expect(setting?.accuracy.n).toBe(2);
    expect(setting?.shared).toEqual([{ seed: 7, runs: 3, counted: 1 }]);
  });

  it("are averaged within a seed where noise made them others, and pair by it", () => {
    const first = [run(1, 7, 0.8), run(1, 7, 0.84), run(1, 8, 0.7), run(1, 8, 0.7)];
    const second = [run(2, 7, 0.9), run(2, 8, 0.79), run(2, 8, 0.81)];
    const { settings } = compareSettings([...first, ...second]);
    expect(settings.map(({ runs }) => runs.length)).toEqual([3, 3]);
    // Seeds 7 and 8: 0.82 and 0.7, against 0.9 and 0.8.
    expect(settings[0]?.accuracy.mean).toBeCloseTo(0.76, 12);
    expect(settings[1]?.fromFirst?.n).toBe(2);
    expect(settings[1]?.fromFirst?.mean).toBeCloseTo(0.09, 12);
    expect(settings[0]?.shared).toEqual([
      { seed: 7, runs: 2, counted: 2 },
      { seed: 8, runs: 2, counted: 1 },
    ]);
  });
});
