import { describe, expect, it } from "vitest";
import {
  nextClipNorm,
  noisyFraction,
  shiftedBit,
  updateNoise,
} from "../../../../shared/accounting/mechanisms/adaptive-clipping.ts";
import { composedMu } from "../../../../shared/accounting/mechanisms/gaussian.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";

const { adaptive_clipping } = goldenMechanisms;

describe("golden geometric_update_trace", () => {
  it.each(ofKind(adaptive_clipping, "geometric_update_trace"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      let clipNorm = inputs.initial_clip;
      inputs.noisy_unclipped_fractions.forEach((fraction, round) => {
        const { target_quantile, learning_rate } = inputs;
        clipNorm = nextClipNorm(clipNorm, fraction, target_quantile, learning_rate);
        const [low, high] = allowed(expected.clip_norms[round] ?? Number.NaN, tolerance);
        expect(clipNorm).toBeGreaterThanOrEqual(low);
        expect(clipNorm).toBeLessThanOrEqual(high);
      });
    },
  );
});

describe("golden noise_split", () => {
  it.each(ofKind(adaptive_clipping, "noise_split"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const { effective_noise_multiplier: noise, sigma_b: bitNoise } = inputs;
      const got = updateNoise(noise, bitNoise);
      const [low, high] = allowed(expected.z_delta ?? Infinity, tolerance);
      if (expected.feasible) expect(got).toBeGreaterThanOrEqual(low);
      if (expected.feasible) expect(got).toBeLessThanOrEqual(high);
      else expect(got).toBe(Infinity);
      // The mean's noise: the sum's over the public count.
      const shift =
        noisyFraction(bitNoise, inputs.clients_per_round) -
        noisyFraction(0, inputs.clients_per_round);
      expect(shift).toBeCloseTo(expected.std_of_noise_on_mean_bit, 12);
    },
  );
});

describe("golden clipped_count", () => {
  it.each(ofKind(adaptive_clipping, "clipped_count"))("$id: $inputs", ({ inputs, expected }) => {
    const bits = inputs.norms.map((norm) => shiftedBit(norm, inputs.clip));
    const sum = bits.reduce((a, b) => a + b, 0);
    expect(sum).toBe(expected.shifted_bit_sum);
    expect(noisyFraction(sum, bits.length)).toBeCloseTo(expected.unclipped_fraction, 12);
  });
});

it("update and bits together cost what the update alone would at the noise asked for", () => {
  for (const [noise, bitNoise] of [
    [0.8, 1.5],
    [3, 25],
  ] as const) {
    // Half a unit of sensitivity: 2 bitNoise is the bits' noise multiplier.
    const parts = [updateNoise(noise, bitNoise), 2 * bitNoise];
    const mu = composedMu(parts.map((noiseMultiplier) => ({ noiseMultiplier, count: 1 })));
    expect(mu * noise).toBeCloseTo(1, 12);
    expect(mu).toBeLessThanOrEqual(1 / noise);
  }
});

it.each([
  [0.2, 0.01],
  [0.2, 100],
  [0.8, 0.01],
  [0.8, 100],
])("settles at the %d-quantile of the norms, from %d times the median", (quantile, start) => {
  // Ninety-nine norms, 0.1 to 9.9: the two quantiles are 1.98 and 7.92, far from one another.
  const norms = Array.from({ length: 99 }, (_, i) => (i + 1) / 10);
  let clipNorm = 5 * start;
  for (let round = 0; round < 200; round++) {
    const bits = norms.reduce((sum, norm) => sum + shiftedBit(norm, clipNorm), 0);
    clipNorm = nextClipNorm(clipNorm, noisyFraction(bits, norms.length), quantile, 0.2);
  }
  expect(clipNorm / (9.9 * quantile)).toBeGreaterThan(0.95);
  expect(clipNorm / (9.9 * quantile)).toBeLessThan(1.05);
});

it("counts a norm on the bound as within, and one that is NaN as clipped", () => {
  expect(shiftedBit(2.5, 2.5)).toBe(0.5);
  expect(shiftedBit(2.6, 2.5)).toBe(-0.5);
  expect(shiftedBit(Number.NaN, 2.5)).toBe(-0.5);
});

it.each([
  [0, 1],
  [1, 0],
  [Number.NaN, 1],
])("refuses noise %d and bit noise %d", (noise, bitNoise) => {
  expect(() => updateNoise(noise, bitNoise)).toThrow(RangeError);
});
