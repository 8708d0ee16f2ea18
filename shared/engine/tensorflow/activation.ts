/** Activation functions and their slopes by TensorFlow.js, and the layer that is nothing else. */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { ActivationLayer } from "../../model/model.ts";
import type { Activation } from "../../model/model-spec.ts";
import type { TensorFlow } from "./backend.ts";
import { type LoadLayer, readBack } from "./layer.ts";

export function activate<T extends Tensor>(tf: TensorFlow, activation: Activation, values: T): T {
  if (activation === "tanh") return tf.tanh(values);
  if (activation === "relu") return tf.relu(values);
  if (activation === "sigmoid") return tf.sigmoid(values);
  return values;
}

/**
 * From the slope along what the function gave to the slope along what it was given.
 *
 * @param output what it gave, as long as `delta`
 */
export function throughActivation(
  tf: TensorFlow,
  activation: Activation,
  output: Float32Array,
  delta: Float32Array,
): Float32Array {
  if (activation === "linear") return delta;
  return readBack(tf, () =>
    tf.mul(tf.tensor1d(delta), slopes(tf, activation, tf.tensor1d(output))),
  );
}

function slopes(tf: TensorFlow, activation: Activation, values: Tensor): Tensor {
  if (activation === "tanh") return tf.sub(1, tf.square(values));
  if (activation === "relu") return tf.cast(tf.greater(values, 0), "float32");
  return tf.mul(values, tf.sub(1, values));
}

export function activationLayer(tf: TensorFlow, layer: ActivationLayer): LoadLayer {
  const { activation } = layer;
  return () => ({
    layer,
    forward: (input) =>
      activation === "linear"
        ? input
        : readBack(tf, () => activate(tf, activation, tf.tensor1d(input))),
    back: ({ output }, delta) => ({
      gradient: null,
      below: () => throughActivation(tf, activation, output, delta),
    }),
  });
}
