// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/** Windows over an image: which pixels each one covers, and the patches that a convolution multiplies. */
import type { ConvLayer, PoolLayer } from "../../model/model.ts";

/** int32[positions × height·width of the window]: the pixel at that place, or -1 for padding. */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a numeric kernel, four loops within each other.
export function windowPixels({ from, to, size, stride, pad }: ConvLayer | PoolLayer): Int32Array {
  const [height, width] = from;
  const pixels = new Int32Array(to[0] * to[1] * size[0] * size[1]);
  let at = 0;
  for (let i = 0; i < to[0]; i++) {
    for (let j = 0; j < to[1]; j++) {
      for (let y = i * stride[0] - pad[0], last = y + size[0]; y < last; y++) {
        for (let x = j * stride[1] - pad[1], end = x + size[1]; x < end; x++) {
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          pixels[at++] = inside ? y * width + x : -1;
        }
      }
    }
  }
  return pixels;
}

/** A convolution's windows, and the sizes of what they cover. */
export interface Windows {
  /** int32[positions × places], as windowPixels gives them. */
  readonly pixels: Int32Array;
  readonly positions: number;
  readonly places: number;
  readonly channels: number;
  /** Entries of one example's input. */
  readonly inputs: number;
}

/** Examples start to end, a patch a row: float32[(end - start)·positions × places·channels]. */
export function patchRows(windows: Windows, input: Float32Array, start: number, end: number) {
  const { pixels, channels, inputs } = windows;
  const patches = new Float32Array((end - start) * pixels.length * channels);
  let at = 0;
  for (let row = start; row < end; row++) {
    for (let i = 0; i < pixels.length; i++, at += channels) {
      if (pixels[i]! < 0) continue;
      const from = row * inputs + pixels[i]! * channels;
      for (let c = 0; c < channels; c++) patches[at + c] = input[from + c]!;
    }
  }
  return patches;
}

/** The same turned, and a row of ones below: float32[(places·channels + 1) × (end - start)·positions]. */
export function patchColumns(windows: Windows, input: Float32Array, start: number, end: number) {
  const { pixels, positions, places, channels, inputs } = windows;
  const width = (end - start) * positions;
  const columns = new Float32Array((places * channels + 1) * width);
  for (let place = 0; place < places; place++) {
    for (let c = 0; c < channels; c++) {
      let at = (place * channels + c) * width;
      for (let row = start; row < end; row++) {
        for (let p = place; p < pixels.length; p += places, at++) {
          if (pixels[p]! >= 0) columns[at] = input[row * inputs + pixels[p]! * channels + c]!;
        }
      }
    }
  }
  return columns.fill(1, places * channels * width);
}

/** Adds each patch's entries to the inputs that they were taken from; the reverse of patchRows. */
export function addPatches(
  { pixels, channels, inputs }: Windows,
  patches: Float32Array,
  start: number,
  end: number,
  sums: Float32Array,
): void {
  let at = 0;
  for (let row = start; row < end; row++) {
    for (let i = 0; i < pixels.length; i++, at += channels) {
      if (pixels[i]! < 0) continue;
      const to = row * inputs + pixels[i]! * channels;
      for (let c = 0; c < channels; c++) sums[to + c] = sums[to + c]! + patches[at + c]!;
    }
  }
}
