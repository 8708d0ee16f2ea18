/**
 * Group normalization (Wu & He 2018, arXiv:1803.08494, equations 1, 2 and 6), one example at a time
 * in float64: mean and variance are those of the example's own group of channels, so that no example
 * sees another.
 */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { type GroupNormLayer, positionsOf } from "../../model/model.ts";
import type { PlainLayer } from "./layer.ts";

export function plainNorm({ shape, groups, epsilon, inputs, offset }: GroupNormLayer): PlainLayer {
  const channels = shape[2];
  const beta = offset + channels;
  const groupOf = (i: number) => Math.floor((i % channels) / (channels / groups));
  /** Entries of a group. */
  const size = (positionsOf(shape) * channels) / groups;
  const means = new Float64Array(groups);
  /** 1 / standard deviation. */
  const scales = new Float64Array(groups);
  const normal = new Float64Array(inputs);
  const [sums, products] = [new Float64Array(groups), new Float64Array(groups)];
  return {
    forward(parameters, input, output) {
      means.fill(0);
      scales.fill(0);
      for (let i = 0; i < inputs; i++) means[groupOf(i)]! += input[i]! / size;
      for (let i = 0; i < inputs; i++) {
        scales[groupOf(i)]! += (input[i]! - means[groupOf(i)]!) ** 2 / size;
      }
      for (let g = 0; g < groups; g++) scales[g] = 1 / Math.sqrt(scales[g]! + epsilon);
      for (let i = 0; i < inputs; i++) {
        normal[i] = (input[i]! - means[groupOf(i)]!) * scales[groupOf(i)]!;
        const c = i % channels;
        output[i] = normal[i]! * parameters[offset + c]! + parameters[beta + c]!;
      }
    },

    backward(parameters, { deltas, below }, gradient) {
      gradient.fill(0, offset, offset + 2 * channels);
      for (const sum of [sums, products]) sum.fill(0);
      for (let i = 0; i < inputs; i++) {
        const c = i % channels;
        gradient[offset + c]! += deltas[i]! * normal[i]!;
        gradient[beta + c]! += deltas[i]!;
        below[i] = deltas[i]! * parameters[offset + c]!;
        sums[groupOf(i)]! += below[i]! / size;
        products[groupOf(i)]! += (below[i]! * normal[i]!) / size;
      }
      // Mean and variance hold the input too: what moves them has no part in the derivative.
      for (let i = 0; i < inputs; i++) {
        const g = groupOf(i);
        below[i] = (below[i]! - sums[g]! - normal[i]! * products[g]!) * scales[g]!;
      }
    },
  };
}
