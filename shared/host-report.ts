/**
 * What a forked host tells its parent over IPC. Only public things: finished examples of the
 * held-out rows, the person to predict, and refusals. Rows of clients never take this way.
 */
import type { Examples } from "./engine/engine.ts";
import { BudgetError, type Problem, ProtocolError, ScenarioError } from "./errors.ts";
import type { StageTrace } from "./trace.ts";

/** A person as the forward pass gets it: through the client's own stages. */
export interface PreparedPerson {
  /** Columns of the anonymized row; no direct identifier is among them. */
  readonly columns: readonly string[];
  /** Each feature after clipping to its public bounds, before scaling. */
  readonly features: readonly { readonly name: string; readonly value: number | string }[];
  /** What the model sees: float32[inputs]. */
  readonly inputs: Float32Array;
  readonly inputNames: readonly string[];
}

export interface PreparedReport {
  readonly kind: "prepared";
  readonly heldOut: Examples;
  readonly person: PreparedPerson;
  /** The client-side stages. */
  readonly stages: readonly StageTrace[];
}

export type HostReport =
  | PreparedReport
  | { readonly kind: "refused"; readonly error: string; readonly problem: Problem };

/** A refusal as it travels; what was got is already fit to be shown. */
export function refusedReport(error: ScenarioError | ProtocolError | BudgetError): HostReport {
  const { problem } = error;
  return { kind: "refused", error: error.name, problem: { ...problem, got: String(problem.got) } };
}

/** The refusal that a host reported, to be thrown by its parent. */
export function reportedError(error: string, problem: Problem): Error {
  if (error === "ScenarioError") return new ScenarioError(problem);
  if (error === "BudgetError") return new BudgetError(problem);
  return new ProtocolError(problem);
}
