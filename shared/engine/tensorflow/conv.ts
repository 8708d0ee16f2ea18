/**
 * Convolutions by TensorFlow.js as products of patches and kernel (im2col: Chellapilla, Puri & Simard
 * 2006). Its WASM backend has no kernel for the gradient of the weights.
 */
import { patchesOf } from "../../model/build-model.ts";
import type { ConvLayer } from "../../model/model.ts";
import { activate, throughActivation } from "./activation.ts";
import type { TensorFlow } from "./backend.ts";
import { addInto, type LoadLayer, multiplied, readBack, type WrittenGradient } from "./layer.ts";
import { addPatches, patchColumns, patchRows, type Windows, windowPixels } from "./window.ts";

/** Most numbers in the patches of some examples: 1 MB, unless one example has more. */
const PATCH_ENTRIES = 2 ** 18;

export function convLayer(tf: TensorFlow, layer: ConvLayer): LoadLayer {
  const { offset, activation, inputs, outputs } = layer;
  const { positions, width, filters } = patchesOf(layer);
  const channels = layer.from[2];
  const pixels = windowPixels(layer);
  const windows = { pixels, positions, places: width / channels, channels, inputs };
  const patched = (rows: number) => slices(0, rows, positions * (width + 1));

  return (parameters) => {
    const end = offset + width * filters;
    const kernel = tf.tensor2d(parameters.slice(offset, end), [width, filters]);
    const turned = tf.transpose(kernel);
    const bias = tf.tensor1d(parameters.slice(end, end + filters));
    return {
      layer,
      forward: (input, rows) => {
        const output = new Float32Array(rows * outputs);
        for (const [start, end] of patched(rows)) {
          const patches = patchRows(windows, input, start, end);
          const part = readBack(tf, () => {
            const product = tf.matMul(
              tf.tensor2d(patches, [patches.length / width, width]),
              kernel,
            );
            return activate(tf, activation, tf.add(product, bias));
          });
          output.set(part, start * outputs);
        }
        return output;
      },
      back: ({ rows, input, output }, above) => {
        const delta = throughActivation(tf, activation, output, above);
        const below = () => {
          const sums = new Float32Array(rows * inputs);
          for (const [start, end] of patched(rows)) {
            const own = delta.subarray(start * outputs, end * outputs);
            const patches = readBack(tf, () =>
              tf.matMul(tf.tensor2d(own, [own.length / filters, filters]), turned),
            );
            addPatches(windows, patches, start, end, sums);
          }
          return sums;
        };
        return { gradient: convGradient(tf, layer, windows, input, delta), below };
      },
    };
  };
}

/** Kernel and bias of an example at once: patches, turned, with ones below them, times its deltas. */
function convGradient(
  tf: TensorFlow,
  layer: ConvLayer,
  windows: Windows,
  input: Float32Array,
  delta: Float32Array,
): WrittenGradient {
  const { outputs, parameters } = layer;
  const { positions, width } = patchesOf(layer);
  const between = (start: number, end: number) =>
    multiplied(
      tf,
      patchColumns(windows, input, start, end),
      delta.subarray(start * outputs, end * outputs),
      (end - start) * positions,
    );
  return {
    kind: "written",
    layer,
    of: (row) => between(row, row + 1),
    sum: (start, end) => {
      const sum = new Float32Array(parameters);
      for (const [from, to] of slices(start, end, positions * (width + 1)))
        addInto(sum, 0, between(from, to), 1);
      return sum;
    },
  };
}

/** Rows in turn, as many as PATCH_ENTRIES holds. @param entries of one row */
function* slices(start: number, end: number, entries: number) {
  const rows = Math.max(1, Math.floor(PATCH_ENTRIES / entries));
  for (let from = start; from < end; from += rows)
    yield [from, Math.min(from + rows, end)] as const;
}
