/**
 * One example's way through the model, layer by layer, for a reader. It is the plain version of what
 * the engines do fast: float64, one expression a layer, sharing no code with them.
 */
import { forwardDense, forwardGroupNorm, forwardWindows, squash } from "./forward-layer.ts";
import { isOfNumbers } from "./loss.ts";
import type { Layer, Model } from "./model.ts";

interface LayerTrace {
  /** "input", then the model's layer names. */
  readonly name: string;
  /** Entries that the layer gives on. */
  readonly size: number;
  /** The first few of them: after its activation function; the last layer's are linear. */
  readonly activations: readonly number[];
}

export interface ForwardTrace {
  /** The input first, then every layer. */
  readonly layers: readonly LayerTrace[];
  /** Of the last layer, linear. */
  readonly outputs: readonly number[];
  /**
   * Of each class: what sigmoid or softmax make of the outputs, of a single output for label 0 and
   * label 1. Under meanSquaredError the outputs themselves, kept within 0 and 1; none where the target
   * is a number.
   */
  readonly probabilities: readonly number[];
}

/** Numbers of a layer that a trace holds: a reader looks at no thousands of them. */
const FEW = 9;

/**
 * @param parameters float32[parameters]
 * @param input float32[inputs], one example
 * @throws RangeError where a length is not the model's
 */
export function forwardLayers(
  model: Model,
  parameters: Float32Array,
  input: Float32Array,
): ForwardTrace {
  if (input.length !== model.inputs || parameters.length !== model.parameters) {
    throw new RangeError(
      `${input.length} inputs and ${parameters.length} parameters for a model of ${model.inputs} and ${model.parameters}`,
    );
  }
  let values: readonly number[] = [...input];
  const layers = [traceOf("input", values)];
  for (const layer of model.layers) {
    values = through(layer, [...parameters.subarray(layer.offset)], values);
    layers.push(traceOf(layer.name, values));
  }
  return { layers, outputs: values, probabilities: probabilitiesOf(model, values) };
}

function traceOf(name: string, values: readonly number[]): LayerTrace {
  return { name, size: values.length, activations: values.slice(0, FEW) };
}

/** @param own the layer's parameters, and perhaps others behind them */
function through(layer: Layer, own: readonly number[], input: readonly number[]): number[] {
  switch (layer.kind) {
    case "dense":
      return forwardDense(layer, own, input);
    case "conv":
    case "pool":
      return forwardWindows(layer, own, input);
    case "groupNorm":
      return forwardGroupNorm(layer, own, input);
    case "activation":
      return input.map((x) => squash(layer.activation, x));
  }
}

function probabilitiesOf({ loss, outputs }: Model, values: readonly number[]): number[] {
  const [first = Number.NaN] = values;
  if (isOfNumbers(loss)) return [];
  if (loss === "meanSquaredError") {
    const within = values.map((x) => Math.min(1, Math.max(0, x)));
    return outputs === 1 ? within.flatMap((p) => [1 - p, p]) : within;
  }
  if (loss === "binaryCrossEntropy") return [squash("sigmoid", -first), squash("sigmoid", first)];
  const most = Math.max(...values);
  const powers = values.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
