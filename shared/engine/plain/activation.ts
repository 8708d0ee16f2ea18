/** Activation functions and their slopes, over float64 that is overwritten. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { sigmoid } from "../../model/loss.ts";
import type { Activation } from "../../model/model-spec.ts";
import type { PlainLayer } from "./layer.ts";

/** An activation that is a layer of its own. */
export function plainActivation(activation: Activation): PlainLayer {
  return {
    forward(_parameters, input, output) {
      output.set(input);
      activate(activation, output);
    },
    backward(_parameters, { output, deltas, below }) {
      below.set(deltas);
      multiplySlopes(activation, output, below);
    },
  };
}

export function activate(activation: Activation, values: Float64Array): void {
  if (activation === "linear") return;
  for (let j = 0; j < values.length; j++) {
    const x = values[j]!;
    if (activation === "tanh") values[j] = Math.tanh(x);
    else if (activation === "relu")
      values[j] = x < 0 ? 0 : x; // NaN stays NaN
    else values[j] = sigmoid(x);
  }
}

/** Multiplies each delta by the slope of the activation function, read off what it gave. */
export function multiplySlopes(
  activation: Activation,
  values: Float64Array,
  deltas: Float64Array,
): void {
  if (activation === "linear") return;
  for (let j = 0; j < values.length; j++) {
    const a = values[j]!;
    if (activation === "tanh") deltas[j] = deltas[j]! * (1 - a * a);
    else if (activation === "relu") deltas[j] = a > 0 ? deltas[j]! : 0;
    else deltas[j] = deltas[j]! * a * (1 - a);
  }
}
