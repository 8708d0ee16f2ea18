// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * The low-pass of a scattering transform, taken only where it is kept: a Gaussian is separable and
 * even, so it is a few sums of pairs along one side, then along the other.
 */
import { SCATTER_CELLS as CELLS } from "../../../shared/contract/scatter-shape.ts";
import { lowPass } from "./morlet.ts";

/** Cells are at every fourth pixel of the grid: 4, 8 … 28. */
const CELL_PIXELS = 4;
/** Farther away the Gaussian is below 1e-6 of itself, and is taken for 0. */
const REACH_PIXELS = 8;
/** Pairs that are added at once. */
const PAIRS = 4;

/** The middle and four pairs about it: their weights, and which rows they are, for each cell. */
interface Taps {
  /** float64[1 + PAIRS] */
  readonly weights: Float64Array;
  /** uint8[cells × (1 + 2 PAIRS)]: the middle, then each pair. */
  readonly rows: Uint8Array;
}

export class LowPass {
  readonly #size: number;
  readonly #taps: readonly Taps[];
  /** float64[size × cells]: summed down, a row for each column of the image. */
  readonly #down: Float64Array;

  /**
   * @param grid pixels along a side
   * @param step 1: the image has them all; 2: every second one
   */
  constructor(grid: number, step: number) {
    const gaussian = lowPass(grid);
    this.#size = grid / step;
    this.#down = new Float64Array(this.#size * CELLS);
    const groups = REACH_PIXELS / step / PAIRS;
    this.#taps = Array.from({ length: groups }, (_, group) => {
      const away = (pair: number) => (group * PAIRS + pair) * step;
      const row = (pixel: number) => ((pixel + grid) % grid) / step;
      // A pixel that stands for several counts for as many, along each side. The middle counts once.
      const weight = (pair: number) => (pair === 0 && group > 0 ? 0 : step * gaussian[away(pair)]!);
      const cells = Array.from({ length: CELLS }, (_, cell) => {
        const middle = CELL_PIXELS * (cell + 1);
        const pairs = Array.from({ length: PAIRS }, (_, i) => away(i + 1));
        return [row(middle), ...pairs.flatMap((far) => [row(middle - far), row(middle + far)])];
      });
      return {
        weights: Float64Array.from({ length: 1 + PAIRS }, (_, pair) => weight(pair)),
        rows: Uint8Array.from(cells.flat()),
      };
    });
  }

  /**
   * @param image float64[size × size]
   * @param to cell (a, b) is written at start + (7 a + b) × stride
   */
  into(image: Float64Array, to: Float64Array, start: number, stride: number): void {
    const down = this.#down;
    for (let group = 0; group < this.#taps.length; group++) {
      const taps = this.#taps[group]!;
      for (let cell = 0; cell < CELLS; cell++)
        sumRows(image, this.#size, taps, cell, group > 0, down, cell, CELLS);
    }
    for (let group = 0; group < this.#taps.length; group++) {
      const taps = this.#taps[group]!;
      for (let cell = 0; cell < CELLS; cell++)
        sumRows(down, CELLS, taps, cell, group > 0, to, start + cell * stride, CELLS * stride);
    }
  }
}

/** Of each column of `length`, the weighted sum of nine rows; `more`: beside what is there. */
function sumRows(
  from: Float64Array,
  length: number,
  { weights, rows }: Taps,
  cell: number,
  more: boolean,
  to: Float64Array,
  start: number,
  stride: number,
): void {
  const first = cell * (1 + 2 * PAIRS);
  const [w0, w1, w2, w3, w4] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!, weights[4]!];
  let m = rows[first]! * length;
  let a = rows[first + 1]! * length;
  let b = rows[first + 2]! * length;
  let c = rows[first + 3]! * length;
  let d = rows[first + 4]! * length;
  let e = rows[first + 5]! * length;
  let f = rows[first + 6]! * length;
  let g = rows[first + 7]! * length;
  let h = rows[first + 8]! * length;
  for (let i = 0, at = start; i < length; i++, at += stride) {
    const sum =
      w0 * from[m++]! +
      w1 * (from[a++]! + from[b++]!) +
      w2 * (from[c++]! + from[d++]!) +
      w3 * (from[e++]! + from[f++]!) +
      w4 * (from[g++]! + from[h++]!);
    to[at] = more ? to[at]! + sum : sum;
  }
}
