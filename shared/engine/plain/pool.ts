/** A pool, one example at a time in float64. Of equal entries the first is the maximum. */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import type { PoolLayer } from "../../model/model.ts";
import type { PlainLayer } from "./layer.ts";
import { forEachTap } from "./window.ts";

export function plainPool(layer: PoolLayer): PlainLayer {
  return layer.pooling === "max" ? maxPool(layer) : averagePool(layer);
}

function maxPool(layer: PoolLayer): PlainLayer {
  const channels = layer.from[2];
  /** Which entry of the input each output is. */
  const chosen = new Int32Array(layer.outputs);
  return {
    forward(_parameters, input, output) {
      chosen.fill(-1);
      forEachTap(layer, (position, pixel) => {
        for (let c = 0; c < channels; c++) {
          const [to, from] = [position * channels + c, pixel * channels + c];
          // NaN is above all, so that a spoilt example stays spoilt.
          const above = !(input[from]! <= output[to]!) && !Number.isNaN(output[to]!);
          if (chosen[to] !== -1 && !above) continue;
          chosen[to] = from;
          output[to] = input[from]!;
        }
      });
    },

    backward(_parameters, { deltas, below }) {
      below.fill(0);
      for (let o = 0; o < deltas.length; o++) below[chosen[o]!]! += deltas[o]!;
    },
  };
}

function averagePool(layer: PoolLayer): PlainLayer {
  const channels = layer.from[2];
  /** Pixels of the image in each position's window. */
  const pixels = new Int32Array(layer.to[0] * layer.to[1]);
  forEachTap(layer, (position) => {
    pixels[position]! += 1;
  });
  return {
    forward(_parameters, input, output) {
      output.fill(0);
      forEachTap(layer, (position, pixel) => {
        for (let c = 0; c < channels; c++) {
          output[position * channels + c]! += input[pixel * channels + c]! / pixels[position]!;
        }
      });
    },

    backward(_parameters, { deltas, below }) {
      below.fill(0);
      forEachTap(layer, (position, pixel) => {
        for (let c = 0; c < channels; c++) {
          below[pixel * channels + c]! += deltas[position * channels + c]! / pixels[position]!;
        }
      });
    },
  };
}
