// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Group normalization of many examples (Wu & He 2018, arXiv:1803.08494), with moments in float64. Like
 * pooling it holds no product that TensorFlow.js would be faster at.
 */
import type { GroupNormLayer } from "../../model/model.ts";
import type { LoadLayer, WrittenGradient } from "./layer.ts";

export function groupNormLayer(layer: GroupNormLayer): LoadLayer {
  const { shape, offset, inputs } = layer;
  const channels = shape[2];
  return (parameters) => {
    const gamma = parameters.slice(offset, offset + channels);
    const beta = parameters.slice(offset + channels, offset + 2 * channels);
    return {
      layer,
      forward: (input, rows) => {
        const { normal } = normalized(layer, input, rows);
        return normal.map((x, i) => x * gamma[i % channels]! + beta[i % channels]!);
      },
      back: ({ rows, input }, delta) => {
        const { normal, scales } = normalized(layer, input, rows);
        const gradient = normGradient(layer, normal, delta, rows);
        const below = () => {
          const slopes = delta.map((d, i) => d * gamma[i % channels]!);
          const sums = new Float32Array(rows * inputs);
          eachGroup(layer, rows, (own, group) => {
            let [mean, along] = [0, 0];
            for (const i of own) {
              mean += slopes[i]! / own.length;
              along += (slopes[i]! * normal[i]!) / own.length;
            }
            // What moves a group's mean or spread moves every number in it.
            for (const i of own) {
              sums[i] = (slopes[i]! - mean - normal[i]! * along) * scales[group]!;
            }
          });
          return sums;
        };
        return { gradient, below };
      },
    };
  };
}

/** Each input less its group's mean, over its standard deviation; and 1 over that, group by group. */
function normalized(layer: GroupNormLayer, input: Float32Array, rows: number) {
  const normal = new Float32Array(input.length);
  const scales = new Float64Array(rows * layer.groups);
  eachGroup(layer, rows, (own, group) => {
    let [mean, variance] = [0, 0];
    for (const i of own) mean += input[i]! / own.length;
    for (const i of own) variance += (input[i]! - mean) ** 2 / own.length;
    const scale = 1 / Math.sqrt(variance + layer.epsilon);
    for (const i of own) normal[i] = (input[i]! - mean) * scale;
    scales[group] = scale;
  });
  return { normal, scales };
}

/** The places of each group of channels of each example. The array is used again for the next. */
function eachGroup(
  { shape, groups, inputs }: GroupNormLayer,
  rows: number,
  work: (places: Int32Array, group: number) => void,
): void {
  const wide = shape[2] / groups;
  const places = new Int32Array(inputs / groups);
  for (let group = 0; group < rows * groups; group++) {
    const start = Math.floor(group / groups) * inputs + (group % groups) * wide;
    for (let k = 0; k < places.length; k++)
      places[k] = start + Math.floor(k / wide) * shape[2] + (k % wide);
    work(places, group);
  }
}

/** Gamma's, then beta's, of every example: no more numbers than went through the layer. */
function normGradient(
  layer: GroupNormLayer,
  normal: Float32Array,
  delta: Float32Array,
  rows: number,
): WrittenGradient {
  const { shape, inputs, parameters } = layer;
  const channels = shape[2];
  const all = new Float32Array(rows * parameters);
  for (let i = 0; i < rows * inputs; i++) {
    const at = Math.floor(i / inputs) * parameters + (i % channels);
    all[at] = all[at]! + delta[i]! * normal[i]!;
    all[at + channels] = all[at + channels]! + delta[i]!;
  }
  return {
    kind: "written",
    layer,
    of: (row) => all.subarray(row * parameters, (row + 1) * parameters),
    sum: (start, end) => {
      const sum = new Float32Array(parameters);
      for (let i = start * parameters; i < end * parameters; i++)
        sum[i % parameters] = sum[i % parameters]! + all[i]!;
      return sum;
    },
  };
}
