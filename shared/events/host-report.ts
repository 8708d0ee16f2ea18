/**
 * What a forked host tells its parent over IPC. Only public things: finished examples of the
 * held-out rows, the person to predict, and refusals. Rows of clients never take this way.
 */
import type { Examples } from "../engine/core/engine.ts";
import { BudgetError, type Problem, ProtocolError, ScenarioError } from "../errors.ts";
import type { ClientLabels, StageTrace } from "./trace.ts";

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

/** What a client's host does with rows before training. Risk: how easily people are found, for their owner. */
export const CLIENT_STAGES = ["collect", "anonymize", "engineer", "risk"] as const;
export type ClientStage = (typeof CLIENT_STAGES)[number];

/** Less is there where what an earlier run prepared was kept. */
export type ClientSeconds = ReadonlyMap<ClientStage, number>;

export interface PreparedReport {
  readonly kind: "prepared";
  readonly heldOut: Examples;
  readonly person: PreparedPerson;
  /** The client-side stages. */
  readonly stages: readonly StageTrace[];
  /** How long they took; null for private rows: it says how many there are. */
  readonly seconds: ClientSeconds | null;
}

/** What a simulation's host is asked once training is over, over IPC. */
export interface EvaluateRequest {
  readonly kind: "evaluate";
  /** float32[parameters] */
  readonly parameters: Float32Array;
}

/** One client's own rows, by what a model made of them; noised counts may be below 0. */
export interface ClientCounts {
  readonly client: string;
  readonly right: number;
  readonly wrong: number;
}

/** Of each of its clients, counted outright: generated and public rows only. */
interface EvaluatedReport {
  readonly kind: "evaluated";
  readonly clients: readonly ClientCounts[];
}

/** Clients with little to learn from, by name. */
export interface ClientSummaries {
  /** Without rows: each sends zeros like any other. */
  readonly empty: readonly string[];
  readonly oneClass: readonly string[];
  /** What each of them holds. */
  readonly labels: readonly ClientLabels[];
}

/** A host says it once, before its clients take part. */
interface ClientsReport extends ClientSummaries {
  readonly kind: "clients";
}

/** A client's training diverged in a round: zeros are in the place of its update. */
interface DivergedReport {
  readonly kind: "diverged";
  readonly client: string;
  readonly round: number;
}

/** What tells of clients is of generated and public rows only; a refusal names no cell. */
export type HostReport =
  | PreparedReport
  | EvaluatedReport
  | ClientsReport
  | DivergedReport
  /** Its run is over, and it stays for another. */
  | { readonly kind: "idle" }
  /** Of a host in this process: what would have ended one of its own. */
  | { readonly kind: "bug"; readonly error: unknown }
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
