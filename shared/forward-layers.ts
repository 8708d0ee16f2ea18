/**
 * One example's way through the model, layer by layer, for a reader. It is the plain version of what
 * the engines do fast: float64, one expression a layer, sharing no code with them.
 */
import type { Activation, DenseLayer, Model } from "./model.ts";

export interface LayerTrace {
  /** "input", then the model's layer names. */
  readonly name: string;
  /** Entries in `activations`. */
  readonly size: number;
  /** What the layer gives on: after its activation function; the last one's is the logit. */
  readonly activations: readonly number[];
}

export interface ForwardTrace {
  /** The input first, then every dense layer. */
  readonly layers: readonly LayerTrace[];
  readonly logit: number;
  /** Of label 1. */
  readonly probability: number;
}

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
  const layers: LayerTrace[] = [traceOf("input", [...input])];
  let activations: readonly number[] = [...input];
  for (const layer of model.layers) {
    activations = dense(layer, parameters, activations);
    layers.push(traceOf(layer.name, activations));
  }
  const logit = activations[0] ?? NaN;
  return { layers, logit, probability: sigmoid(logit) };
}

function traceOf(name: string, activations: readonly number[]): LayerTrace {
  return { name, size: activations.length, activations };
}

/** Each output is the activation function of its bias plus its column of the kernel times `input`. */
function dense(layer: DenseLayer, parameters: Float32Array, input: readonly number[]): number[] {
  const { inputs, outputs, offset, activation } = layer;
  const bias = parameters.subarray(offset + inputs * outputs);
  return Array.from({ length: outputs }, (_, j) => {
    const weighted = input.map((x, k) => x * (parameters[offset + k * outputs + j] ?? NaN));
    return activate(
      activation,
      weighted.reduce((sum, x) => sum + x, bias[j] ?? NaN),
    );
  });
}

function activate(activation: Activation, x: number): number {
  if (activation === "tanh") return Math.tanh(x);
  if (activation === "relu") return Math.max(0, x);
  if (activation === "sigmoid") return sigmoid(x);
  return x;
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x));
}
