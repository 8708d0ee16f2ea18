/** A convolution, one example at a time in float64: what lies outside the image counts as zero. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import type { ConvLayer } from "../../model/model.ts";
import { activate, multiplySlopes } from "./activation.ts";
import type { PlainLayer } from "./layer.ts";
import { forEachTap } from "./window.ts";

export function plainConv(layer: ConvLayer): PlainLayer {
  const { size, from, to, offset, activation } = layer;
  const [channels, filters] = [from[2], to[2]];
  const bias = offset + size[0] * size[1] * channels * filters;
  return {
    forward(parameters, input, output) {
      for (let o = 0; o < output.length; o++) output[o] = parameters[bias + (o % filters)]!;
      forEachTap(layer, (position, pixel, tap) => {
        for (let c = 0; c < channels; c++) {
          const [a, row] = [input[pixel * channels + c]!, offset + (tap * channels + c) * filters];
          for (let f = 0; f < filters; f++) {
            output[position * filters + f]! += a * parameters[row + f]!;
          }
        }
      });
      activate(activation, output);
    },

    backward(parameters, { input, output, deltas, below }, gradient) {
      multiplySlopes(activation, output, deltas);
      gradient.fill(0, offset, offset + layer.parameters);
      below.fill(0);
      for (let o = 0; o < deltas.length; o++) gradient[bias + (o % filters)]! += deltas[o]!;
      forEachTap(layer, (position, pixel, tap) => {
        for (let c = 0; c < channels; c++) {
          const [from, row] = [pixel * channels + c, offset + (tap * channels + c) * filters];
          for (let f = 0; f < filters; f++) {
            const delta = deltas[position * filters + f]!;
            gradient[row + f]! += input[from]! * delta;
            below[from]! += parameters[row + f]! * delta;
          }
        }
      });
    },
  };
}
