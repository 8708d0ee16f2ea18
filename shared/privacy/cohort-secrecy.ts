/** What keeps a cohort secret, where ε counts on that, and against whom: no time at all, or a round clock. */
import type { Sampler, Unit } from "../accounting/mechanisms/event.ts";
import type { Trust } from "./trust.ts";

interface CohortTerms {
  readonly unit: Unit;
  readonly trust: Trust;
  readonly sampling: Pick<Sampler, "kind">;
}
type NoisedTerms = CohortTerms & { readonly noise: "secure" | "seeded" };
type Terms = NoisedTerms & { readonly roundSeconds?: number | undefined };

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
export function hidesCohort(plan: CohortTerms): boolean {
  return plan.unit === "client" && plan.trust === "central" && plan.sampling.kind !== "full";
}

/**
 * Whether a run may say what became of clients in a round, and when a round was: how long one takes
 * follows from who is in it. Under seeded noise all is a simulation, and may tell. Where noise is secure,
 * a claim that counts on a secret cohort leaves no room for it, whatever the rows.
 */
export function tellsRounds(plan: NoisedTerms): boolean {
  return plan.noise !== "secure" || !hidesCohort(plan);
}
