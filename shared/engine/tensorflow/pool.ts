// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/** Pooling of many examples. Nothing in it is a product, so that TensorFlow.js has no part in it. */
import type { PoolLayer } from "../../model/model.ts";
import type { LoadLayer } from "./layer.ts";
import { windowPixels } from "./window.ts";

export function poolLayer(layer: PoolLayer): LoadLayer {
  const { outputs, pooling } = layer;
  const pixels = windowPixels(layer);
  const eachShare = pooling === "max" ? eachMaximum : eachOfAverage;
  return () => ({
    layer,
    forward: (input, rows) => {
      const output = new Float32Array(rows * outputs);
      eachShare({ layer, pixels, input, rows }, (from, to, share) => {
        output[to] = output[to]! + share * input[from]!;
      });
      return output;
    },
    back: ({ rows, input }, delta) => ({
      gradient: null,
      below: () => {
        const below = new Float32Array(input.length);
        eachShare({ layer, pixels, input, rows }, (from, to, share) => {
          below[from] = below[from]! + share * delta[to]!;
        });
        return below;
      },
    }),
  });
}

interface Pooled {
  readonly layer: PoolLayer;
  readonly pixels: Int32Array;
  readonly input: Float32Array;
  readonly rows: number;
}

/** Told of every input that has a part in an output, and how large a part. */
type Tell = (from: number, to: number, share: number) => void;

/** The first of the largest has it all. */
function eachMaximum(pooled: Pooled, tell: Tell): void {
  const { input } = pooled;
  eachWindow(pooled, (covered, count, to) => {
    let most = covered[0]!;
    for (let k = 1; k < count; k++) {
      const x = input[covered[k]!]!;
      // A NaN is the largest of all, so that no window hides one.
      if (x > input[most]! || Number.isNaN(x)) most = covered[k]!;
    }
    tell(most, to, 1);
  });
}

/** Each in the image has as much as the others; padding has no part. */
function eachOfAverage(pooled: Pooled, tell: Tell): void {
  eachWindow(pooled, (covered, count, to) => {
    for (let k = 0; k < count; k++) tell(covered[k]!, to, 1 / count);
  });
}

/** Every output, and the inputs that its window covers: the first `count` of `covered`. */
function eachWindow(
  { layer: { to, size, inputs, outputs }, pixels, rows }: Pooled,
  work: (covered: Int32Array, count: number, output: number) => void,
): void {
  const places = size[0] * size[1];
  const channels = to[2];
  const covered = new Int32Array(places);
  for (let output = 0; output < rows * outputs; output++) {
    const c = output % channels;
    const position = ((output % outputs) - c) / channels;
    const start = Math.floor(output / outputs) * inputs + c;
    let count = 0;
    for (let k = position * places; k < (position + 1) * places; k++) {
      if (pixels[k]! >= 0) covered[count++] = start + pixels[k]! * channels;
    }
    work(covered, count, output);
  }
}
