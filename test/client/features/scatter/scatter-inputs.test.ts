import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scatterWriter } from "../../../../client/features/scatter/scatter-inputs.ts";
import type { ScatterFeature } from "../../../../shared/contract/feature.ts";
import { SCENARIOS } from "../../../support/contracts.ts";
import { mnistImage, SCATTER_VECTORS } from "../../../support/scatter-vectors.ts";

const FEATURE: ScatterFeature = {
  name: "scatter",
  kind: "scatter",
  column: "image",
  shape: [28, 28, 1],
  pad: 2,
  normalisation: { kind: "none" },
  pool: null,
  outputShape: [7, 7, 81],
  width: 3_969,
};

/** float32[width], written behind three inputs of others. */
function inputsOf(image: Uint8Array, feature: Partial<ScatterFeature> = {}): Float32Array {
  const whole = { ...FEATURE, ...feature };
  const inputs = new Float32Array(3 + whole.width);
  scatterWriter(whole)(image, inputs, 3);
  expect([...inputs.subarray(0, 3)]).toEqual([0, 0, 0]);
  return inputs.subarray(3);
}

const channelOf = (inputs: Float32Array, channel: number) =>
  Array.from(
    { length: inputs.length / 81 },
    (_, cell) => inputs[81 * cell + channel] ?? Number.NaN,
  );
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const spread = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

const seven = mnistImage("t10k", 0);

describe("an image's scattering inputs", () => {
  it.each(SCATTER_VECTORS.images.map((vector) => [vector.index, vector] as const))(
    "are the published ones of MNIST test image %i, padded by reflection",
    (index, { sum_per_channel: sums, center_pixel: centres }) => {
      const inputs = inputsOf(mnistImage("t10k", index));
      const { tolerance } = SCATTER_VECTORS;
      for (let channel = 0; channel < 81; channel++) {
        const cells = channelOf(inputs, channel);
        const due = sums[channel] ?? Number.NaN;
        // Sums are published to six digits, and are of 49 coefficients.
        expect(Math.abs(mean(cells) * 49 - due)).toBeLessThan(tolerance + 5e-6 * due);
        expect(Math.abs((cells[24] ?? 0) - (centres[channel] ?? 0))).toBeLessThan(tolerance);
      }
    },
  );

  it("less each channel's mean, over its standard deviation", () => {
    const plain = inputsOf(seven);
    const means = Array.from({ length: 81 }, (_, i) => i / 100);
    const stddevs = Array.from({ length: 81 }, (_, i) => 1 / (i + 1));
    const own = inputsOf(seven, { normalisation: { kind: "channels", means, stddevs } });
    for (const channel of [0, 1, 40, 80])
      for (const [cell, value] of channelOf(own, channel).entries())
        expect(value).toBeCloseTo(
          ((plain[81 * cell + channel] ?? 0) - channel / 100) * (channel + 1),
          4,
        );
  });

  it.each([1, 27, 81])(
    "in %i groups have mean 0 and variance 1 in each, but for epsilon",
    (groups) => {
      const plain = inputsOf(seven);
      const own = inputsOf(seven, { normalisation: { kind: "groups", groups } });
      const each = 81 / groups;
      for (let group = 0; group < groups; group++) {
        const all = (inputs: Float32Array) =>
          Array.from({ length: each }, (_, i) => channelOf(inputs, group * each + i)).flat();
        const before = spread(all(plain));
        expect(mean(all(own))).toBeCloseTo(0, 5);
        expect(spread(all(own))).toBeCloseTo(before / Math.sqrt(before ** 2 + 1e-5), 5);
      }
    },
  );

  it("pooled are means of 3 × 3 cells, each window one cell into the next, after the scale", () => {
    const normalisation = { kind: "groups", groups: 27 } as const;
    const whole = inputsOf(seven, { normalisation });
    const pooled = inputsOf(seven, {
      normalisation,
      pool: 3,
      outputShape: [3, 3, 81],
      width: 729,
    });
    for (const [row, column] of [
      [0, 0],
      [1, 2],
      [2, 1],
    ] as const) {
      const window = [0, 1, 2].flatMap((down) =>
        [0, 1, 2].map((right) => whole[81 * (7 * (2 * row + down) + 2 * column + right) + 5] ?? 0),
      );
      expect(pooled[81 * (3 * row + column) + 5]).toBeCloseTo(mean(window), 5);
    }
  });
});

it("the constants that ship for MNIST are those of its training images", () => {
  const lines = readFileSync(join(SCENARIOS, "data/scatter/mnist.csv"), "utf8").trim().split("\n");
  const images = Array.from({ length: 60 }, (_, i) => inputsOf(mnistImage("train", 1_000 * i)));
  // Of 60 images instead of 6,000: each digit of a mean is a sample's, some 3 % off, a fifth at most.
  for (const channel of [0, 3, 12, 30, 80]) {
    const [due = 0, deviation = 0] = (lines[channel + 1] ?? "").split(",").map(Number);
    const own = images.flatMap((inputs) => channelOf(inputs, channel));
    expect(mean(own) / due).toBeCloseTo(1, 0.4);
    expect(spread(own) / deviation).toBeCloseTo(1, 0.4);
  }
});
