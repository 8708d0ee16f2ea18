/** A dense layer, one example at a time in float64: the kernel is inputs × outputs, row by row. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import type { DenseLayer } from "../../model/model.ts";
import { activate, multiplySlopes } from "./activation.ts";
import type { PlainLayer } from "./layer.ts";

export function plainDense({ inputs, outputs, offset, activation }: DenseLayer): PlainLayer {
  const bias = offset + inputs * outputs;
  return {
    forward(parameters, input, output) {
      for (let j = 0; j < outputs; j++) output[j] = parameters[bias + j]!;
      for (let k = 0; k < inputs; k++) {
        const [a, row] = [input[k]!, offset + k * outputs];
        for (let j = 0; j < outputs; j++) output[j] = output[j]! + a * parameters[row + j]!;
      }
      activate(activation, output);
    },

    backward(parameters, { input, output, deltas, below }, gradient) {
      multiplySlopes(activation, output, deltas);
      gradient.set(deltas, bias);
      for (let k = 0; k < inputs; k++) {
        const [a, row] = [input[k]!, offset + k * outputs];
        let sum = 0;
        for (let j = 0; j < outputs; j++) {
          gradient[row + j] = a * deltas[j]!;
          sum += parameters[row + j]! * deltas[j]!;
        }
        below[k] = sum;
      }
    },
  };
}
