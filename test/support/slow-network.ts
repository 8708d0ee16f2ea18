/**
 * Oracle of the engines: one example after the other, plain arrays of float64, each formula as a
 * textbook has it. It shares no code with them but the layout of the parameters.
 */
import type { Examples } from "../../shared/engine/engine.ts";
import { buildModel, initialParameters, type Model, type ModelSpec } from "../../shared/model.ts";
import { seededRoot, stream } from "../../shared/random.ts";

/** A model with random parameters and examples, so scaled that half the gradients are clipped. */
export function randomCase(spec: ModelSpec, inputs: number, count: number, seed: number) {
  const random = stream(seededRoot(seed), "simulate", "case");
  const model = buildModel(spec, inputs);
  const parameters = initialParameters(model, random).map((w) => w + 0.3 * random.normal());
  const examples: Examples = {
    count,
    width: inputs,
    inputs: Float32Array.from({ length: count * inputs }, () => random.normal()),
    labels: Float32Array.from({ length: count }, () => random.below(2)),
  };
  return { model, parameters, examples };
}

/** Output before its sigmoid. */
export function slowLogit(model: Model, parameters: ArrayLike<number>, input: number[]): number {
  return forward(model, parameters, input).at(-1)?.[0] ?? NaN;
}

/** Cross-entropy of one example, in nats. */
export function slowLoss(
  model: Model,
  parameters: ArrayLike<number>,
  input: number[],
  label: number,
): number {
  const p = 1 / (1 + Math.exp(-slowLogit(model, parameters, input)));
  return label === 1 ? -Math.log(p) : -Math.log(1 - p);
}

/** Gradient of one example's cross-entropy, by the chain rule. */
export function slowGradient(
  model: Model,
  parameters: ArrayLike<number>,
  input: number[],
  label: number,
): number[] {
  const values = forward(model, parameters, input);
  const gradient = new Array<number>(model.parameters).fill(0);
  let deltas = [1 / (1 + Math.exp(-(values.at(-1)?.[0] ?? NaN))) - label];
  for (let l = model.layers.length - 1; l >= 0; l--) {
    const layer = model.layers[l];
    const below = values[l] ?? [];
    if (layer === undefined) throw new Error("no such layer");
    const at = (k: number, j: number) => layer.offset + k * layer.outputs + j;
    deltas.forEach((delta, j) => {
      below.forEach((a, k) => {
        gradient[at(k, j)] = delta * a;
      });
      gradient[at(layer.inputs, j)] = delta;
    });
    const slope = SLOPES[model.layers[l - 1]?.activation ?? "linear"];
    deltas = below.map((a, k) => {
      const sum = deltas.reduce((s, delta, j) => s + delta * (parameters[at(k, j)] ?? NaN), 0);
      return sum * slope(a);
    });
  }
  return gradient;
}

/** Sum of every example's gradient, each clipped by itself to `clipNorm`. */
export function slowClippedSum(
  model: Model,
  parameters: ArrayLike<number>,
  examples: Examples,
  clipNorm: number,
): number[] {
  const sum = new Array<number>(model.parameters).fill(0);
  for (let i = 0; i < examples.count; i++) {
    const gradient = slowGradient(model, parameters, inputOf(examples, i), labelOf(examples, i));
    const factor = Math.min(1, clipNorm / norm(gradient));
    gradient.forEach((g, j) => {
      sum[j] = (sum[j] ?? NaN) + factor * g;
    });
  }
  return sum;
}

/** The same, but each layer's part by itself to its own bound. */
export function slowSumByLayer(
  model: Model,
  parameters: ArrayLike<number>,
  examples: Examples,
  bounds: readonly number[],
): number[] {
  const sum = new Array<number>(model.parameters).fill(0);
  for (let i = 0; i < examples.count; i++) {
    const gradient = slowGradient(model, parameters, inputOf(examples, i), labelOf(examples, i));
    model.layers.forEach(({ offset, inputs, outputs }, layer) => {
      const part = gradient.slice(offset, offset + (inputs + 1) * outputs);
      const factor = Math.min(1, (bounds[layer] ?? NaN) / norm(part));
      part.forEach((g, j) => {
        sum[offset + j] = (sum[offset + j] ?? NaN) + factor * g;
      });
    });
  }
  return sum;
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

const FUNCTIONS = {
  tanh: (z: number) => (Math.exp(z) - Math.exp(-z)) / (Math.exp(z) + Math.exp(-z)),
  relu: (z: number) => (z > 0 ? z : 0),
  sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
  linear: (z: number) => z,
} as const;

/** Slopes, by what the function gave. */
const SLOPES = {
  tanh: (a: number) => 1 - a ** 2,
  relu: (a: number) => (a > 0 ? 1 : 0),
  sigmoid: (a: number) => a * (1 - a),
  linear: () => 1,
} as const;

/** The input, then what each layer gives. */
function forward(model: Model, parameters: ArrayLike<number>, input: number[]): number[][] {
  const values = [input];
  for (const { inputs, outputs, offset, activation } of model.layers) {
    const below = values.at(-1) ?? [];
    const above: number[] = [];
    for (let j = 0; j < outputs; j++) {
      let z = parameters[offset + inputs * outputs + j] ?? NaN;
      for (let k = 0; k < inputs; k++) {
        z += (below[k] ?? NaN) * (parameters[offset + k * outputs + j] ?? NaN);
      }
      above.push(FUNCTIONS[activation](z));
    }
    values.push(above);
  }
  return values;
}
