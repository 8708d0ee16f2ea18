/** What a client believes of a masked attempt before it begins: its own sums, and no replay. */
import { ProtocolError, ScenarioError } from "../../shared/errors.ts";
import { secaggRefusal } from "../../shared/secagg/secagg-refusal.ts";
import {
  type CohortTerms,
  type SecaggTerms,
  secaggTerms,
} from "../../shared/secagg/secagg-terms.ts";

/**
 * The terms that follow from the plan, for a cohort of that size.
 *
 * @param offered what the coordinator says they are
 * @throws ProtocolError `secagg.terms` naming the first that differs, or `secagg.…` where none keep
 *   the plan's promises
 */
export function agreedTerms(offered: SecaggTerms, clients: number, plan: CohortTerms): SecaggTerms {
  const own = ownTerms(clients, plan);
  for (const [name, value] of Object.entries(own)) {
    const got: unknown = Reflect.get(offered, name);
    if (got !== value) throw secaggRefusal("terms", `${name}, as offered`, got, `${value}`);
  }
  return own;
}

function ownTerms(clients: number, plan: CohortTerms): SecaggTerms {
  try {
    return secaggTerms(clients, plan);
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw new ProtocolError(cause.problem, { cause });
  }
}

/** The attempts of one run that a client has begun: each at most once, and only forward. */
export class AttemptGuard {
  #last: readonly [round: number, attempt: number] = [-1, -1];

  /** @throws ProtocolError `secagg.attempt` for one that is not later than all before it */
  begin(round: number, attempt: number): void {
    const [lastRound, lastAttempt] = this.#last;
    const later = round > lastRound || (round === lastRound && attempt > lastAttempt);
    if (!later) {
      const got = `round ${round}, attempt ${attempt}`;
      const expected = `later than round ${lastRound}, attempt ${lastAttempt}`;
      throw secaggRefusal("attempt", "the attempt asked for", got, expected);
    }
    this.#last = [round, attempt];
  }
}
