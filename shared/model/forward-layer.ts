/** What each kind of layer gives for one example, for a reader: float64, as its definition has it. */
import type { ConvLayer, DenseLayer, GroupNormLayer, PoolLayer } from "./model.ts";
import type { Activation } from "./model-spec.ts";

/** Each output is the activation function of its bias plus its column of the kernel times `input`. */
export function forwardDense(
  { inputs, outputs, activation }: DenseLayer,
  parameters: readonly number[],
  input: readonly number[],
): number[] {
  return Array.from({ length: outputs }, (_, j) => {
    const weighted = input.map((x, k) => x * at(parameters, k * outputs + j));
    return squash(activation, at(parameters, inputs * outputs + j) + sumOf(weighted));
  });
}

/** A place of the window that lies on the image: which of the window's, and which of the image's. */
interface Place {
  readonly tap: number;
  readonly pixel: number;
}

/** A convolution or a pool: every window's places, and what they give for each channel above. */
export function forwardWindows(
  layer: ConvLayer | PoolLayer,
  parameters: readonly number[],
  input: readonly number[],
): number[] {
  const [rows, columns, channels] = layer.to;
  const above: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const places = placesOf(layer, i, j);
      for (let c = 0; c < channels; c++) {
        above.push(
          layer.kind === "conv"
            ? filtered(layer, parameters, input, places, c)
            : pooled(layer, input, places, c),
        );
      }
    }
  }
  return above;
}

function placesOf({ from, size, stride, pad }: ConvLayer | PoolLayer, i: number, j: number) {
  const places: Place[] = [];
  for (let tap = 0; tap < size[0] * size[1]; tap++) {
    const y = i * stride[0] - pad[0] + Math.floor(tap / size[1]);
    const x = j * stride[1] - pad[1] + (tap % size[1]);
    if (y >= 0 && y < from[0] && x >= 0 && x < from[1])
      places.push({ tap, pixel: y * from[1] + x });
  }
  return places;
}

function filtered(
  { from, to, size, activation }: ConvLayer,
  parameters: readonly number[],
  input: readonly number[],
  places: readonly Place[],
  filter: number,
): number {
  const [, , below] = from;
  const weighted = places.flatMap(({ tap, pixel }) =>
    Array.from(
      { length: below },
      (_, c) => at(input, pixel * below + c) * at(parameters, (tap * below + c) * to[2] + filter),
    ),
  );
  const bias = at(parameters, size[0] * size[1] * below * to[2] + filter);
  return squash(activation, bias + sumOf(weighted));
}

function pooled(
  { from, pooling }: PoolLayer,
  input: readonly number[],
  places: readonly Place[],
  channel: number,
): number {
  const own = places.map(({ pixel }) => at(input, pixel * from[2] + channel));
  return pooling === "max" ? Math.max(...own) : sumOf(own) / own.length;
}

/** Each entry less its group's mean, over the group's standard deviation, times gamma, plus beta. */
export function forwardGroupNorm(
  { shape, groups, epsilon }: GroupNormLayer,
  parameters: readonly number[],
  input: readonly number[],
): number[] {
  const [, , channels] = shape;
  const groupOf = (i: number) => Math.floor(((i % channels) * groups) / channels);
  const moments = Array.from({ length: groups }, (_, group) => {
    const own = input.filter((_x, i) => groupOf(i) === group);
    const mean = sumOf(own) / own.length;
    return { mean, variance: sumOf(own.map((x) => (x - mean) ** 2)) / own.length };
  });
  return input.map((x, i) => {
    const { mean, variance } = moments[groupOf(i)] ?? { mean: NaN, variance: NaN };
    const normal = (x - mean) / Math.sqrt(variance + epsilon);
    return normal * at(parameters, i % channels) + at(parameters, channels + (i % channels));
  });
}

export function squash(activation: Activation, x: number): number {
  if (activation === "tanh") return Math.tanh(x);
  if (activation === "relu") return Math.max(0, x);
  if (activation === "linear") return x;
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x));
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0);
}
