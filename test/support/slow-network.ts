/**
 * Oracle of the engines: one example after the other, float64, each layer's formula as a textbook has
 * it and its derivatives off a tape. It shares no code with them but the layout of the model.
 */
import type { Examples } from "../../shared/engine/core/engine.ts";
import { buildModel } from "../../shared/model/build-model.ts";
import { initialParameters } from "../../shared/model/initial-parameters.ts";
import type { Layer, Model } from "../../shared/model/model.ts";
import type { Activation, ModelSpec } from "../../shared/model/model-spec.ts";
import { type Random, seededRoot, stream } from "../../shared/noise/random.ts";
import { denseModel, type Net } from "./nets.ts";
import { type Entry, Tape } from "./tape.ts";

/** A model with random parameters and examples, so scaled that half the gradients are clipped. */
export function randomCase(spec: Net, inputs: number, count: number, seed: number) {
  const random = stream(seededRoot(seed), "simulate", "case");
  const model = denseModel(spec, inputs);
  const parameters = initialParameters(model, random).map((w) => w + 0.3 * random.normal());
  const examples: Examples = {
    count,
    width: inputs,
    inputs: Float32Array.from({ length: count * inputs }, () => random.normal()),
    labels: Float32Array.from({ length: count }, () => random.below(2)),
  };
  return { model, parameters, examples };
}

/** The same for any model, of as many classes as it has outputs. */
export function randomCaseOf(spec: ModelSpec, count: number, seed: number) {
  const random = stream(seededRoot(seed), "simulate", "case");
  const model = buildModel(spec);
  const parameters = initialParameters(model, random).map((w) => w + 0.2 * random.normal());
  const examples: Examples = {
    count,
    width: model.inputs,
    inputs: Float32Array.from({ length: count * model.inputs }, () => random.normal()),
    labels: Float32Array.from({ length: count }, () => labelUnder(model, random)),
  };
  return { model, parameters, examples };
}

/** A class, or a number that is none. */
function labelUnder({ loss, outputs }: Model, random: Random): number {
  const isNumber = loss === "squaredError" || loss === "huber";
  return isNumber ? 0.4 * random.normal() : random.below(Math.max(2, outputs));
}

/** Outputs before any sigmoid or softmax. */
export function slowOutputs(
  model: Model,
  parameters: ArrayLike<number>,
  input: readonly number[],
): number[] {
  const tape = new Tape();
  const outputs = forward(model, tape, written(tape, parameters), input);
  return outputs.map((entry) => tape.value(entry));
}

/** Loss of one example. */
export function slowLoss(
  model: Model,
  parameters: ArrayLike<number>,
  input: number[],
  label: number,
): number {
  const tape = new Tape();
  const outputs = forward(model, tape, written(tape, parameters), input);
  return tape.value(loss(model, tape, outputs, label));
}

/** Gradient of one example's loss, off the tape. */
export function slowGradient(
  model: Model,
  parameters: ArrayLike<number>,
  input: number[],
  label: number,
): number[] {
  const tape = new Tape();
  const weights = written(tape, parameters);
  return tape.gradient(loss(model, tape, forward(model, tape, weights, input), label), weights);
}

/** Of every example, in order. */
export function slowGradients(
  model: Model,
  parameters: ArrayLike<number>,
  examples: Examples,
): number[][] {
  return Array.from({ length: examples.count }, (_, i) =>
    slowGradient(model, parameters, inputOf(examples, i), labelOf(examples, i)),
  );
}

/** Sum of gradients, each clipped by itself to `clipNorm`. */
export function sumClipped(gradients: readonly (readonly number[])[], clipNorm: number): number[] {
  const sum = new Array<number>(gradients[0]?.length ?? 0).fill(0);
  for (const gradient of gradients) {
    const factor = Math.min(1, clipNorm / norm(gradient));
    gradient.forEach((g, j) => {
      sum[j] = (sum[j] ?? NaN) + factor * g;
    });
  }
  return sum;
}

/** The same, but each layer's part by itself to its own bound. */
export function sumClippedByLayer(
  { layers }: Model,
  gradients: readonly (readonly number[])[],
  bounds: readonly number[],
): number[] {
  return layers
    .filter(({ parameters }) => parameters > 0)
    .flatMap(({ offset, parameters }, layer) =>
      sumClipped(
        gradients.map((gradient) => gradient.slice(offset, offset + parameters)),
        bounds[layer] ?? NaN,
      ),
    );
}

/** Sum of every example's gradient, each clipped by itself to `clipNorm`. */
export function slowClippedSum(
  model: Model,
  parameters: ArrayLike<number>,
  examples: Examples,
  clipNorm: number,
): number[] {
  return sumClipped(slowGradients(model, parameters, examples), clipNorm);
}

export function inputOf({ inputs, width }: Examples, index: number): number[] {
  return [...inputs.subarray(index * width, (index + 1) * width)];
}

export function labelOf({ labels }: Examples, index: number): number {
  return labels[index] ?? NaN;
}

export function norm(vector: Iterable<number>): number {
  return Math.hypot(...vector);
}

/** Largest difference of a coordinate. */
export function apart(a: Iterable<number>, b: Iterable<number>): number {
  const [x, y] = [[...a], [...b]];
  if (x.length !== y.length) return Infinity;
  return Math.max(...x.map((value, i) => Math.abs(value - (y[i] ?? NaN))));
}

function written(tape: Tape, parameters: ArrayLike<number>): Entry[] {
  return Array.from(parameters, (w) => tape.write(w));
}

/** Each formula as a textbook has it, on small numbers. */
function loss(model: Model, tape: Tape, outputs: readonly Entry[], label: number): Entry {
  const exps = outputs.map((z) => tape.exp(z));
  const [one] = exps;
  if (model.loss === "binaryCrossEntropy" && one !== undefined) {
    const odds = label === 1 ? tape.power(one, -1) : one;
    return tape.log(tape.plus(tape.write(1), odds));
  }
  if (model.loss === "categoricalCrossEntropy") {
    const share = tape.times(exps[label] ?? NaN, tape.power(tape.sum(exps), -1));
    return tape.scale(-1, tape.log(share));
  }
  if (model.loss === "huber" && outputs[0] !== undefined) {
    const error = tape.plus(outputs[0], tape.write(-label));
    const size = Math.abs(tape.value(error));
    if (size <= 0.2) return tape.scale(0.5, tape.times(error, error));
    const line = tape.scale(0.2 * Math.sign(tape.value(error)), error);
    return tape.plus(line, tape.write(-0.02));
  }
  const squares = outputs.map((z, j) => {
    const target = outputs.length === 1 ? label : Number(j === label);
    const error = tape.plus(z, tape.write(-target));
    return tape.times(error, error);
  });
  return tape.scale(1 / outputs.length, tape.sum(squares));
}

function forward(
  model: Model,
  tape: Tape,
  weights: readonly Entry[],
  input: readonly number[],
): Entry[] {
  let values = input.map((x) => tape.write(x));
  for (const layer of model.layers) values = through(layer, tape, weights, values);
  return values;
}

function through(layer: Layer, tape: Tape, weights: readonly Entry[], values: Entry[]): Entry[] {
  const weight = (i: number) => weights[layer.offset + i] ?? NaN;
  switch (layer.kind) {
    case "dense": {
      const { inputs, outputs } = layer;
      return Array.from({ length: outputs }, (_, j) => {
        const terms = values.map((a, k) => tape.times(a, weight(k * outputs + j)));
        const z = tape.plus(tape.sum(terms), weight(inputs * outputs + j));
        return activated(layer.activation, tape, z);
      });
    }
    case "conv": {
      const [, , channels] = layer.from;
      const filters = layer.to[2];
      const bias = layer.size[0] * layer.size[1] * channels * filters;
      return windows(layer).flatMap((window) =>
        Array.from({ length: filters }, (_, f) => {
          const terms = window.flatMap(({ pixel, tap }) =>
            Array.from({ length: channels }, (_, c) =>
              tape.times(
                values[pixel * channels + c] ?? NaN,
                weight((tap * channels + c) * filters + f),
              ),
            ),
          );
          return activated(layer.activation, tape, tape.plus(tape.sum(terms), weight(bias + f)));
        }),
      );
    }
    case "pool": {
      const channels = layer.from[2];
      return windows(layer).flatMap((window) =>
        Array.from({ length: channels }, (_, c) => {
          const seen = window.map(({ pixel }) => values[pixel * channels + c] ?? NaN);
          if (layer.pooling === "average") return tape.scale(1 / seen.length, tape.sum(seen));
          return seen.reduce((most, x) => (tape.value(x) > tape.value(most) ? x : most));
        }),
      );
    }
    case "groupNorm": {
      const channels = layer.shape[2];
      const groupOf = (i: number) => Math.floor((i % channels) / (channels / layer.groups));
      const mean = (entries: Entry[]) => tape.scale(1 / entries.length, tape.sum(entries));
      const groups = Array.from({ length: layer.groups }, (_, g) => {
        const shift = tape.scale(-1, mean(values.filter((_, i) => groupOf(i) === g)));
        const centred = values.map((x) => tape.plus(x, shift));
        const own = centred.filter((_, i) => groupOf(i) === g);
        const variance = mean(own.map((x) => tape.times(x, x)));
        const scale = tape.power(tape.plus(variance, tape.write(layer.epsilon)), -0.5);
        return { shift, scale };
      });
      return values.map((x, i) => {
        const { shift, scale } = groups[groupOf(i)] ?? { shift: NaN, scale: NaN };
        const normal = tape.times(tape.plus(x, shift), scale);
        return tape.plus(
          tape.times(normal, weight(i % channels)),
          weight(channels + (i % channels)),
        );
      });
    }
    case "activation":
      return values.map((x) => activated(layer.activation, tape, x));
  }
}

/** What each position of a window sees: pixels of the image, and which taps of the window they are at. */
function windows({ from, to, size, stride, pad }: Extract<Layer, { readonly to: unknown }>) {
  const positions: { pixel: number; tap: number }[][] = [];
  for (let y = 0; y < to[0]; y++) {
    for (let x = 0; x < to[1]; x++) {
      const seen: { pixel: number; tap: number }[] = [];
      for (let row = 0; row < from[0]; row++) {
        for (let column = 0; column < from[1]; column++) {
          const down = row - (y * stride[0] - pad[0]);
          const across = column - (x * stride[1] - pad[1]);
          if (down < 0 || down >= size[0] || across < 0 || across >= size[1]) continue;
          seen.push({ pixel: row * from[1] + column, tap: down * size[1] + across });
        }
      }
      positions.push(seen);
    }
  }
  return positions;
}

function activated(activation: Activation, tape: Tape, z: Entry): Entry {
  const one = tape.write(1);
  switch (activation) {
    case "linear":
      return z;
    case "relu":
      return tape.value(z) > 0 ? z : tape.write(0);
    case "sigmoid":
      return tape.power(tape.plus(one, tape.exp(tape.scale(-1, z))), -1);
    case "tanh": {
      // 2·sigmoid(2z) − 1
      const half = tape.power(tape.plus(one, tape.exp(tape.scale(-2, z))), -1);
      return tape.plus(tape.scale(2, half), tape.write(-1));
    }
  }
}
