// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/** Gradients of many examples clipped, each by itself, and added in blocks. */
import { type ClipBounds, clipFactor } from "../core/clip.ts";
import { addInto, type LayerGradient } from "./layer.ts";
import type { Passed } from "./pass.ts";

/** Rows of a chunk, from start up to end, all of one block of the sum. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Adds each row's gradient, clipped, to `block`. Rows that are out of the round, or whose gradient is
 * not finite, add nothing.
 *
 * @param block float32[parameters]
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a numeric kernel, rows by layers.
export function addClipped(
  { gradients, sound }: Passed,
  bounds: ClipBounds,
  takesPart: (row: number) => boolean,
  { start, end }: Span,
  block: Float32Array,
): void {
  const factors = gradients.map(() => new Float32Array(end));
  const squares = new Float64Array(gradients.length);
  for (let row = start; row < end; row++) {
    if (!takesPart(row) || !sound(row)) continue;
    const written = measureRow(gradients, row, squares);
    const whole = sumOf(squares);
    if (clipFactor(whole, 1) === 0) continue;
    for (const [l, { layer }] of gradients.entries()) {
      const factor =
        typeof bounds === "number"
          ? clipFactor(whole, bounds)
          : clipFactor(squares[l]!, bounds[l]!);
      const own = written[l]!;
      if (own === null) factors[l]![row] = factor;
      else addInto(block, layer.offset, own, factor);
    }
  }
  for (const [l, gradient] of gradients.entries()) {
    if (gradient.kind === "written") continue;
    addInto(block, gradient.layer.offset, gradient.sum(start, end, factors[l]!), 1);
  }
}

/** Adds the rows' gradients as they are. */
export function addPlain({ gradients }: Passed, { start, end }: Span, block: Float32Array): void {
  const ones = new Float32Array(end).fill(1);
  for (const gradient of gradients)
    addInto(block, gradient.layer.offset, gradient.sum(start, end, ones), 1);
}

/** Moves a block's float32 sum to the float64 total. */
export function endBlock(block: Float32Array, total: Float64Array): void {
  for (let i = 0; i < total.length; i++) total[i] = total[i]! + block[i]!;
  block.fill(0);
}

/** L2 norm of a row's whole gradient. */
export function rowNorm({ gradients, sound }: Passed, row: number): number {
  const squares = new Float64Array(gradients.length);
  measureRow(gradients, row, squares);
  return sound(row) ? Math.sqrt(sumOf(squares)) : Number.POSITIVE_INFINITY;
}

/**
 * Writes the squared norm of each layer's part to `squares`, and gives those parts that had to be
 * written out for it: what is added must be the very numbers that were measured.
 */
function measureRow(
  gradients: readonly LayerGradient[],
  row: number,
  squares: Float64Array,
): readonly (Float32Array | null)[] {
  return gradients.map((gradient, l) => {
    const own = gradient.kind === "written" ? gradient.of(row) : null;
    squares[l] = gradient.kind === "outer" ? gradient.squares[row]! : squareOf(own!);
    return own;
  });
}

function squareOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** Last layer first, as the deltas come. */
function sumOf(squares: Float64Array): number {
  return squares.reduceRight((sum, square) => sum + square, 0);
}
