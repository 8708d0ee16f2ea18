/** Whether an update can be an honest client's: all that its length tells, where updates are exact. */
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { bitsBound, normOfSteps, updateBound } from "../../shared/privacy/update-bound.ts";

export interface UpdateBounds {
  /** Entries of the model's part; what follows are the bits of an adapting clip norm. */
  readonly parameters: number;
  /** L2 norm of that part, in lattice steps. */
  readonly norm: number;
  readonly bits: number;
}

/**
 * What updateBound allows: of unit record population × clipNorm, since nobody knows how many of the
 * records a client holds. undefined under `local`: noise hides what there would be to see.
 */
export function boundsOf(plan: PrivacyPlan): UpdateBounds | undefined {
  // Of noised and of masked words no length is an honest one.
  if (plan.trust === "local" || plan.trust === "distributed") return undefined;
  return { parameters: plan.parameters, norm: updateBound(plan), bits: bitsBound(plan) };
}

/** @param update int32[updateLength] */
export function isWithin(update: Int32Array, { parameters, norm, bits }: UpdateBounds): boolean {
  const steps = update.subarray(0, parameters);
  const counted = update.subarray(parameters).every((bit) => Math.abs(bit) <= bits);
  return counted && normOfSteps(steps) <= norm;
}
