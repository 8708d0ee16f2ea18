import { describe, expect, it } from "vitest";
import { stepClipNorm } from "../../../server/step/adapt-clip.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";

const UNITS = 400;
const adaptive = (quantile: number) => ({
  expectedUnits: UNITS,
  adaptiveClipping: { quantile, learningRate: 0.2, bounds: [1e-4, 1e4], bitNoise: 20 } as const,
});

it("stays out of the way where the clip norm stays", () => {
  expect(stepClipNorm({ expectedUnits: UNITS, adaptiveClipping: null }, 2, 100)).toBeUndefined();
});

describe("of fixed norms, log-uniform between 0.1 and 10", () => {
  const norms = Array.from({ length: UNITS }, (_, i) => 10 ** (-1 + (2 * (i + 0.5)) / UNITS));
  const random = stream(seededRoot(8), "simulate", 0);

  /** Where C ends after 300 rounds, by the released bits alone. */
  function settled(start: number, quantile: number, noise: number): number {
    let clipNorm = start;
    for (let round = 0; round < 300; round++) {
      const bits = norms.reduce((sum, norm) => sum + (norm <= clipNorm ? 1 : -1), 0);
      const released = Math.round(bits + noise * random.normal());
      clipNorm = stepClipNorm(adaptive(quantile), clipNorm, released)?.next ?? Number.NaN;
    }
    return clipNorm;
  }

  it.each([
    [0.2, 10 ** -0.6],
    [0.5, 1],
    [0.8, 10 ** 0.6],
  ])("ends at the %s quantile from a hundredth and a hundred times the median", (quantile, due) => {
    for (const start of [0.01, 100]) {
      const end = settled(start, quantile, 0);
      expect(Math.abs(end / due - 1)).toBeLessThan(0.05);
      // A tenth of the units' number as noise on the bits: near the same place.
      expect(Math.abs(settled(start, quantile, 40) / due - 1)).toBeLessThan(0.35);
    }
  });
});

it("moves by at most learningRate · max(quantile, 1 - quantile) in logarithm, whatever the noise", () => {
  for (const bits of [-(2 ** 31), -1e6, 0, 1e6, 2 ** 31 - 1]) {
    const next = stepClipNorm(adaptive(0.5), 1, bits)?.next ?? Number.NaN;
    expect(Math.abs(Math.log(next))).toBeLessThanOrEqual(0.1 + 1e-12);
  }
});

it("never leaves its bounds", () => {
  expect(stepClipNorm(adaptive(0.5), 1e4, -UNITS)?.next).toBe(1e4);
  expect(stepClipNorm(adaptive(0.5), 1e-4, UNITS)?.next).toBe(1e-4);
});
