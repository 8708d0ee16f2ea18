/** The losses' slopes along the outputs by TensorFlow.js, a row an example. */
import { HUBER_EDGE, targetOf } from "../../model/loss.ts";
import type { Model } from "../../model/model.ts";
import type { TensorFlow } from "./backend.ts";
import { readBack } from "./layer.ts";

/**
 * @param outputs linear, float32[rows × model.outputs]
 * @param labels float32[rows], class numbers, or numbers themselves
 * @returns float32[rows × model.outputs]
 */
export function lossDeltas(
  tf: TensorFlow,
  { loss, outputs: width }: Model,
  outputs: Float32Array,
  labels: Float32Array,
): Float32Array {
  const rows = labels.length;
  return readBack(tf, () => {
    const given = tf.tensor2d(outputs, [rows, width]);
    const targets = tf.tensor2d(targetsOf(labels, width), [rows, width]);
    if (loss === "binaryCrossEntropy") return tf.sub(tf.sigmoid(given), targets);
    if (loss === "categoricalCrossEntropy") return tf.sub(tf.softmax(given), targets);
    if (loss === "huber") return tf.clipByValue(tf.sub(given, targets), -HUBER_EDGE, HUBER_EDGE);
    return tf.mul(tf.sub(given, targets), 2 / width);
  });
}

/** Not by tf.oneHot: asked for float32, the WASM backend writes the bits of integers. */
function targetsOf(labels: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: labels.length * width }, (_, i) =>
    targetOf(width, i % width, labels[Math.floor(i / width)] ?? Number.NaN),
  );
}
