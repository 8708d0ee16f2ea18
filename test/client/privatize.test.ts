import { describe, expect, it } from "vitest";
import { privatize } from "../../client/privatize.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { seededRoot, stream } from "../../shared/random.ts";
import { planWith } from "../support/plans.ts";
import { chiSquareBounds } from "../support/statistics.ts";

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
