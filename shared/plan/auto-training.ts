/** A scenario that says `training: auto` → the same with the recipe that its plan's public numbers give. */
import type { ModelPast } from "../accounting/model-past.ts";
import type { Contract } from "../contract/contract.ts";
import { noisePerClip } from "../privacy/noise-per-clip.ts";
import { planPrivacy } from "../privacy/plan.ts";
import type { Scenario } from "../scenario/schema.ts";
import { recipeFor } from "../training/recipe.ts";
import { privacyTerms } from "./scenario-terms.ts";

/** Of a plan made to see how long its noise is: beside √rounds it is as long for any number of them. */
const TRIAL_ROUNDS = 100;

/**
 * @param parameters of the model
 * @param past of the weights that the run starts from, as far as it counts
 * @throws ScenarioError where the scenario's numbers allow no plan
 */
export function withRecipe(
  scenario: Scenario,
  contract: Contract,
  parameters: number,
  past?: ModelPast,
): Scenario {
  const { auto, ...training } = scenario.training;
  if (!auto) return scenario;
  const trial = { ...scenario, training: { ...training, rounds: TRIAL_ROUNDS } };
  const plan = planPrivacy(privacyTerms(trial, contract, parameters, past));
  const reach = Math.sqrt(TRIAL_ROUNDS) / noisePerClip(plan);
  const ofNumbers = contract.target.kind === "number";
  return {
    ...scenario,
    training: { ...training, ...recipeFor(reach, ofNumbers, plan.population) },
  };
}
