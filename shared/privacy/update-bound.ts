/** How long an update may be: what a coordinator refuses, and how far an attacker can go unseen. */
import { squareSum } from "../noise/lattice.ts";
import type { PrivacyPlan } from "./plan.ts";
import { rowsOf } from "./terms.ts";

type BoundTerms = Pick<
  PrivacyPlan,
  | "unit"
  | "trust"
  | "population"
  | "rows"
  | "sensitivity"
  | "noiseStddev"
  | "parameters"
  | "localSteps"
>;

/**
 * L2 norm in lattice steps that no honest client's update passes, its noise included; the bits of an
 * adapting clip norm not counted.
 *
 * Unit client: the sensitivity, to which roundUpdate holds each update. Unit record: how many records a
 * client holds is its own business, so that all it can be held to is population × sensitivity (lattice.ts:
 * n·Δ = n·s·clipNorm·(1 + η) + n·√d, and one rounding takes √d / 2). Under `local` its noise comes on top,
 * longer than σ·(√d + √(80 ln 2)) with a chance of 2^-40 (Boucheron, Lugosi & Massart 2013, theorem 5.6:
 * a norm is 1-Lipschitz), and √d / 2 for its rounding: a bound that hides more than it shows. Under
 * `distributed` none at all.
 */
export function updateBound(plan: BoundTerms): number {
  const { unit, trust, sensitivity, noiseStddev, parameters, localSteps } = plan;
  // Masked: nobody can see how long one is.
  if (trust === "distributed") return Infinity;
  const exact = (unit === "client" ? 1 : rowsOf(plan)) * sensitivity;
  if (trust !== "local") return exact;
  const root = Math.sqrt(parameters);
  return localSteps * (exact + noiseStddev * (root + Math.sqrt(80 * Math.LN2)) + root / 2);
}

/** The most that an update's bits can add up to: ±1 of each row, or of the client. */
export function bitsBound(plan: Pick<PrivacyPlan, "unit" | "population" | "rows">): number {
  return plan.unit === "client" ? 1 : rowsOf(plan);
}

/** L2 norm of lattice steps. */
export function normOfSteps(steps: Int32Array): number {
  return Math.sqrt(squareSum(steps));
}
