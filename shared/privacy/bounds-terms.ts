/**
 * Private bounds as releases of a plan: noised histograms of features before training. A record adds WEIGHT to one bin
 * of each feature, so that all it moves is one vector of integers whose length is the same for every record.
 */
import type { PrivacyTerms, PrivateBounds } from "./terms.ts";

/** Signed octaves, bins over those, bins over what of those matters: always all three, whatever the rows are. */
export const BOUNDS_RELEASES = 3;
/** Signed octaves from 2^-20 to 2^20, and zero. */
export const OCTAVE_BINS = 83;
/** Equal bins of the other releases. */
export const EQUAL_BINS = 32;
/** Of a feature in any release: its bins, and the one of cells without a value. */
export const FEATURE_BINS = OCTAVE_BINS + 1;
/** Lattice steps of a count: the sensitivity, a root, is rounded up to a whole one and loses little by it. */
export const WEIGHT = 64;

/** What of a plan its bounds' releases depend on. */
export interface BoundsPlan {
  readonly bounds?: PrivateBounds | undefined;
  /** Of the noise on each count, in lattice steps: each client's where clients add it; 0 without privacy. */
  readonly boundsNoiseStddev?: number | undefined;
  readonly noiseShares?: number | undefined;
}

/** L2 norm in lattice steps that no record's part passes: F · WEIGHT² ≤ Δ², in integers. */
export function boundsSensitivity(features: number): number {
  let whole = Math.ceil(Math.sqrt(features) * WEIGHT);
  while (whole ** 2 < features * WEIGHT ** 2) whole += 1;
  return whole;
}

/** Entries of a client's answer. */
export function boundsLength({ bounds }: BoundsPlan): number {
  return (bounds?.features ?? 0) * FEATURE_BINS;
}

/** What the coordinator sends behind the model: releases so far, and each feature's range as it then stands. */
export function boundsTail({ bounds }: BoundsPlan): number {
  return bounds === undefined ? 0 : 1 + 2 * bounds.features;
}

/** Attempts that the budget holds. */
export function boundsAttempts({
  bounds,
  spareAttempts,
}: BoundsPlan & Pick<PrivacyTerms, "spareAttempts">): number {
  return bounds === undefined ? 0 : BOUNDS_RELEASES + Math.min(spareAttempts, BOUNDS_RELEASES);
}

/** One release, in the terms of an update: of all rows, by the plan's own trust. */
export function boundsRelease<Plan extends BoundsPlan>(plan: Plan) {
  const { bounds, boundsNoiseStddev: noiseStddev = 0, noiseShares = 1 } = plan;
  const sensitivity = boundsSensitivity(bounds?.features ?? 1);
  return {
    ...plan,
    sampling: { kind: "full" },
    localSteps: 1,
    parameters: boundsLength(plan),
    rotatedFrom: undefined,
    sensitivity,
    noiseStddev,
    bitNoiseStddev: 0,
    noiseMultiplier: (Math.sqrt(noiseShares) * noiseStddev) / sensitivity,
  } as const;
}

/** Of the sum's noise, in records: what a count is off by. */
export function countDeviation(plan: BoundsPlan & Pick<PrivacyTerms, "trust" | "clients">): number {
  const { trust, clients, boundsNoiseStddev = 0 } = plan;
  const noises = trust === "local" || trust === "distributed" ? clients : 1;
  return (Math.sqrt(noises) * boundsNoiseStddev) / WEIGHT;
}

/** Beyond it learned bounds would be noise. */
export const MOST_RANK_ERROR = 0.05;

/**
 * By how much of the population the rank of a learned quantile is off: the deviation of EQUAL_BINS counts together
 * (√(features · releases · bins · noises) / (√share · μ · population), all but the population being in the noise).
 */
export function rankError(
  plan: BoundsPlan & Pick<PrivacyTerms, "trust" | "clients" | "population">,
): number {
  return (Math.sqrt(EQUAL_BINS) * countDeviation(plan)) / plan.population;
}
