/**
 * The library's front door, and the one file that re-exports: docs/library.md shows each function at work.
 * Nothing in here writes to the terminal or ends the process.
 */

export type { CallEvent } from "./run/call-event.ts";
export { readScenario } from "./run/read-scenario.ts";
export type { Guarantee, RunResult } from "./run/run-result.ts";
export { type RunScenarioOptions as RunOptions, runScenario as run } from "./run/run-scenario.ts";
export type { Running } from "./run/running.ts";
export { type SimulateOptions, simulate } from "./run/simulate.ts";
export { BudgetError, ProtocolError, ScenarioError } from "./shared/errors.ts";
export type { Override } from "./shared/scenario/scenario-text.ts";
