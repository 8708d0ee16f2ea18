/** What a scenario costs whom, and what should make its author think twice, for a program. */
import { readCall } from "../call.ts";
import type { ScenarioOptions } from "../plan-scenario.ts";
import { DRY_RUN_LIMITS } from "./dry-run.ts";
import { type LintReport, lintScenario } from "./report.ts";

/**
 * Nothing is started and nothing is written; private rows are not read.
 *
 * @param scenario path of a file, or its content
 * @throws ScenarioError for what a run would refuse, as far as can be told
 */
export async function lint(
  scenario: string | object,
  options: ScenarioOptions = {},
): Promise<LintReport> {
  const call = await readCall(scenario, options, "lint");
  return lintScenario(call.scenario, call.file, DRY_RUN_LIMITS, call.memory);
}
