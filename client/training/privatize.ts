/** The last stage that sees a client's own sum: round it once to the lattice, add noise of its own. */
import { fillDiscreteGaussian } from "../../shared/noise/discrete-gaussian.ts";
import { roundToLattice, roundUpdate } from "../../shared/noise/lattice.ts";
import type { Random } from "../../shared/noise/random.ts";
import { rotate } from "../../shared/noise/rotation.ts";
import { fillRoundedGaussian } from "../../shared/noise/rounded-gaussian.ts";
import { type PrivacyPlan, scaleAt } from "../../shared/privacy/plan.ts";
import type { Contribution } from "./contribution.ts";

/**
 * What may leave the client: lattice steps, int32[parameters], and where the clip norm adapts the
 * bits as one entry more; rotated, where the plan says so. Under `local` it carries the plan's whole noise; under `distributed` a share of it, to which the masks come; under
 * `central` the coordinator adds it; under `none` nobody does.
 *
 * @param clipNorm in force in this round
 */
export function privatize(
  { sum, bits }: Pick<Contribution, "sum" | "bits">,
  plan: PrivacyPlan,
  clipNorm: number,
  noise: Random,
): Int32Array {
  const scale = scaleAt(plan, clipNorm);
  const { unit, sensitivity } = plan;
  // A client's own update is bounded here; a sum of records was, record by record.
  const turned = rotate(sum, plan);
  const update =
    unit === "client" ? roundUpdate(turned, { scale, sensitivity }) : roundToLattice(turned, scale);
  return noised(update, bits, plan, noise);
}

/** The same of what is rounded already. */
export function noised(
  update: Int32Array,
  bits: number,
  plan: PrivacyPlan,
  noise: Random,
): Int32Array {
  if (plan.adaptiveClipping !== null) return withBits(update, bits);
  if (plan.trust !== "local" && plan.trust !== "distributed") return update;
  const drawn = ownNoise(update.length, plan.noiseStddev, plan, noise);
  for (let i = 0; i < update.length; i++) drawn[i] = (drawn[i] ?? 0) + (update[i] ?? 0);
  return drawn;
}

/** What a client itself adds to so many lattice steps: zeros where somebody else does, or nobody. */
export function ownNoise(
  length: number,
  stddev: number,
  { trust }: Pick<PrivacyPlan, "trust">,
  noise: Random,
): Int32Array {
  const drawn = new Int32Array(length);
  // A sum of rounded Gaussians has no theorem; one of discrete Gaussians has.
  if (trust === "local") fillRoundedGaussian(drawn, stddev, noise);
  if (trust === "distributed") fillDiscreteGaussian(drawn, stddev, noise);
  return drawn;
}

function withBits(update: Int32Array, bits: number): Int32Array {
  const longer = new Int32Array(update.length + 1);
  longer.set(update);
  longer[update.length] = bits;
  return longer;
}
