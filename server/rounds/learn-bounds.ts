/** Private bounds: histograms of the clients' rows, asked for, charged, noised and released before any training. */
import { learnedFeatures } from "../../shared/bounds/learned-features.ts";
import { type Learned, learn } from "../../shared/bounds/learned-ranges.ts";
import { BudgetError } from "../../shared/errors.ts";
import { learnedOf } from "../../shared/plan/bound-contract.ts";
import {
  BOUNDS_RELEASES,
  boundsAttempts,
  boundsRelease,
  countDeviation,
} from "../../shared/privacy/bounds-terms.ts";
import { type RoundTools, runAttempt } from "../attempts/run-attempt.ts";
import type { ModelState } from "../step/release.ts";
import { betweenAttempts, uncharged } from "./failed-attempts.ts";
import { addNoise } from "./server-round.ts";

/**
 * All releases that the ledger does not have yet.
 *
 * @param isKnown as of `coordinate`
 * @param signal once aborted, no attempt follows the one that is open
 * @returns undefined where the plan's features all have bounds
 * @throws TooFewClients where the run cannot go on now, and can later
 * @throws BudgetError `bounds` where attempts have failed that the plan had to spare
 */
export async function learnBounds(
  tools: RoundTools,
  state: ModelState,
  isKnown: boolean,
  signal?: AbortSignal,
): Promise<Learned | undefined> {
  const { sealed, ledger, root } = tools;
  const { privacy, contract } = sealed.plan;
  if (privacy.bounds === undefined) return undefined;
  const outers = learnedFeatures(contract).map(({ feature }) => feature);
  const deviation = countDeviation(privacy);
  let learned = learnedOf(sealed.plan, ledger.lines);
  let attempt = ledger.nextAttempt(0);
  if (isKnown && learned.releases < BOUNDS_RELEASES) attempt += uncharged(privacy);
  for (let failed = 0; learned.releases < BOUNDS_RELEASES; attempt++) {
    signal?.throwIfAborted();
    // What cannot come to all releases any more is not charged in vain.
    const left = boundsAttempts(privacy) - ledger.charged("bounds");
    if (left < BOUNDS_RELEASES - learned.releases) throw exhausted("budget");
    const before = learned;
    const ids = { round: 0, attempt };
    const outcome = await runAttempt({ ...tools, learned }, "bounds", state, ids, ({ sum }) => {
      const counts = addNoise(sum, boundsRelease(privacy), root, 0, attempt);
      const next = learn(before, counts, outers, deviation);
      ledger.releaseBounds(0, attempt, [...counts], next);
      return { kind: "released", next } as const;
    });
    if (outcome.kind === "released") {
      learned = outcome.next;
      failed = 0;
    } else if (outcome.kind === "refused") throw exhausted(outcome.reason);
    else await betweenAttempts(tools, outcome, ++failed);
  }
  return learned;
}

function exhausted(reason: "cohort" | "budget"): BudgetError {
  return new BudgetError({
    what: "bounds",
    where: "before the first round",
    got: reason === "budget" ? "too many attempts without a release" : "too few clients",
    expected: `${BOUNDS_RELEASES} releases, by which features have bounds`,
    fix: "Set privacy.spareAttempts, or write the bounds down.",
  });
}
