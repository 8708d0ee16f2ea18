/** The losses' derivatives by the outputs, for one example. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { HUBER_EDGE, sigmoid, targetOf } from "../../model/loss.ts";
import type { Loss } from "../../model/model-spec.ts";

/**
 * Writes the derivatives of `lossOf` (model/loss.ts) by each output, in float64 rounded once or twice
 * to what `deltas` holds.
 *
 * @param outputs linear, `width` of them from `from` on
 * @param label the class's number, or the number itself
 * @param deltas where they go, from `to` on
 */
export function writeLossDeltas(
  loss: Loss,
  width: number,
  label: number,
  outputs: Float32Array | Float64Array,
  from: number,
  deltas: Float32Array | Float64Array,
  to: number,
): void {
  if (loss === "binaryCrossEntropy") deltas[to] = sigmoid(outputs[from]!) - label;
  else if (loss === "squaredError") deltas[to] = 2 * (outputs[from]! - label);
  else if (loss === "huber")
    deltas[to] = Math.max(-HUBER_EDGE, Math.min(HUBER_EDGE, outputs[from]! - label));
  else if (loss === "meanSquaredError") {
    for (let j = 0; j < width; j++) {
      deltas[to + j] = (2 / width) * (outputs[from + j]! - targetOf(width, j, label));
    }
  } else {
    // Less the largest, so that no exponent overflows.
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < width; j++) most = Math.max(most, outputs[from + j]!);
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const e = Math.exp(outputs[from + j]! - most);
      deltas[to + j] = e;
      sum += e;
    }
    for (let j = 0; j < width; j++) {
      deltas[to + j] = deltas[to + j]! / sum - targetOf(width, j, label);
    }
  }
}
