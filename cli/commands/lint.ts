/**
 * `murmur lint`: what a scenario costs whom, its noise beside its updates, and what should make its
 * author think twice. Nothing is started and nothing is written; private rows are not read.
 */

import { lintScenario } from "../../run/lint/report.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import type { Override } from "../../shared/scenario/text.ts";
import { lintLines } from "../screen/lint-lines.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface LintOptions extends OutputOptions {
  readonly set: readonly Override[];
}

/** @throws ScenarioError for a scenario that a run would refuse, as far as can be told */
export async function lint(file: string, options: LintOptions): Promise<void> {
  const scenario = await readScenario(file, options);
  const report = await lintScenario(scenario, file);
  if (options.json) console.log(JSON.stringify(report));
  else for (const line of lintLines(report, options.quiet ?? false)) console.log(line);
}
