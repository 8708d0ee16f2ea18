import { describe, expect, it } from "vitest";
import { privatize } from "../../../client/training/privatize.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { planWith } from "../../support/plans.ts";
import { chiSquareBounds } from "../../support/statistics.ts";

const noise = () => stream(seededRoot(11), "noise", 0, 0, "c1");

it.each(["central", "none"] as const)(
  "rounds once to the lattice under %s, and adds nothing",
  (trust) => {
    const plan = planWith({ trust, targetEpsilon: trust === "none" ? null : 1.5 });
    const sum = Float64Array.of(0, 1, -1, 0.3).map((x) => x / plan.scale);
    expect(
      privatize({ sum: sum.map((x) => 2.4 * x), bits: 0 }, plan, plan.clipNorm, noise()),
    ).toEqual(Int32Array.of(0, 2, -2, 1));
  },
);

describe("under local", () => {
  const LENGTH = 20_000;
  const plan = planWith({ trust: "local" });
  const drawn = privatize({ sum: new Float64Array(LENGTH), bits: 0 }, plan, 0.5, noise());

  it("adds the plan's whole noise at each client", () => {
    const statistic = drawn.reduce((sum, x) => sum + (x / plan.noiseStddev) ** 2, 0);
    // Five standard deviations: one false alarm in 1.7 million seeds.
    const [low, high] = chiSquareBounds(LENGTH, 5);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
    const [wrongLow, wrongHigh] = [statistic / 4, statistic * 4];
    expect(wrongLow).toBeLessThan(low);
    expect(wrongHigh).toBeGreaterThan(high);
  });

  it("adds it after rounding: the sum moves the update by exactly its steps", () => {
    const sum = new Float64Array(LENGTH).fill(7 / plan.scale);
    expect(privatize({ sum, bits: 0 }, plan, 0.5, noise())).toEqual(drawn.map((x) => x + 7));
  });
});

it("refuses what is not finite: whoever sums has put zeros there", () => {
  expect(() =>
    privatize({ sum: Float64Array.of(1, Number.NaN), bits: 0 }, planWith(), 0.5, noise()),
  ).toThrow(ProtocolError);
});

it("appends the bits where the clip norm adapts, and scales by the round's own norm", () => {
  const bounds = [0.1, 8] as const;
  const adaptiveClipping = { quantile: 0.5, learningRate: 0.2, bounds, bitNoise: 30 };
  const plan = planWith({ adaptiveClipping });
  const sum = Float64Array.of(4, -8).map((x) => x / plan.scale);
  expect(privatize({ sum, bits: -7 }, plan, 0.5, noise())).toEqual(Int32Array.of(4, -8, -7));
  // Four times the clip norm: a quarter of the steps.
  expect(privatize({ sum, bits: 3 }, plan, 2, noise())).toEqual(Int32Array.of(1, -2, 3));
});

describe("where clients are the unit", () => {
  const terms = { unit: "client", clients: 400, minCohort: 300, parameters: 3 } as const;
  const square = (steps: Int32Array) => steps.reduce((sum, q) => sum + q * q, 0);

  it("holds the whole update to the sensitivity in exact integers", () => {
    const plan = planWith(terms);
    // Longer than any clipped update: what float error could make of one, much exaggerated.
    const sum = new Float64Array(3).fill((1.0001 * plan.sensitivity) / plan.scale / Math.sqrt(3));
    const steps = privatize({ sum, bits: 1 }, plan, 0.5, noise());
    expect(steps).toHaveLength(3);
    expect(square(steps)).toBeLessThanOrEqual(plan.sensitivity ** 2);
    expect(square(steps)).toBeGreaterThan((0.999 * plan.sensitivity) ** 2);
  });

  it("leaves a sum of records as long as it is", () => {
    const plan = planWith();
    const sum = Float64Array.of((3 * plan.sensitivity) / plan.scale, 0);
    const steps = privatize({ sum, bits: 0 }, plan, 0.5, noise());
    expect(steps[0]).toBe(3 * plan.sensitivity);
  });
});
