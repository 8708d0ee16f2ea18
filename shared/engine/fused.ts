/**
 * The dense kernel over typed arrays: forward pass, deltas, norm and clipping of one example after
 * the other, added straight into the sum. Nothing is allocated for an example.
 *
 * At 5-16-1 it takes a fifth of TensorFlow.js WASM's time (bench/step.ts), whose every operation
 * costs more to start than to do. At 784-128-1 WASM is the faster one, about twice.
 */
import type { DenseLayer, Model } from "../model.ts";
import { clipFactor, layerSquare } from "./clip.ts";
import {
  activate,
  addLayer,
  backpropagate,
  multiply,
  multiplySlopes,
  sigmoid,
  squareOf,
} from "./dense.ts";
import { BLOCK_SLOTS, type Engine, type Examples } from "./engine.ts";
import { checkBounds, checkShapes } from "./shapes.ts";

/** An engine that runs every model that model.ts can lay out. Throws RangeError on wrong lengths. */
export function fusedEngine(model: Model): Engine {
  const pass = new Pass(model);
  return {
    kind: "fused",
    model,

    clippedSum(parameters, examples, bounds, sampled) {
      checkShapes(model, parameters, examples, sampled);
      checkBounds(model, bounds);
      const total = new Float64Array(model.parameters);
      const block = new Float32Array(model.parameters);
      for (let start = 0; start < examples.count; start += BLOCK_SLOTS) {
        const end = Math.min(start + BLOCK_SLOTS, examples.count);
        let touched = false;
        for (let slot = start; slot < end; slot++) {
          if (sampled !== undefined && sampled[slot] === 0) continue;
          const square = pass.gradientSquare(parameters, examples, slot);
          if (typeof bounds === "number") {
            const factor = clipFactor(square, bounds);
            if (factor === 0) continue;
            pass.addGradient(factor, block);
          } else if (!pass.addByLayer(square, bounds, block)) continue;
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
  /** Squared norm of layer l's gradient, at l. */
  readonly #squares: Float64Array;

  constructor({ inputs, layers }: Model) {
    this.#layers = layers;
    this.#activations = [inputs, ...layers.map(({ outputs }) => outputs)].map(
      (width) => new Float64Array(width),
    );
    this.#deltas = layers.map(({ outputs }) => new Float64Array(outputs));
    this.#squares = new Float64Array(layers.length);
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
      this.#squares[l] = layerSquare(squareOf(input), squareOf(deltas));
      square += this.#squares[l]!;
      if (l === 0) break;
      const below = this.#layers[l - 1]!;
      backpropagate(parameters, this.#layers[l]!, deltas, this.#deltas[l - 1]!);
      multiplySlopes(below.activation, input, this.#deltas[l - 1]!);
    }
    return square;
  }

  /** Adds `factor` times the gradient that gradientSquare was last asked for. */
  addGradient(factor: number, sum: Float32Array): void {
    for (let l = 0; l < this.#layers.length; l++) this.#addLayer(l, factor, sum);
  }

  /**
   * Adds the same gradient, whose square gradientSquare gave, each layer clipped to its own bound;
   * false if it is not finite, and then nothing is added.
   */
  addByLayer(square: number, bounds: readonly number[], sum: Float32Array): boolean {
    if (clipFactor(square, 1) === 0) return false;
    for (let l = 0; l < this.#layers.length; l++) {
      this.#addLayer(l, clipFactor(this.#squares[l]!, bounds[l]!), sum);
    }
    return true;
  }

  #addLayer(l: number, factor: number, sum: Float32Array): void {
    addLayer(factor, this.#layers[l]!, this.#activations[l]!, this.#deltas[l]!, sum);
  }
}
