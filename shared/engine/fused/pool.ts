/** A pool over a batch. Of equal entries the first is the maximum; padding is never one, nor counted. */
import { type PoolLayer, positionsOf } from "../../model/model.ts";
import { BLOCK_SLOTS } from "../core/engine.ts";
import { forEachTap } from "../plain/window.ts";
import type { Arena, Machine } from "./arena.ts";
import { type FusedLayer, type LayerRows, type Placed, startOf } from "./layer.ts";

/** Addresses of the lists of pixels (simd/pools.as.ts). */
interface Windows {
  readonly pixels: number;
  readonly starts: number;
}

export function placePool(layer: PoolLayer, io: LayerRows, arena: Arena): Placed {
  const lists: number[][] = Array.from({ length: positionsOf(layer.to) }, () => []);
  forEachTap(layer, (position, pixel) => lists[position]?.push(4 * layer.from[2] * pixel));
  const pixels = arena.floats(lists.flat().length);
  const starts = arena.floats(lists.length + 1);
  // Where each output's maximum was.
  const chosen = layer.pooling === "max" ? arena.floats(BLOCK_SLOTS * layer.outputs) : 0;
  return (machine) => {
    machine.words.set(lists.flat(), pixels / 4);
    let start = 0;
    for (const [i, list] of lists.entries()) {
      start += list.length;
      machine.words[starts / 4 + i + 1] = start;
    }
    const windows = { pixels, starts };
    return layer.pooling === "max"
      ? maxPool(layer, io, windows, machine, chosen)
      : averagePool(layer, io, windows, machine);
  };
}

function maxPool(
  layer: PoolLayer,
  { input, output, deltas, below }: LayerRows,
  { pixels, starts }: Windows,
  { kernel, floats }: Machine,
  chosen: number,
): FusedLayer {
  const [positions, channels] = [positionsOf(layer.to), layer.to[2]];
  const chosenIn = (row: number) => chosen + 4 * row * layer.outputs;
  return {
    trained: null,
    forward(rows) {
      for (let row = 0; row < rows; row++) {
        const [from, to] = [startOf(input, row), startOf(output, row)];
        kernel.maxPool(from, pixels, starts, positions, channels, to, chosenIn(row));
      }
    },
    backward(rows) {
      if (below === null) return;
      floats.fill(0, below.at / 4, (below.at + rows * below.stride) / 4);
      for (let row = 0; row < rows; row++) {
        const [from, to] = [startOf(deltas, row), startOf(below, row)];
        kernel.maxPoolBack(from, chosenIn(row), layer.outputs, to);
      }
    },
  };
}

function averagePool(
  layer: PoolLayer,
  { input, output, deltas, below }: LayerRows,
  { pixels, starts }: Windows,
  { kernel, floats }: Machine,
): FusedLayer {
  const [positions, channels] = [positionsOf(layer.to), layer.to[2]];
  return {
    trained: null,
    forward(rows) {
      for (let row = 0; row < rows; row++) {
        const [from, to] = [startOf(input, row), startOf(output, row)];
        kernel.averagePool(from, pixels, starts, positions, channels, to);
      }
    },
    backward(rows) {
      if (below === null) return;
      floats.fill(0, below.at / 4, (below.at + rows * below.stride) / 4);
      for (let row = 0; row < rows; row++) {
        const [from, to] = [startOf(deltas, row), startOf(below, row)];
        kernel.averagePoolBack(from, pixels, starts, positions, channels, to);
      }
    },
  };
}
