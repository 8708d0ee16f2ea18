/** What keeps a cohort secret, where ε counts on that, and against whom: no time at all, or a round clock. */
import type { Sampler } from "../accounting/mechanisms/event.ts";
import type { PrivacyTerms } from "./terms.ts";

type Terms = Parameters<typeof tellsRounds>[0] & Pick<PrivacyTerms, "roundSeconds">;

const HOST = "who sees the host's network, processor or disk";

/** One line beside the claim; undefined where no claim counts on it. */
export function secrecyText(plan: Terms): string | undefined {
  if (!hidesCohort(plan)) return undefined;
  if (tellsRounds(plan))
    return "who was drawn: a simulation may say; under secure noise it is a secret, and no time of a round is written";
  const { roundSeconds } = plan;
  if (roundSeconds === undefined)
    return `who was drawn is a secret: no file, log or metric says when a round was. This protects against readers of these; not against who watches releases arrive, as joined clients do (privacy.roundSeconds does), nor ${HOST}`;
  return `who was drawn is a secret: rounds end by the clock, every ${roundSeconds} s, and no file, log or metric says when. This protects against readers of these and who watches releases arrive; not against ${HOST}`;
}

/**
 * True where epsilon counts on nobody's knowing which clients were in a round: no file, page, metric
 * or message may then tell.
 */
export function hidesCohort(
  plan: Pick<PrivacyTerms, "unit" | "trust"> & { readonly sampling: Pick<Sampler, "kind"> },
): boolean {
  return plan.unit === "client" && plan.trust === "central" && plan.sampling.kind !== "full";
}

/**
 * Whether a run may say what became of clients in a round, and when a round was: how long one takes
 * follows from who is in it. Under seeded noise all is a simulation, and may tell. Where noise is secure,
 * a claim that counts on a secret cohort leaves no room for it, whatever the rows.
 */
export function tellsRounds(
  plan: Parameters<typeof hidesCohort>[0] & Pick<PrivacyTerms, "noise">,
): boolean {
  return plan.noise !== "secure" || !hidesCohort(plan);
}
