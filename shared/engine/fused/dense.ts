/**
 * A dense layer over a batch: one product forwards, one back, and one that adds all weighted
 * gradients of a block at once. The norm of one example's gradient follows from its input a and its
 * deltas d: |d|²·(|a|² + 1), the 1 for the bias (Goodfellow 2015, arXiv:1510.01799).
 */
import type { DenseLayer } from "../../model/model.ts";
import { TOO_LONG } from "../core/clip.ts";
import { BLOCK_SLOTS } from "../core/engine.ts";
import { activateRows, multiplySlopesOf } from "./activation.ts";
import type { Arena, Machine } from "./arena.ts";
import {
  type BatchTrained,
  fillTable,
  fours,
  type LayerRows,
  type Placed,
  placeTable,
} from "./layer.ts";
import { type Matrix, placeMatrix } from "./matrix.ts";

export function placeDense(
  layer: DenseLayer,
  io: LayerRows,
  arena: Arena,
  staging: number,
): Placed {
  const { inputs, outputs, activation } = layer;
  const { input, output, deltas, below } = io;
  const matrixOf = placeMatrix(layer, [inputs, outputs], arena, staging, below !== null);
  const inputRows = placeTable(arena, BLOCK_SLOTS);
  const deltaRows = placeTable(arena, BLOCK_SLOTS);
  const addition = placeAddition(layer, io, arena);
  return (machine) => {
    const { multiply } = machine.kernel;
    const matrix = matrixOf(machine);
    fillTable(machine, inputRows, BLOCK_SLOTS, (row) => row * input.stride);
    fillTable(machine, deltaRows, BLOCK_SLOTS, (row) => row * deltas.stride);
    return {
      trained: addition(machine, matrix),

      forward(rows) {
        const { kernel, bias } = matrix;
        const [quads, { at, stride }] = [fours(outputs), output];
        multiply(input.at, inputRows, rows, 1, inputs, 0, kernel, quads, bias, at, stride);
        activateRows(machine, activation, output, rows);
      },

      backward(rows) {
        multiplySlopesOf(machine, activation, io, rows);
        if (below === null) return;
        const [quads, { at, stride }] = [fours(inputs), below];
        multiply(
          deltas.at,
          deltaRows,
          rows,
          1,
          outputs,
          0,
          matrix.transposed,
          quads,
          0,
          at,
          stride,
        );
      },
    };
  };
}

function placeAddition(
  { inputs, outputs }: DenseLayer,
  { input, deltas }: LayerRows,
  arena: Arena,
) {
  const quads = fours(outputs);
  // The deltas times the examples' factors, in panels.
  const weighted = arena.floats(BLOCK_SLOTS * 4 * quads);
  const end = arena.floats(1);
  return ({ kernel, floats, doubles, words }: Machine, matrix: Matrix): BatchTrained => ({
    kind: "batch",
    begin: matrix.begin,
    end: matrix.end,
    load: matrix.load,
    move: matrix.move,
    read: matrix.read,

    moveBy(rows, share) {
      const { kernel: weights, bias, totalBias } = matrix;
      words[end / 4] = rows;
      kernel.weigh(deltas.at, deltas.stride, rows, quads, 0, weighted);
      kernel.descendBlock(input.at, input.stride, inputs, weighted, rows, quads, weights, share);
      // The bias is the kernel's row for an input that is always 1.
      doubles.fill(0, totalBias / 8, totalBias / 8 + 4 * quads);
      kernel.addBiasBlocks(weighted, rows, quads, end, 1, totalBias);
      kernel.descend(bias, totalBias, 4 * quads, share);
    },

    measure(rows, squares) {
      const [{ at, stride }, most] = [deltas, TOO_LONG * TOO_LONG];
      kernel.denseSquares(input.at, input.stride, inputs, at, stride, outputs, rows, most, squares);
    },

    forget(row) {
      // Its factor is 0, but 0 times what is not finite is NaN.
      for (const { at, stride } of [input, deltas]) {
        const start = (at + row * stride) / 4;
        floats.fill(0, start, start + stride / 4);
      }
    },

    add(rows, factors, { at: ends, count }) {
      const { total, totalBias } = matrix;
      kernel.weigh(deltas.at, deltas.stride, rows, quads, factors, weighted);
      kernel.addBlocks(input.at, input.stride, inputs, weighted, rows, quads, ends, count, total);
      kernel.addBiasBlocks(weighted, rows, quads, ends, count, totalBias);
    },
  });
}
