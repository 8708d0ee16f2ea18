/** Released counts → what they tell of the clients' records: classes, quantiles of features. */
import { type Contract, targetClasses } from "../../shared/contract/contract.ts";
import type { Feature, NumberFeature } from "../../shared/contract/feature.ts";
import type { StatisticTrace } from "../../shared/events/trace.ts";
import { countNoise } from "../../shared/privacy/counts.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";

const SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

/** @param counts int32[countLength], as released */
export function statisticsOf(
  counts: Int32Array,
  plan: PrivacyPlan,
  { features, target }: Contract,
): StatisticTrace[] {
  const { statistics } = plan.counts;
  // The deviations of all clients' noises add up in squares.
  const noiseStddev = Math.sqrt(plan.clients) * countNoise(plan, "statistics");
  let start = 0;
  const next = (bins: number) => {
    start += bins;
    return [...counts.subarray(start - bins, start)];
  };
  const { classes: bins = 0 } = statistics ?? {};
  const names = targetClasses(target);
  const classes =
    bins > 0
      ? [{ name: target.name, counts: next(bins), names, quantiles: null, noiseStddev }]
      : [];
  const histograms = (statistics?.histograms ?? []).flatMap(({ input, bins }) => {
    const feature = featureAt(features, input);
    if (!feature) return [];
    const own = next(bins);
    const { name } = feature;
    return [{ name, counts: own, names: null, quantiles: quantiles(own, feature), noiseStddev }];
  });
  return [...classes, ...histograms];
}

/** The number whose model input that is. */
function featureAt(features: readonly Feature[], input: number): NumberFeature | undefined {
  let at = 0;
  const found = features.find(({ width }) => {
    const start = at;
    at += width;
    return start === input;
  });
  return found?.kind === "number" ? found : undefined;
}

/** Where the noised histogram's cumulative share passes each of SHARES; no count below 0. */
function quantiles(
  counts: readonly number[],
  { bounds, scale }: NumberFeature,
): readonly (readonly [number, number])[] {
  const masses = counts.map((count) => Math.max(0, count));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const [low, high] = bounds.map((x) => (scale === "log" ? Math.log1p(x) : x));
  const valueAt = (share: number) => {
    let [left, bin] = [share * total, 0];
    while (bin < masses.length - 1 && left > (masses[bin] ?? 0)) left -= masses[bin++] ?? 0;
    const within = masses[bin] ? left / (masses[bin] ?? 1) : 0;
    const at = (low ?? -1) + ((bin + within) / masses.length) * ((high ?? 1) - (low ?? -1));
    return scale === "log" ? Math.expm1(at) : at;
  };
  return SHARES.map((share) => [share, valueAt(share)]);
}
