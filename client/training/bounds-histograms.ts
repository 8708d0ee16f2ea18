/** What a client tells of its rows before training, that features may learn their bounds: histograms, noised. */

import { countRecord } from "../../shared/bounds/histogram.ts";
import type { LearnedFeature } from "../../shared/bounds/learned-features.ts";
import { cutsOf, type Learned } from "../../shared/bounds/learned-ranges.ts";
import type { Random } from "../../shared/noise/random.ts";
import { boundsLength } from "../../shared/privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { ownNoise } from "./privatize.ts";

/**
 * int32[boundsLength], in lattice steps: a record in one bin of each feature. Under `local` with the plan's whole noise,
 * under `distributed` with this client's share.
 */
export function boundsHistograms(
  { examples, present }: ClientRows,
  features: readonly LearnedFeature[],
  learned: Learned,
  plan: PrivacyPlan,
  noise: Random,
): Int32Array {
  const counts = ownNoise(boundsLength(plan), plan.boundsNoiseStddev ?? 0, plan, noise);
  const cuts = cutsOf(
    learned,
    features.map(({ feature }) => feature),
  );
  const absent = features.map(({ missing }) => (missing === null ? null : Math.fround(missing)));
  const { count, width, inputs } = examples;
  for (let slot = 0; slot < Math.min(count, rowsOf(plan)); slot++) {
    if (present?.[slot] === 0) continue;
    const values = features.map(({ input }, i) => {
      const value = inputs[slot * width + input] ?? Number.NaN;
      return value === absent[i] ? Number.NaN : value;
    });
    countRecord(counts, values, cuts);
  }
  return counts;
}
