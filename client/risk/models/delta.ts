/**
 * delta-disclosure privacy (Brickell & Shmatikov 2008): how far the odds of a value move within a
 * class, |ln(Q / P)|. (Not the delta of differential privacy.)
 */
import { isLarger, type Ratio } from "./ratio.ts";
import type { ValueCounts } from "./value-counts.ts";

export interface DeltaDisclosure {
  /** Over the values that a class has; the table is private for any larger delta. */
  readonly nats: number;
  /** The same by the logarithm to base 2, as ARX gives it. */
  readonly bits: number;
  /** True where a class lacks a value: read strictly, ln 0 makes that infinite. */
  readonly strictInfinite: boolean;
}

export function deltaDisclosure(counts: ValueCounts): DeltaDisclosure {
  const { rows, sizes, totals, starts, values } = counts;
  const distinct = totals.filter((total) => total > 0).length;
  let furthest: Ratio = { top: 1, bottom: 1 };
  let strictInfinite = false;
  for (let id = 0; id < sizes.length; id++) {
    const size = sizes[id] ?? 0;
    const from = starts[id] ?? 0;
    const to = starts[id + 1] ?? 0;
    if (to - from < distinct) strictInfinite = true;
    for (let pair = from; pair < to; pair++) {
      const here = (counts.counts[pair] ?? 0) * rows;
      const everywhere = (totals[values[pair] ?? 0] ?? 0) * size;
      const ratio = { top: Math.max(here, everywhere), bottom: Math.min(here, everywhere) };
      if (isLarger(ratio, furthest)) furthest = ratio;
    }
  }
  const { top, bottom } = furthest;
  const nats = Math.log1p((top - bottom) / bottom);
  return { nats, bits: nats / Math.LN2, strictInfinite };
}
