/**
 * Noise under trust `distributed`: each client adds a discrete Gaussian of its own, so large that those
 * of the fewest honest survivors add up to the plan's (Kairouz, Liu & Steinke 2021, arXiv:2102.06387).
 */
import type { PlannedAdjacency, PrivacyEvent } from "../accounting/mechanisms/event.ts";
import { ScenarioError } from "../errors.ts";
import { MAX_SIGMA } from "../noise/gaussian-table.ts";
import { fitsInt32 } from "../noise/lattice.ts";
import type { CohortTerms } from "./terms.ts";

/** From here on what a sum of discrete Gaussians lacks of one is below 3e-68 in each coordinate. */
const LEAST_STDDEV = 4;

/**
 * h, honest survivors whose noise adds up to the plan's: all that may be counted on.
 *
 * @throws ScenarioError `privacy.colluders` where none is left
 */
export function noiseShares({ minCohort, colluders = 0 }: CohortTerms): number {
  if (minCohort > colluders) return minCohort - colluders;
  throw new ScenarioError({
    what: "privacy.colluders",
    where: "the plan",
    got: colluders,
    expected: `fewer than clients.minCohort, ${minCohort}: somebody's noise must count`,
    fix: "Lower it, or raise clients.minCohort.",
  });
}

/**
 * Parameter of each client's noise, in whole lattice steps, rounded up.
 *
 * @param noiseMultiplier of the sum ÷ sensitivity
 */
export function shareStddev(noiseMultiplier: number, sensitivity: number, shares: number): number {
  return Math.ceil(exactShare(noiseMultiplier, sensitivity, shares));
}

/** The same before it is rounded up: what a calibration searches along. */
export function exactShare(noiseMultiplier: number, sensitivity: number, shares: number): number {
  return Math.max(LEAST_STDDEV, (noiseMultiplier * sensitivity) / Math.sqrt(shares));
}

/** Noise in the sum of so many clients ÷ the noise that is accounted for: the price of not trusting. */
export function noiseFactor(clients: number, shares: number): number {
  return Math.sqrt(clients / shares);
}

/**
 * That of one round; null where the sum's noise is not made of shares.
 *
 * @param lost clients whose update did not reach the sum
 */
export function roundNoiseFactor(
  {
    clients,
    noiseShares: shares,
  }: { readonly clients: number; readonly noiseShares?: number | undefined },
  lost: number | undefined,
): number | null {
  return shares === undefined ? null : noiseFactor(clients - (lost ?? 0), shares);
}

/** The lattice of a round with masks, and its noise. */
export interface NoisedSum {
  /** Units that a round can hold, as far as they can meet in one entry. */
  readonly units: number;
  /** n: clients that add noise. */
  readonly clients: number;
  /** d, entries of an update. */
  readonly parameters: number;
  /** Δ, in lattice steps. */
  readonly sensitivity: number;
  /** Of one client's noise, in lattice steps. */
  readonly noiseStddev: number;
}

/** What one attempt is charged: by h, not by the survivors that turned up. */
export function noiseSharesEvent(
  {
    parameters,
    sensitivity,
    noiseStddev,
  }: Pick<NoisedSum, "parameters" | "sensitivity" | "noiseStddev">,
  shares: number,
  adjacency: PlannedAdjacency,
): Extract<PrivacyEvent, { readonly mechanism: "distributedDiscreteGaussian" }> {
  return {
    mechanism: "distributedDiscreteGaussian",
    clients: shares,
    sigma: noiseStddev,
    dimension: parameters,
    l2Sensitivity: sensitivity,
    sampling: { kind: "full" },
    adjacency,
  };
}

/** @throws ScenarioError `secagg.range` where the sum could wrap mod 2^32, by more chance than 2^-40 */
export function checkNoWrap(sum: NoisedSum & { readonly rotatedFrom?: number | undefined }): void {
  const { units, clients, parameters, sensitivity, noiseStddev } = sum;
  const fits = fitsInt32(units, sensitivity, noiseStddev, clients, parameters);
  if (fits && noiseStddev < MAX_SIGMA) return;
  throw new ScenarioError({
    what: "secagg.range",
    where: "the plan",
    got: `${Math.ceil(units)} units of ${sensitivity} steps, ${clients} noises of ${noiseStddev}`,
    expected: "a sum that cannot wrap in 32 bits",
    fix: `${sum.rotatedFrom === undefined ? "Set privacy.rotation to true, lower" : "Lower"} privacy.population or the noise, or take a smaller model.`,
  });
}
