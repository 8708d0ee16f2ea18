/**
 * A convolution, example by example: forwards the product of its patches and the kernel, back that
 * of the deltas and the transpose, and its gradient that of the patches' transpose and the deltas.
 */
import { patchesOf } from "../../model/build-model.ts";
import type { ConvLayer } from "../../model/model.ts";
import { TOO_LONG } from "../core/clip.ts";
import { activateRows, multiplySlopesOf } from "./activation.ts";
import type { Arena, Machine } from "./arena.ts";
import {
  fillTable,
  fours,
  type LayerRows,
  type Placed,
  placeTable,
  type RowTrained,
  startOf,
} from "./layer.ts";
import { type Matrix, placeMatrix } from "./matrix.ts";
import { copyIn, copyOut, framesOf, placePatches } from "./window.ts";
import { placeWritten, type Written } from "./written.ts";

export function placeConv(layer: ConvLayer, io: LayerRows, arena: Arena, staging: number): Placed {
  const { positions, width, filters } = patchesOf(layer);
  const places = placeScratch(layer, io, arena);
  const patchesIn = placePatches(layer, places.frames, arena);
  const matrixOf = placeMatrix(layer, [width, filters], arena, staging, io.below !== null);
  const writtenOf = placeWritten(arena, (width + 1) * 4 * fours(filters));
  return (machine) => {
    const { rows: patches, columns } = patchesIn(machine);
    fillTable(machine, places.deltaRows, positions, (position) => position * places.filterStride);
    const matrix = matrixOf(machine);
    const conv = { ...places, layer, io, machine, matrix, patches, columns };
    return {
      trained: trainedConv(conv, writtenOf(machine, matrix.total)),
      forward: (rows) => forward(conv, rows),
      backward: (rows) => backward(conv, rows),
    };
  };
}

/** Addresses of what one example needs at a time, and what follows from the shapes. */
function placeScratch(layer: ConvLayer, { below }: LayerRows, arena: Arena) {
  const { positions, width, filters } = patchesOf(layer);
  const frames = framesOf(layer);
  // Products are written up to a multiple of four rows.
  const room = 4 * fours(positions);
  const deep = below !== null;
  return {
    positions,
    width,
    filters,
    frames,
    /** Floats of a patch that lie side by side. */
    run: layer.size[1] * layer.from[2],
    /** Bytes of a position's filters, and of its patch, filled up to four floats. */
    filterStride: 16 * fours(filters),
    patchStride: 16 * fours(width),
    frame: arena.floats(frames.size),
    outputs: arena.floats(room * 4 * fours(filters)),
    // What fills the filters up to four is never written: it stays zero, and so does its gradient.
    deltas: arena.floats(room * 4 * fours(filters)),
    deltaRows: placeTable(arena, positions),
    belowFrame: deep ? arena.floats(frames.size) : 0,
    belowPatches: deep ? arena.floats(room * 4 * fours(width)) : 0,
  };
}

interface Conv extends ReturnType<typeof placeScratch> {
  readonly layer: ConvLayer;
  readonly io: LayerRows;
  readonly machine: Machine;
  readonly matrix: Matrix;
  /** Tables of where patches begin, and of where in them each entry lies. */
  readonly patches: number;
  readonly columns: number;
}

function forward(conv: Conv, rows: number): void {
  const { io, machine, layer, matrix, positions, filters, frames, patches, run } = conv;
  const { kernel, bias } = matrix;
  const { multiply, copyRows } = machine.kernel;
  const [a, c, stride, quads] = [conv.frame, conv.outputs, conv.filterStride, fours(filters)];
  const [runs, step] = [layer.size[0], frames.frameRow];
  for (let row = 0; row < rows; row++) {
    copyIn(machine, frames, io.input, row, a);
    multiply(a, patches, positions, runs, run, step, kernel, quads, bias, c, stride);
    copyRows(c, stride, startOf(io.output, row), 4 * filters, filters, positions);
  }
  activateRows(machine, layer.activation, io.output, rows);
}

function backward(conv: Conv, rows: number): void {
  const { io, machine, layer, matrix, positions, filters, frames, patches, run } = conv;
  multiplySlopesOf(machine, layer.activation, io, rows);
  if (io.below === null) return;
  const { multiply, addPatches } = machine.kernel;
  const [b, c, stride, quads] = [
    matrix.transposed,
    conv.belowPatches,
    conv.patchStride,
    fours(conv.width),
  ];
  const [runs, step] = [layer.size[0], frames.frameRow];
  const first = conv.belowFrame / 4;
  for (let row = 0; row < rows; row++) {
    copyDeltas(conv, row);
    multiply(conv.deltas, conv.deltaRows, positions, 1, filters, 0, b, quads, 0, c, stride);
    machine.floats.fill(0, first, first + frames.size);
    addPatches(c, stride, patches, positions, runs, run, step, conv.belowFrame);
    copyOut(machine, frames, conv.belowFrame, io.below, row);
  }
}

function trainedConv(conv: Conv, written: Written): RowTrained {
  const { io, machine, matrix } = conv;
  return {
    kind: "row",
    begin: matrix.begin,
    end: matrix.end,
    move: matrix.move,
    read: matrix.read,
    add: written.add,
    flush: written.flush,

    measure(row) {
      const square = machine.kernel.squareSum(startOf(io.input, row), io.input.width);
      if (!(square < TOO_LONG * TOO_LONG)) return Number.POSITIVE_INFINITY;
      differentiate(conv, row, written.gradient, 0);
      return written.square();
    },

    addWhole: (row) => differentiate(conv, row, written.block, 1),
  };
}

/** Writes one example's gradient to an address, or adds it there. */
function differentiate(conv: Conv, row: number, to: number, onto: 0 | 1): void {
  const { machine, frame, patches, positions, columns, width, filterStride, filters } = conv;
  const { multiplyPatches, sumColumns } = machine.kernel;
  copyIn(machine, conv.frames, conv.io.input, row, frame);
  copyDeltas(conv, row);
  const [d, quads] = [conv.deltas, fours(filters)];
  multiplyPatches(frame, patches, positions, columns, width, d, filterStride, quads, to, onto);
  sumColumns(d, filterStride, positions, quads, to + width * filterStride, onto);
}

function copyDeltas({ machine, io, filters, filterStride, deltas, positions }: Conv, row: number) {
  const from = startOf(io.deltas, row);
  machine.kernel.copyRows(from, 4 * filters, deltas, filterStride, filters, positions);
}
