/** Runs grouped by scenario, and what tells the groups apart. */
import { describe, expect, it } from "vitest";
import { differingKeys } from "../../compare/differing-keys.ts";
import { compareSettings } from "../../compare/setting-comparison.ts";

const run = (clipNorm: number, seed: number, accuracy: number) => ({
  scenario: { name: "p", seed, training: { clipNorm, rounds: 5 }, sweep: { repeat: seed } },
  ...{ seed, accuracy },
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
    expect(differing).toEqual([{ key: "training.clipNorm", values: [1, 2, 3, 4] }]);
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
