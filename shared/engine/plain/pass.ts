/** One example's way through all layers and back, over float64 scratch that the next overwrites. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { type Layer, type Model, trainedLayers } from "../../model/model.ts";
import { squareOf, TOO_LONG } from "../core/clip.ts";
import type { Examples } from "../core/engine.ts";
import { writeLossDeltas } from "../core/loss-deltas.ts";
import { plainActivation } from "./activation.ts";
import { plainConv } from "./conv.ts";
import { plainDense } from "./dense.ts";
import type { PlainLayer } from "./layer.ts";
import { plainNorm } from "./norm.ts";
import { plainPool } from "./pool.ts";

export class PlainPass {
  /** Of the example that `differentiate` was last given: float64[parameters]. */
  readonly gradient: Float64Array;
  /** Squared norm of each trained layer's part of it; Infinity where what went in was too long. */
  readonly squares: Float64Array;
  readonly #model: Model;
  readonly #layers: readonly PlainLayer[];
  /** What goes into layer l, at l; the last are the model's outputs. */
  readonly #values: readonly Float64Array[];
  /** The loss's derivatives by #values. */
  readonly #deltas: readonly Float64Array[];

  constructor(model: Model) {
    this.#model = model;
    this.#layers = model.layers.map(plainLayer);
    const widths = [model.inputs, ...model.layers.map(({ outputs }) => outputs)];
    this.#values = widths.map((width) => new Float64Array(width));
    this.#deltas = widths.map((width) => new Float64Array(width));
    this.gradient = new Float64Array(model.parameters);
    this.squares = new Float64Array(trainedLayers(model).length);
  }

  /** The outputs of example `index`: float64[outputs], overwritten by the next. */
  forward(parameters: Float32Array, { inputs, width }: Examples, index: number): Float64Array {
    this.#values[0]!.set(inputs.subarray(index * width, (index + 1) * width));
    for (const [l, layer] of this.#layers.entries()) {
      layer.forward(parameters, this.#values[l]!, this.#values[l + 1]!);
    }
    return this.#values.at(-1)!;
  }

  /** Fills `gradient` and `squares` for example `index`. */
  differentiate(parameters: Float32Array, examples: Examples, index: number): void {
    const outputs = this.forward(parameters, examples, index);
    const [{ loss, outputs: width }, label] = [this.#model, examples.labels[index]!];
    writeLossDeltas(loss, width, label, outputs, 0, this.#deltas.at(-1)!, 0);
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const [input, output] = [this.#values[l]!, this.#values[l + 1]!];
      const [below, deltas] = [this.#deltas[l]!, this.#deltas[l + 1]!];
      this.#layers[l]!.backward(parameters, { input, output, deltas, below }, this.gradient);
    }
    this.#measure();
  }

  #measure(): void {
    let trained = 0;
    for (const [l, { kind, offset, parameters }] of this.#model.layers.entries()) {
      if (parameters === 0) continue;
      const tooLong = !(squareOf(this.#values[l]!) < TOO_LONG * TOO_LONG);
      const square = squareOf(this.gradient.subarray(offset, offset + parameters));
      this.squares[trained++] = tooLong && kind !== "groupNorm" ? Infinity : square;
    }
  }
}

function plainLayer(layer: Layer): PlainLayer {
  switch (layer.kind) {
    case "dense":
      return plainDense(layer);
    case "conv":
      return plainConv(layer);
    case "pool":
      return plainPool(layer);
    case "groupNorm":
      return plainNorm(layer);
    case "activation":
      return plainActivation(layer.activation);
  }
}
