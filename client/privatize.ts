/** The last stage that sees a client's own sum: round it once to the lattice, add noise of its own. */
import { roundToLattice } from "../shared/lattice.ts";
import { fillRoundedGaussian } from "../shared/noise.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Random } from "../shared/random.ts";

/**
 * What may leave the client: int32[parameters], lattice steps. Under `local` it carries the plan's
 * whole noise; under `central` the coordinator adds it; under `none` nobody does.
 *
 * @param sum float64[parameters], finite: train gives zeros for what is not
 */
export function privatize(sum: Float64Array, plan: PrivacyPlan, noise: Random): Int32Array {
  const update = roundToLattice(sum, plan.scale);
  if (plan.trust !== "local") return update;
  const drawn = new Int32Array(update.length);
  fillRoundedGaussian(drawn, plan.noiseStddev, noise);
  return update.map((steps, i) => steps + (drawn[i] ?? 0));
}
