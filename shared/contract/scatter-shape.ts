/** The shape of a scattering transform of two scales and eight directions, which is the only one here. */

/** Side of the grid that an image is padded to: a power of two. */
export const SCATTER_GRID = 32;
/** Cells along a side, where coefficients are kept. */
export const SCATTER_CELLS = 7;
export const SCATTER_DIRECTIONS = 8;
/** Order 0, then 8 and 8 of order 1 by scale, then 8 × 8 of order 2. */
export const SCATTER_CHANNELS = 1 + 2 * SCATTER_DIRECTIONS + SCATTER_DIRECTIONS ** 2;
/** Cells along a side once 3 × 3 of them, each at every second one, are pooled. */
export const POOLED_CELLS = 3;

/** Height, width, channels. */
export function scatterShape(pool: 3 | null): readonly [number, number, number] {
  const cells = pool === null ? SCATTER_CELLS : POOLED_CELLS;
  return [cells, cells, SCATTER_CHANNELS];
}
