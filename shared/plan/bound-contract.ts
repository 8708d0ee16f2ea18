/** What a run's ledger says of its private bounds: how far they are learned, and the contract that has them. */

import { learnedFeatures, withBounds } from "../bounds/learned-features.ts";
import { type Learned, learn, nothingLearned } from "../bounds/learned-ranges.ts";
import type { Contract } from "../contract/contract.ts";
import { BudgetError } from "../errors.ts";
import type { LedgerLine } from "../ledger/ledger-line.ts";
import { boundsReleasesOf } from "../ledger/ledger-line.ts";
import { BOUNDS_RELEASES, countDeviation } from "../privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";

export type BoundPlan = { readonly privacy: PrivacyPlan; readonly contract: Contract };

/**
 * By the released counts alone: the ranges beside them must be what follows.
 *
 * @throws BudgetError `ledger.bounds`
 */
export function learnedOf({ privacy, contract }: BoundPlan, lines: readonly LedgerLine[]): Learned {
  const outers = learnedFeatures(contract).map(({ feature }) => feature);
  const deviation = countDeviation(privacy);
  return boundsReleasesOf(lines).reduce((before, { release, counts, ranges }) => {
    const next = learn(before, counts, outers, deviation);
    const same = JSON.stringify(next.ranges) === JSON.stringify(ranges);
    if (same && next.releases === release) return next;
    throw new BudgetError({
      what: "ledger.bounds",
      where: `release ${release} of the bounds`,
      got: "other ranges than its counts give",
      expected: "those that follow from them",
      fix: "Trust nothing that this run claims.",
    });
  }, nothingLearned(outers));
}

/** The contract by which the run's rows were scaled; as it is where none of its features learned bounds. */
export function boundContract(plan: BoundPlan, lines: readonly LedgerLine[]): Contract {
  if (plan.privacy.bounds === undefined) return plan.contract;
  return contractWith(plan.contract, learnedOf(plan, lines));
}

/** @param learned undefined: nothing is to be. @throws TypeError before all releases */
export function contractWith(contract: Contract, learned: Learned | undefined): Contract {
  if (learned === undefined) return contract;
  const { releases, ranges } = learned;
  if (releases < BOUNDS_RELEASES) throw new TypeError("a contract whose bounds are not known yet");
  const features = learnedFeatures(contract);
  const of = features.map(({ feature }, i) => [feature.name, ranges[i] ?? feature.bounds] as const);
  return withBounds(contract, new Map(of));
}
