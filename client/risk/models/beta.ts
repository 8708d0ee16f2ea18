/**
 * beta-likeness (Cao & Karras 2012): by how much of itself a value's share grows within a class,
 * (Q - P) / P over the values whose share does grow.
 */
import { isLarger, quotient, type Ratio, ZERO_RATIO } from "./ratio.ts";
import type { ValueCounts } from "./value-counts.ts";

export interface BetaLikeness {
  /** Basic beta-likeness holds for every beta that is not below this; 0 where no share grows. */
  readonly basic: Ratio;
  /** Whether (Q - P) / P ≤ -ln P throughout: what the enhanced model asks besides. */
  readonly belowLog: boolean;
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over pairs, which a generator would slow down.
export function betaLikeness(counts: ValueCounts): BetaLikeness {
  const { rows, sizes, totals, starts, values } = counts;
  let basic = ZERO_RATIO;
  let belowLog = true;
  for (let id = 0; id < sizes.length; id++) {
    const size = sizes[id] ?? 0;
    const end = starts[id + 1] ?? 0;
    for (let pair = starts[id] ?? 0; pair < end; pair++) {
      const total = totals[values[pair] ?? 0] ?? 0;
      const growth = (counts.counts[pair] ?? 0) * rows - total * size;
      if (growth <= 0) continue;
      const ratio = { top: growth, bottom: total * size };
      if (isLarger(ratio, basic)) basic = ratio;
      // -ln P by log1p, which keeps its digits for P near 1.
      if (!(quotient(ratio) <= Math.log1p((rows - total) / total))) belowLog = false;
    }
  }
  return { basic, belowLog };
}

/** (Q - P) / P ≤ min(beta, -ln P) for all values of all classes. */
export function satisfiesEnhancedBeta({ basic, belowLog }: BetaLikeness, beta: number): boolean {
  return belowLog && quotient(basic) <= beta;
}
