/**
 * Windows over an image in the arena. The image lies in a frame, with zeros around it as wide as the
 * padding, so that every window is whole and a patch is some runs of floats at fixed distances: its
 * entry (position, k) is at frame + rows[position] + columns[k], and nothing need be copied out.
 */
import { type ConvLayer, positionsOf } from "../../model/model.ts";
import type { Arena, Machine } from "./arena.ts";
import { fillTable, placeTable, type Rows, startOf } from "./layer.ts";

export interface Frames {
  /** Bytes of a row of the image, and of the frame. */
  readonly imageRow: number;
  readonly frameRow: number;
  /** Floats of a frame. */
  readonly size: number;
  /** Where the image begins in it, in bytes. */
  readonly inset: number;
}

export function framesOf({ from, to, size, stride, pad }: ConvLayer): Frames {
  const along = (axis: 0 | 1) =>
    Math.max(pad[axis] + from[axis], (to[axis] - 1) * stride[axis] + size[axis]);
  const channels = from[2];
  const frameRow = 4 * along(1) * channels;
  return {
    imageRow: 4 * from[1] * channels,
    frameRow,
    size: (along(0) * frameRow) / 4,
    inset: pad[0] * frameRow + 4 * pad[1] * channels,
  };
}

/** Tables of where each position's patch begins, and of each entry's distance from there. */
export function placePatches(layer: ConvLayer, { frameRow }: Frames, arena: Arena) {
  const { from, to, size, stride } = layer;
  const run = size[1] * from[2];
  const rows = placeTable(arena, positionsOf(to));
  const columns = placeTable(arena, size[0] * run);
  return (machine: Machine) => {
    fillTable(machine, rows, positionsOf(to), (position) => {
      const [row, column] = [Math.floor(position / to[1]), position % to[1]];
      return row * stride[0] * frameRow + 4 * column * stride[1] * from[2];
    });
    fillTable(
      machine,
      columns,
      size[0] * run,
      (k) => Math.floor(k / run) * frameRow + 4 * (k % run),
    );
    return { rows, columns };
  };
}

/** Copies the image of one example into the frame at `frame`. */
export function copyIn(
  { kernel }: Machine,
  frames: Frames,
  images: Rows,
  row: number,
  frame: number,
) {
  const { imageRow, frameRow, inset } = frames;
  const image = startOf(images, row);
  const width = imageRow / 4;
  kernel.copyRows(image, imageRow, frame + inset, frameRow, width, images.width / width);
}

/** And back, without what lies on the padding. */
export function copyOut(
  { kernel }: Machine,
  frames: Frames,
  frame: number,
  images: Rows,
  row: number,
) {
  const { imageRow, frameRow, inset } = frames;
  const image = startOf(images, row);
  const width = imageRow / 4;
  kernel.copyRows(frame + inset, frameRow, image, imageRow, width, images.width / width);
}
