/**
 * What a run has spent against the raw table, always at the plan's own δ: the least of bounds that hold.
 * One unit of the raw table moves as many times its rows as suppression lets it, and the charged events
 * are priced with those rows (charge.ts): full batches and noise shares at that many times the
 * sensitivity, Poisson coins as their mixture. Beside it stands group privacy, solved at δ: the least k ε
 * for which δ(ε) (e^(k ε) − 1) / (e^ε − 1) fits. What the noise tables lack is taken off δ at the raw ε.
 */

import type { Charges, CountedEvent } from "../accounting/charged-history.ts";
import { spentDelta } from "../accounting/compose.ts";
import { composedEpsilon } from "../accounting/compose-histories.ts";
import { type Adversary, type ByAdversary, byAdversary } from "../accounting/mechanisms/event.ts";
import { unsampled } from "../accounting/model-past.ts";
import { smallestSatisfying } from "../accounting/numeric/bisect.ts";
import { canonicalJson } from "../canonical.ts";
import { BudgetError } from "../errors.ts";
import { attemptDistance } from "../ledger/history-of.ts";
import { memoize } from "../memoize.ts";
import { groupPrivacy } from "../privacy/group-privacy.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import { plannedTasks } from "../privacy/tasks.ts";

/** By what rules; a plan says it. */
export type RawRules = Pick<
  PrivacyPlan,
  "unit" | "adjacency" | "accountant" | "delta" | "rawFactor" | "rowsPerPerson" | "past"
>;

/** Epsilon of the raw table at the plan's δ, of those charges and the past; null: no bound. */
export function rawEpsilonOf(
  rules: RawRules,
  charges: Charges,
  adversary: Adversary,
): number | null {
  const { unit, adjacency, delta, rawFactor, rowsPerPerson, past } = rules;
  if (rawFactor === null || past?.unknown) return null;
  // Where coins are many the losses' own accountant proves more, and knows their mixture.
  const accountant = isSampled(charges.events[adversary]) ? "pld" : rules.accountant;
  const own = { ...charges, accountant, rowFactor: rawFactor };
  const perPerson = rowsPerPerson !== undefined;
  const together = { unit, adjacency, perPerson, delta, accountant };
  const rows = composedEpsilon([...(past?.histories ?? []), own], adversary, together);
  if (past !== undefined || rules.unit === "client" || rawFactor === 1) return rows;
  return groupEpsilon({ ...rules, rawFactor }, charges, adversary, rows);
}

/** Whether Poisson sampling is all that there is beside full batches. */
export function isSampled(events: readonly CountedEvent[]): boolean {
  const sampled = events.some(
    ({ event }) => event.mechanism === "gaussian" && event.sampling.kind === "poisson",
  );
  return sampled && events.every(({ event }) => event.mechanism === "gaussian");
}

/** Relative width to which the group's ε is solved. */
const PRECISION = 1e-6;
/** Beyond it, of one step, nothing is promised. */
const MOST_EPSILON = 64;

/**
 * Group privacy at δ, if that is less than `best`. Under zeroOut all k units vanish or appear; under
 * replaceOne 2 k steps of zeroOut lead from one raw table to the other: one row goes and another comes in
 * its place, k − 1 go, k − 1 come.
 */
export function groupEpsilon(
  { accountant, adjacency, delta, rawFactor }: RawRules & { readonly rawFactor: number },
  { events, distance }: Pick<Charges, "events" | "distance">,
  adversary: Adversary,
  best: number | null,
): number | null {
  const steps = adjacency === "replaceOne" ? 2 * rawFactor : rawFactor;
  const anew = events[adversary].map(({ event, count }) => {
    const asked = event.mechanism === "none" ? event : { ...event, adjacency: "zeroOut" as const };
    return { event: asked, count };
  });
  const satisfies = (epsilon: number) => {
    const price = groupPrivacy(steps, epsilon, spentDelta(accountant, anew, epsilon));
    if (price === null) return false;
    return price.delta + distance * (1 + Math.exp(price.epsilon)) <= delta * (1 - PRECISION);
  };
  try {
    if (satisfies(0)) return 0;
    // δ(ε) of a group rises with ε, then falls for good, until the noise table's part passes δ: what
    // does not hold at the best known does not hold below it.
    const high = best === null ? firstHolding(satisfies) : (best / steps) * (1 - 1e-9);
    if (!(high < MOST_EPSILON) || !satisfies(high)) return best;
    const epsilon = smallestSatisfying(0, high, PRECISION, satisfies);
    return groupPrivacy(steps, epsilon, 0)?.epsilon ?? best;
  } catch (error) {
    if (error instanceof BudgetError) return best;
    throw error;
  }
}

/** Of a scale of epsilons; MOST_EPSILON where none does. */
function firstHolding(satisfies: (epsilon: number) => boolean): number {
  let epsilon = 1 / 64;
  while (epsilon < MOST_EPSILON && !satisfies(epsilon)) epsilon *= 1.25;
  return epsilon;
}

/** What one adversary was shown, over all attempts; absent events: nothing. */
export type Charged = ByAdversary<readonly CountedEvent[]>;

/** Against each adversary, of what a run of `plan` has charged; of the anonymized table where that is all. */
export function rawSpent(plan: PrivacyPlan, charged: Charged): ByAdversary<number | null> {
  const charges = chargesOf(plan, charged);
  const key = canonicalJson([plan.rawFactor, plan.delta, plan.past ?? null, charges]);
  return memoize(known, KEPT, key, () =>
    byAdversary((adversary) => rawEpsilonOf(plan, charges, adversary)),
  );
}

// A round's end is told to hosts, to the log and to the screen.
const KEPT = 32;
const known = new Map<string, ByAdversary<number | null>>();

/** @param runs of the same plan */
export function chargesOf(plan: PrivacyPlan, charged: Charged, runs = 1): Charges {
  const { unit, accountant, rawFactor, rowsPerPerson } = plan;
  const distance = plannedDistance(plan) * runs;
  const events = byAdversary((adversary) => [...charged[adversary]]);
  return { unit, accountant, rowFactor: rawFactor, rowsPerPerson, distance, events };
}

/** Total variation of all noise that the plan holds from the one accounted for: no less than of that so far. */
export function plannedDistance(plan: PrivacyPlan): number {
  return plannedTasks(plan).reduce(
    (sum, { task, count }) => sum + count * attemptDistance(plan, task) * (1 + 4 * Number.EPSILON),
    0,
  );
}

/** The same events, of a unit that was drawn in every round. */
export function drawnForSure(charged: Charged): Charged {
  return byAdversary((adversary) =>
    charged[adversary].map(({ event, count }) => ({ event: unsampled(event), count })),
  );
}
