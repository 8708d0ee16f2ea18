/**
 * Who takes part in a round, exactly as the accountant is told. With unit record every client does:
 * the records are sampled, by each client's own secret coins, and the coordinator learns nothing of
 * them. With unit client the coordinator draws from all clients there are, here or not: who happens
 * to be here would be no sample of the population.
 */

import type { Random } from "../../shared/noise/random.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";

/**
 * The cohort's client indices.
 *
 * @param coins of this attempt alone
 */
export function sampleCohort(
  { unit, sampling, clients }: Pick<PrivacyPlan, "unit" | "sampling" | "clients">,
  coins: Random,
): readonly number[] {
  const all = Array.from({ length: clients }, (_, clientIndex) => clientIndex);
  if (unit === "record" || sampling.kind === "full") return all;
  if (sampling.kind === "poisson") return all.filter(() => coins.bernoulli(sampling.rate));
  return coins.permutation(clients).slice(0, sampling.size);
}
