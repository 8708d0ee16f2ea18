// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/** Dense layers by TensorFlow.js: kernel and bias forwards, and the sum of many gradients as one product. */
import type { DenseLayer } from "../../model/model.ts";
import { layerSquare } from "../core/clip.ts";
import { activate, throughActivation } from "./activation.ts";
import type { TensorFlow } from "./backend.ts";
import { type LoadLayer, multiplied, type OuterGradient, readBack } from "./layer.ts";

export function denseLayer(tf: TensorFlow, layer: DenseLayer): LoadLayer {
  const { inputs, outputs, offset, activation } = layer;
  return (parameters) => {
    const end = offset + inputs * outputs;
    const kernel = tf.tensor2d(parameters.slice(offset, end), [inputs, outputs]);
    const turned = tf.transpose(kernel);
    const bias = tf.tensor1d(parameters.slice(end, end + outputs));
    return {
      layer,
      forward: (input, rows) =>
        readBack(tf, () => {
          const product = tf.matMul(tf.tensor2d(input, [rows, inputs]), kernel);
          return activate(tf, activation, tf.add(product, bias));
        }),
      back: ({ rows, input, output }, above) => {
        const delta = throughActivation(tf, activation, output, above);
        return {
          gradient: outerGradient(tf, layer, input, delta),
          below: () => readBack(tf, () => tf.matMul(tf.tensor2d(delta, [rows, outputs]), turned)),
        };
      },
    };
  };
}

function outerGradient(
  tf: TensorFlow,
  layer: DenseLayer,
  input: Float32Array,
  delta: Float32Array,
): OuterGradient {
  const { inputs, outputs } = layer;
  const deltaSquares = rowSquares(delta, outputs);
  const squares = rowSquares(input, inputs).map((square, row) =>
    layerSquare(square, deltaSquares[row]!),
  );
  return {
    kind: "outer",
    layer,
    squares,
    sum: (start, end, factors) => {
      const rows = end - start;
      // Turned: an input a row, and ones below them for the bias.
      const columns = new Float32Array((inputs + 1) * rows);
      const weighted = new Float32Array(rows * outputs);
      for (let row = 0; row < rows; row++) {
        const factor = factors[start + row]!;
        // Left zero: 0 times a NaN would be one.
        if (factor === 0) continue;
        const [from, to] = [(start + row) * inputs, (start + row) * outputs];
        for (let k = 0; k < inputs; k++) columns[k * rows + row] = input[from + k]!;
        columns[inputs * rows + row] = 1;
        for (let j = 0; j < outputs; j++) weighted[row * outputs + j] = factor * delta[to + j]!;
      }
      return multiplied(tf, columns, weighted, rows);
    },
  };
}

/** Squared norm of each row, in float64: in float32 a wide one's would err by more than clip.ts allows. */
export function rowSquares(values: Float32Array, width: number): Float64Array {
  const squares = new Float64Array(values.length / width);
  for (let row = 0; row < squares.length; row++) {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += values[i]! * values[i]!;
    squares[row] = sum;
  }
  return squares;
}
