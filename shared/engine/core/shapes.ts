/** What an engine asks of its arguments. A refusal here is a bug in Murmur, so none is a Refusal. */
import { type Model, trainedLayers } from "../../model/model.ts";
import type { ClipBounds } from "./clip.ts";
import type { Examples } from "./engine.ts";

/** Throws a RangeError unless the lengths agree with each other and with the model. */
export function checkShapes(
  model: Model,
  parameters: Float32Array,
  examples: Examples,
  sampled?: Uint8Array,
): void {
  const { count, width, inputs, labels } = examples;
  expectLength("parameters", parameters.length, model.parameters);
  expectLength("an example", width, model.inputs);
  expectLength("inputs", inputs.length, count * width);
  expectLength("labels", labels.length, count);
  if (sampled !== undefined) expectLength("sampled", sampled.length, count);
}

/** Throws a RangeError unless there is one bound or one a layer, each finite and above 0. */
export function checkBounds(model: Model, bounds: ClipBounds): void {
  const all = typeof bounds === "number" ? [bounds] : bounds;
  if (typeof bounds !== "number") expectLength("bounds", all.length, trainedLayers(model).length);
  for (const bound of all) {
    if (!(bound > 0 && bound < Infinity)) throw new RangeError(`a clip bound is ${bound}`);
  }
}

function expectLength(what: string, got: number, expected: number): void {
  if (got !== expected) throw new RangeError(`${what} of length ${got}, the model has ${expected}`);
}
