/** What a plan will cost whom, and how long its noise is: from the plan alone, no row is read. */

import { type ByAdversary, byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { type Guarantee, plannedClaims, rawEpsilon } from "../../shared/claims/claim.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { EngineKind } from "../../shared/engine/core/engine.ts";
import { type Problem, ScenarioError } from "../../shared/errors.ts";
import type { ModelSpec } from "../../shared/model/model-spec.ts";
import { makePlan } from "../../shared/plan/plan.ts";
import { noisePerClip } from "../../shared/privacy/noise-per-clip.ts";
import { type PrivacyPlan, planPrivacy } from "../../shared/privacy/plan.ts";
import { attemptsOf } from "../../shared/privacy/tasks.ts";
import { TRUSTS, type Trust } from "../../shared/privacy/trust.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";

/** Rounds of which a table shows epsilon, at most. */
const MOST_LINES = 10;

export interface Cost {
  /** After all rounds, if every attempt succeeds. */
  readonly claims: readonly Guarantee[];
  /** After some of the rounds, the last among them. */
  readonly byRound: readonly CostSoFar[];
  /** null where nothing is noised. */
  readonly spares: Spares | null;
  readonly otherTrusts: readonly OtherTrust[];
  /** Against whoever gets the models of ten such runs on the same rows: what choosing by them costs. */
  readonly tenRuns: number | null;
}

interface CostSoFar {
  /** Attempts so far: one a round. */
  readonly after: number;
  /** Against each adversary; null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
}

interface Spares {
  /** Those reserved. */
  readonly attempts: number;
  /** Against whoever gets the model, once every one of them is used up. */
  readonly epsilon: number | null;
  /** Noise ÷ that of the same plan without spares; null where it is stated. */
  readonly noiseRatio: number | null;
  /** That of the plan with one more ÷ noise; null where it is stated, or no plan follows. */
  readonly oneMoreRatio: number | null;
}

/** The scenario under another trust, all else as it is. */
export type OtherTrust =
  | {
      readonly trust: Trust;
      readonly epsilon: ByAdversary<number | null>;
      /** As of `noisePerClip`. */
      readonly noisePerClip: number;
    }
  | { readonly trust: Trust; readonly refused: string };

/** @param model the plan's, where it is out of a file */
export function costOf(
  scenario: Scenario,
  contract: Contract,
  plan: PrivacyPlan,
  engine: EngineKind,
  model?: ModelSpec,
): Cost {
  return {
    claims: plannedClaims(plan, plan.rounds),
    byRound: shownRounds(plan.rounds).map((after) => ({
      after,
      epsilon: epsilonAfter(plan, after),
    })),
    spares: sparesOf(plan),
    otherTrusts: TRUSTS.filter((trust) => trust !== plan.trust).map((trust) =>
      underTrust(withTrust(scenario, trust), contract, engine, { model, past: plan.past }),
    ),
    tenRuns: epsilonAfter(plan, plan.rounds, 10).modelRecipients,
  };
}

/** 1 to `rounds`, the last among them, evenly, at most ten. */
export function shownRounds(rounds: number): number[] {
  const lines = Math.min(rounds, MOST_LINES);
  const gaps = Math.max(1, lines - 1);
  return Array.from({ length: lines }, (_, i) => 1 + Math.round((i * (rounds - 1)) / gaps));
}

/** Against each adversary after so many attempts of each of so many runs; null: no bound. */
function epsilonAfter(plan: PrivacyPlan, attempts: number, runs = 1): ByAdversary<number | null> {
  const claims = plannedClaims(plan, attempts, runs);
  return byAdversary((adversary) => rawEpsilon(claims, adversary));
}

function sparesOf(plan: PrivacyPlan): Spares | null {
  const { spareAttempts, trust, noiseMultiplier } = plan;
  if (trust === "none") return null;
  const without = noiseWith(plan, 0);
  const oneMore = noiseWith(plan, spareAttempts + 1);
  return {
    attempts: spareAttempts,
    epsilon: epsilonAfter(plan, attemptsOf(plan)).modelRecipients,
    noiseRatio: without && noiseMultiplier / without,
    oneMoreRatio: oneMore && oneMore / noiseMultiplier,
  };
}

/** The noise multiplier with that many spare attempts, if noise is what epsilon decides. */
function noiseWith(plan: PrivacyPlan, spareAttempts: number): number | null {
  if (plan.targetEpsilon === null) return null;
  if (spareAttempts === plan.spareAttempts) return plan.noiseMultiplier;
  return attempted(
    () => planPrivacy({ ...plan, spareAttempts }).noiseMultiplier,
    () => null,
  );
}

/** Colluders go with the masks: no claim of another trust has them, but of a fixed size under central. */
function withTrust(scenario: Scenario, trust: Trust): Scenario {
  const { colluders, ...privacy } = scenario.privacy;
  const counts = trust === "central" && scenario.training.sampling.kind === "fixedSize";
  return { ...scenario, privacy: { ...privacy, ...(counts && { colluders }), trust } };
}

function underTrust(
  changed: Scenario,
  contract: Contract,
  engine: EngineKind,
  { model, past }: { readonly model: ModelSpec | undefined } & Pick<PrivacyPlan, "past">,
): OtherTrust {
  const { trust } = changed.privacy;
  const planned = (): OtherTrust => {
    const { privacy } = makePlan(changed, contract, engine, model, past).plan;
    const epsilon = epsilonAfter(privacy, privacy.rounds);
    return { trust, epsilon, noisePerClip: noisePerClip(privacy) };
  };
  return attempted(planned, ({ what, expected }) => ({
    trust,
    refused: `${what}: expected ${expected}`,
  }));
}

/** What a plan that the scenario does not ask for gives, or what to say where there is none. */
function attempted<T>(make: () => T, refused: (problem: Problem) => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return refused(error.problem);
  }
}
