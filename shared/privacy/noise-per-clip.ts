/** How long a round's noise is beside the update that it is added to: from the plan alone. */
import { entriesBefore } from "../noise/rotation.ts";
import type { PrivacyPlan } from "./plan.ts";

/**
 * Root mean square of the L2 norm of a round's noise on the mean update, in clip norms: the noise
 * scales as the clip norm does, so that it is the same in every round. Gaussian of d coordinates:
 * sqrt(d) standard deviations; where clients add it, of as many noises as there are updates in a round.
 * Where clients take noised steps of their own it is that of one step.
 */
export function noisePerClip(plan: PrivacyPlan): number {
  const { noiseStddev, scale, expectedUnits, clipNorm } = plan;
  // What a rotation adds in length is cut off again, its noise too.
  const entries = entriesBefore(plan);
  const onSum = (Math.sqrt(noisesInRound(plan) * entries) * noiseStddev) / scale;
  return onSum / expectedUnits / clipNorm;
}

/** Independent noises in a round's sum, on average: who adds one to an update of its own. */
export function noisesInRound({ trust, unit, clients, expectedUnits }: PrivacyPlan): number {
  if (trust !== "local" && trust !== "distributed") return 1;
  return unit === "client" ? expectedUnits : clients;
}
