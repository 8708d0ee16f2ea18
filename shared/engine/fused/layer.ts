/** What a layer of the fused engine does for a batch of up to 64 examples in the arena. */

import { BLOCK_SLOTS } from "../core/engine.ts";
import type { Arena, Machine } from "./arena.ts";

/** One row for each example of the batch: float32[64 × stride]. */
export interface Rows {
  /** Where the first begins, in bytes. */
  readonly at: number;
  /** Entries of a row. */
  readonly width: number;
  /** Bytes from one row to the next: of `width` rounded up to four floats. */
  readonly stride: number;
}

/** What goes into a layer and comes out, and the loss's derivatives by both. */
export interface LayerRows {
  readonly input: Rows;
  readonly output: Rows;
  readonly deltas: Rows;
  /** By the input; null where nothing below is trained. */
  readonly below: Rows | null;
}

export interface FusedLayer {
  forward(rows: number): void;
  /** From the derivatives by the output to those by what the layer's activation function was given, and by the input. */
  backward(rows: number): void;
  /** How its part of the gradient is measured and added; null where it has no parameters. */
  readonly trained: BatchTrained | RowTrained | null;
}

interface Trained {
  /** Reads the parameters, and the sum that is to go on; null: it starts at zero. */
  begin(parameters: Float32Array, sum: Float64Array | null): void;
  /** Writes its part of the sum: float64[parameters]. */
  end(sum: Float64Array): void;
  /** Moves the parameters that it holds by −share·sum, rounded once. */
  move(share: number): void;
  /** Writes the parameters that it holds: float32[parameters]. */
  read(parameters: Float32Array): void;
}

/** A layer whose norms follow from its input and deltas: no example's gradient is written out. */
export interface BatchTrained extends Trained {
  readonly kind: "batch";
  /** Reads the parameters alone, for `moveBy`. */
  load(parameters: Float32Array): void;
  /** Moves them by −share · the gradients of a batch of one block, to the bits of `add` and `move`; no sum is kept. */
  moveBy(rows: number, share: number): void;
  /** Writes the squared norm of each example's part of the gradient: float64[rows] at an address. */
  measure(rows: number, squares: number): void;
  /** Makes the example's part of the gradient zero, whatever its numbers are. */
  forget(row: number): void;
  /**
   * Adds each example's gradient times its factor, block by block.
   *
   * @param factors address of float64[rows]; 0: each is 1
   */
  add(rows: number, factors: number, blocks: Blocks): void;
}

/** A layer that writes one example's gradient out after the other. */
export interface RowTrained extends Trained {
  readonly kind: "row";
  /** Writes one example's part of the gradient, and gives its squared norm. */
  measure(row: number): number;
  /** Adds what was last measured to the block's sum, times `factor`; nothing where that is 0. */
  add(factor: number): void;
  /** Adds an example's gradient as it is. */
  addWhole(row: number): void;
  /** Adds the block's float32 sum to the float64 total. */
  flush(): void;
}

/** Blocks of slots (engine.ts) that the batch holds rows of, in order. */
export interface Blocks {
  count: number;
  /** Which row ends each: uint32[64] in the arena. */
  readonly at: number;
}

/** A layer takes its places in the arena, and is made once the memory is. */
export type Placed = (machine: Machine) => FusedLayer;

export function fours(count: number): number {
  return Math.ceil(count / 4);
}

export function placeRows(arena: Arena, width: number): Rows {
  const stride = 16 * fours(width);
  return { at: arena.floats((BLOCK_SLOTS * stride) / 4), width, stride };
}

/** Writes where `count` rows begin, up to a multiple of four: `placeTable` made room for them. */
export function fillTable(
  { words }: Machine,
  at: number,
  count: number,
  start: (row: number) => number,
): void {
  // Past the end they are the last once more: to be read, never used.
  for (let i = 0; i < 4 * fours(count); i++) words[at / 4 + i] = start(Math.min(i, count - 1));
}

export function placeTable(arena: Arena, count: number): number {
  return arena.floats(4 * fours(count));
}

/** Address of an example's row. */
export function startOf({ at, stride }: Rows, row: number): number {
  return at + row * stride;
}
