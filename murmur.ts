/**
 * The library's front door: docs/library.md shows each function at work. Nothing in here writes to the terminal
 * or ends the process.
 */

export type {
  OutsideAlgorithm,
  OutsideRandom,
  OutsideRound,
  OutsideUpdate,
} from "./client/algorithms/outside-algorithm.ts";
export type { CallEvent } from "./run/call-event.ts";
export { type ExportedModel, exportModel } from "./run/export-model.ts";
export { lint } from "./run/lint/lint.ts";
export type { LintReport } from "./run/lint/report.ts";
export {
  type PlannedScenario,
  planScenario,
  readScenario,
  type ScenarioOptions,
} from "./run/plan-scenario.ts";
export { predict } from "./run/predict.ts";
export type { RunResult, StatedGuarantee as Guarantee } from "./run/run-result.ts";
export { type RunScenarioOptions as RunOptions, runScenario as run } from "./run/run-scenario.ts";
export type { Running } from "./run/running.ts";
export { type SimulateOptions, simulate } from "./run/simulate.ts";
export type { SweepEvent, SweepOutcome } from "./run/sweep/run-sweep.ts";
export { type SweepOptions, sweep } from "./run/sweep/sweep.ts";
export { type Anonymized, type AnonymizeOptions, anonymize, scan } from "./run/table-call.ts";
export { type Verification, verify } from "./run/verify.ts";
export { BudgetError, ProtocolError, ScenarioError } from "./shared/errors.ts";
