/** How far a number is missed, over the seeds of one setting. Pure. */
import { type Summary, summaryOf } from "./seed-statistics.ts";
import type { Measured } from "./sweep-result.ts";

/** In the target's own units. */
export interface ErrorSummaries {
  readonly rmse: Summary;
  readonly mae: Summary;
}

/** Nothing where targets have classes. @param runs of one setting; those of one seed count once, by their mean */
export function errorSummaries(
  runs: readonly (Pick<Measured, "errors"> & { readonly seed: number })[],
): { readonly errors?: ErrorSummaries } {
  const bySeed = new Map<number, { readonly rmse: number; readonly mae: number }[]>();
  for (const { seed, errors } of runs)
    if (errors) bySeed.set(seed, [...(bySeed.get(seed) ?? []), errors]);
  if (bySeed.size === 0) return {};
  const over = (of: "rmse" | "mae") =>
    summaryOf([...bySeed.values()].map((own) => summaryOf(own.map((one) => one[of])).mean));
  return { errors: { rmse: over("rmse"), mae: over("mae") } };
}
