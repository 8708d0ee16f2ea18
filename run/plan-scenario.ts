/** What a scenario would run and cost, before anything does: no row of it is read. */
import { type Guarantee, plannedClaims } from "../shared/claims/claim.ts";
import type { EngineKind } from "../shared/engine/core/engine.ts";
import type { Plan } from "../shared/plan/plan.ts";
import type { Scenario } from "../shared/scenario/schema.ts";
import { type CallOptions, readCall } from "./call.ts";
import { sealScenario } from "./scenario/seal-scenario.ts";

/** What is said in the place of the scenario's keys, and where an object's files are named from. */
export type ScenarioOptions = Pick<CallOptions, "seed" | "set" | "folder">;

/** @param scenario path of a file, or its content. @throws ScenarioError naming the first fault */
export async function readScenario(
  scenario: string | object,
  options: ScenarioOptions = {},
): Promise<Scenario> {
  return (await readCall(scenario, options, "readScenario")).scenario;
}

export interface PlannedScenario {
  readonly scenario: Scenario;
  /** What every client would hold the run to. */
  readonly plan: Plan;
  /** SHA-256 of its canonical JSON. */
  readonly hash: string;
  readonly engine: EngineKind;
  /** After all rounds, if every attempt succeeds. */
  readonly guarantees: readonly Guarantee[];
}

/**
 * Formulas parsed, hierarchies and model file read, noise calibrated. Levels that a scenario wants learned
 * from its rows (`unsafe`) are the exception to reading none.
 *
 * @param scenario path of a file, or its content
 * @throws ScenarioError for what a run would refuse, as far as can be told; BudgetError where no noise suffices
 */
export async function planScenario(
  scenario: string | object,
  options: ScenarioOptions = {},
): Promise<PlannedScenario> {
  const call = await readCall(scenario, options, "planScenario");
  const { sealed, engine } = await sealScenario(call.scenario, call.file, undefined, call.memory);
  const { plan, hash } = sealed;
  const { privacy } = plan;
  return {
    ...{ scenario: call.scenario, plan, hash, engine: engine.kind },
    guarantees: plannedClaims(privacy, privacy.rounds),
  };
}
