/**
 * A kernel and its bias in the arena, in the panels that the products read (simd/products.as.ts),
 * and the float64 sum of their gradients, which lies alike: the kernel's panels, then the bias.
 */
import type { Layer } from "../../model/model.ts";
import type { Arena, Machine } from "./arena.ts";
import { fours } from "./layer.ts";

export interface Matrix {
  /** Addresses. */
  readonly kernel: number;
  readonly bias: number;
  /** The kernel's transpose; 0 where none is asked for. */
  readonly transposed: number;
  readonly total: number;
  readonly totalBias: number;
  /** Entries of kernel and bias in panels. */
  readonly entries: number;
  begin(parameters: Float32Array, sum: Float64Array | null): void;
  end(sum: Float64Array): void;
  load(parameters: Float32Array): void;
  move(share: number): void;
  read(parameters: Float32Array): void;
}

/**
 * @param layer whose parameters are a kernel of rows × columns and a bias
 * @param staging address of room for the layer's parameters in float64
 */
export function placeMatrix(
  { offset, parameters: count }: Layer,
  [rows, columns]: readonly [number, number],
  arena: Arena,
  staging: number,
  transpose: boolean,
): (machine: Machine) => Matrix {
  const width = 4 * fours(columns);
  const entries = (rows + 1) * width;
  const kernel = arena.floats(entries);
  const bias = kernel + 4 * rows * width;
  const transposed = transpose ? arena.floats(columns * 4 * fours(rows)) : 0;
  const total = arena.doubles(entries);
  const totalBias = total + 8 * rows * width;
  const stagedBias = (size: number) => staging + size * rows * columns;
  return ({ kernel: run, floats, doubles }) => {
    const load = (parameters: Float32Array) => {
      floats.set(parameters.subarray(offset, offset + count), staging / 4);
      run.pack(staging, rows, columns, kernel);
      run.pack(stagedBias(4), 1, columns, bias);
      if (transpose) run.packTransposed(staging, rows, columns, transposed);
    };
    return {
      kernel,
      bias,
      transposed,
      total,
      totalBias,
      entries,
      load,

      begin(parameters, sum) {
        load(parameters);
        doubles.fill(0, total / 8, total / 8 + entries);
        if (sum === null) return;
        doubles.set(sum.subarray(offset, offset + count), staging / 8);
        run.packTotal(staging, rows, columns, total);
        run.packTotal(stagedBias(8), 1, columns, totalBias);
      },

      end(sum) {
        run.unpackTotal(total, rows, columns, staging);
        run.unpackTotal(totalBias, 1, columns, stagedBias(8));
        sum.set(doubles.subarray(staging / 8, staging / 8 + count), offset);
      },

      move: (share) => run.descend(kernel, total, entries, share),

      read(parameters) {
        run.unpack(kernel, rows, columns, staging);
        run.unpack(bias, 1, columns, stagedBias(4));
        parameters.set(floats.subarray(staging / 4, staging / 4 + count), offset);
      },
    };
  };
}
