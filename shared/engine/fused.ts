/**
 * The dense kernel over typed arrays: forward pass, deltas, norm and clipping of one example after
 * the other, added straight into the sum. Nothing is allocated for an example.
 *
 * At 5-16-1 it takes a fifth of TensorFlow.js WASM's time (bench/step.ts), whose every operation
 * costs more to start than to do. At 784-128-1 WASM is the faster one, about twice.
 */
import type { Activation, DenseLayer, Model } from "../model.ts";
import { clipFactor, layerSquare } from "./clip.ts";
import { BLOCK_SLOTS, type Engine, type Examples } from "./engine.ts";
import { checkClipNorm, checkShapes } from "./shapes.ts";

/** An engine that runs every model that model.ts can lay out. Throws RangeError on wrong lengths. */
export function fusedEngine(model: Model): Engine {
  const pass = new Pass(model);
  return {
    kind: "fused",
    model,

    clippedSum(parameters, examples, clipNorm, sampled) {
      checkShapes(model, parameters, examples, sampled);
      checkClipNorm(clipNorm);
      const total = new Float64Array(model.parameters);
      const block = new Float32Array(model.parameters);
      for (let start = 0; start < examples.count; start += BLOCK_SLOTS) {
        const end = Math.min(start + BLOCK_SLOTS, examples.count);
        let touched = false;
        for (let slot = start; slot < end; slot++) {
          if (sampled !== undefined && sampled[slot] === 0) continue;
          const factor = clipFactor(pass.gradientSquare(parameters, examples, slot), clipNorm);
          if (factor === 0) continue;
          pass.addGradient(factor, block);
          touched = true;
        }
        if (touched) moveInto(total, block);
      }
      return total;
    },

    gradientNorms(parameters, examples) {
      checkShapes(model, parameters, examples);
      const norms = new Float64Array(examples.count);
      for (let i = 0; i < norms.length; i++) {
        norms[i] = Math.sqrt(pass.gradientSquare(parameters, examples, i));
      }
      return norms;
    },

    logits(parameters, examples) {
      checkShapes(model, parameters, examples);
      const logits = new Float32Array(examples.count);
      for (let i = 0; i < logits.length; i++) logits[i] = pass.forward(parameters, examples, i);
      return logits;
    },
  };
}

/** Adds a block's float32 sum to the float64 total, and empties the block. */
function moveInto(total: Float64Array, block: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i] = total[i]! + block[i]!;
  block.fill(0);
}

/**
 * One example's way through the layers. Activations and deltas are float64 scratch that the next
 * example overwrites: adding the float32 products is then the only rounding that lattice.ts must
 * bound.
 */
class Pass {
  readonly #layers: readonly DenseLayer[];
  /** What goes into layer l, at l; the last entry is the logit. */
  readonly #activations: readonly Float64Array[];
  /** Derivative of the cross-entropy by what layer l's activation function is given, at l. */
  readonly #deltas: readonly Float64Array[];

  constructor({ inputs, layers }: Model) {
    this.#layers = layers;
    this.#activations = [inputs, ...layers.map(({ outputs }) => outputs)].map(
      (width) => new Float64Array(width),
    );
    this.#deltas = layers.map(({ outputs }) => new Float64Array(outputs));
  }

  /** The logit of example `index`. */
  forward(parameters: Float32Array, { inputs, width }: Examples, index: number): number {
    const first = this.#activations[0]!;
    const start = index * width;
    for (let k = 0; k < width; k++) first[k] = inputs[start + k]!;
    for (let l = 0; l < this.#layers.length; l++) {
      const layer = this.#layers[l]!;
      const output = this.#activations[l + 1]!;
      multiply(parameters, layer, this.#activations[l]!, output);
      activate(layer.activation, output);
    }
    return this.#activations[this.#layers.length]![0]!;
  }

  /** Forward, then back: the deltas of every layer, and the squared norm of the whole gradient. */
  gradientSquare(parameters: Float32Array, examples: Examples, index: number): number {
    const logit = this.forward(parameters, examples, index);
    const last = this.#layers.length - 1;
    this.#deltas[last]![0] = sigmoid(logit) - examples.labels[index]!;
    let square = 0;
    for (let l = last; l >= 0; l--) {
      const input = this.#activations[l]!;
      const deltas = this.#deltas[l]!;
      square += layerSquare(squareOf(input), squareOf(deltas));
      if (l === 0) break;
      const below = this.#layers[l - 1]!;
      backpropagate(parameters, this.#layers[l]!, deltas, this.#deltas[l - 1]!);
      multiplySlopes(below.activation, input, this.#deltas[l - 1]!);
    }
    return square;
  }

  /** Adds `factor` times the gradient that gradientSquare was last asked for. */
  addGradient(factor: number, sum: Float32Array): void {
    for (let l = 0; l < this.#layers.length; l++) {
      addLayer(factor, this.#layers[l]!, this.#activations[l]!, this.#deltas[l]!, sum);
    }
  }
}

/** output = bias + input · kernel */
function multiply(
  parameters: Float32Array,
  { inputs, outputs, offset }: DenseLayer,
  input: Float64Array,
  output: Float64Array,
): void {
  const bias = offset + inputs * outputs;
  if (outputs === 1) {
    // The logit, which a logistic model has nothing but: in a register, 2–3 times as fast.
    let sum = parameters[bias]!;
    for (let k = 0; k < inputs; k++) sum += input[k]! * parameters[offset + k]!;
    output[0] = sum;
    return;
  }
  for (let j = 0; j < outputs; j++) output[j] = parameters[bias + j]!;
  for (let k = 0; k < inputs; k++) {
    const a = input[k]!;
    if (a === 0) continue; // one-hot inputs are mostly zeros
    const row = offset + k * outputs;
    for (let j = 0; j < outputs; j++) output[j] = output[j]! + a * parameters[row + j]!;
  }
}

/** below = kernel · deltas */
function backpropagate(
  parameters: Float32Array,
  { inputs, outputs, offset }: DenseLayer,
  deltas: Float64Array,
  below: Float64Array,
): void {
  for (let k = 0; k < inputs; k++) {
    const row = offset + k * outputs;
    let sum = 0;
    for (let j = 0; j < outputs; j++) sum += parameters[row + j]! * deltas[j]!;
    below[k] = sum;
  }
}

/** sum += factor · (input ⊗ deltas) for the kernel, factor · deltas for the bias */
function addLayer(
  factor: number,
  { inputs, outputs, offset }: DenseLayer,
  input: Float64Array,
  deltas: Float64Array,
  sum: Float32Array,
): void {
  const bias = offset + inputs * outputs;
  for (let j = 0; j < outputs; j++) sum[bias + j] = sum[bias + j]! + factor * deltas[j]!;
  if (outputs === 1) {
    const weighted = factor * deltas[0]!;
    for (let k = 0; k < inputs; k++) sum[offset + k] = sum[offset + k]! + weighted * input[k]!;
    return;
  }
  for (let k = 0; k < inputs; k++) {
    const a = factor * input[k]!;
    if (a === 0) continue;
    const row = offset + k * outputs;
    for (let j = 0; j < outputs; j++) sum[row + j] = sum[row + j]! + a * deltas[j]!;
  }
}

function activate(activation: Activation, values: Float64Array): void {
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
function multiplySlopes(activation: Activation, values: Float64Array, deltas: Float64Array): void {
  if (activation === "linear") return;
  for (let j = 0; j < values.length; j++) {
    const a = values[j]!;
    if (activation === "tanh") deltas[j] = deltas[j]! * (1 - a * a);
    else if (activation === "relu") deltas[j] = a > 0 ? deltas[j]! : 0;
    else deltas[j] = deltas[j]! * a * (1 - a);
  }
}

function squareOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** Without overflow at either end: the exponent is never above 0. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
