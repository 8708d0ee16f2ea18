/** The windows of a convolution or a pool, pixel by pixel. */
import type { ConvLayer, PoolLayer } from "../../model/model.ts";

/**
 * Calls for every position of the window, row by row, and in each for every pixel of the image that
 * lies in it, row by row; those of the padding are left out.
 *
 * @param visit position among the layer's outputs, pixel of the image below, tap of the window
 */
export function forEachTap(
  {
    from,
    to,
    size,
    stride,
    pad,
  }: Pick<ConvLayer | PoolLayer, "from" | "to" | "size" | "stride" | "pad">,
  visit: (position: number, pixel: number, tap: number) => void,
): void {
  for (let position = 0; position < to[0] * to[1]; position++) {
    const top = Math.floor(position / to[1]) * stride[0] - pad[0];
    const left = (position % to[1]) * stride[1] - pad[1];
    for (let tap = 0; tap < size[0] * size[1]; tap++) {
      const row = top + Math.floor(tap / size[1]);
      const column = left + (tap % size[1]);
      if (row < 0 || row >= from[0] || column < 0 || column >= from[1]) continue;
      visit(position, row * from[1] + column, tap);
    }
  }
}
