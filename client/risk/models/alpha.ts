/** alpha of (alpha,k)-anonymity (Wong et al. 2006): the largest share of one value in one class. */
import { largestRatio, type Ratio } from "./ratio.ts";
import type { ValueCounts } from "./value-counts.ts";

export function largestShare({ sizes, starts, ranked }: ValueCounts): Ratio {
  return largestRatio(sizes.length, (id) => ({
    top: ranked[(starts[id + 1] ?? 0) - 1] ?? 0,
    bottom: sizes[id] ?? 0,
  }));
}
