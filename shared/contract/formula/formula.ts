/**
 * A feature's formula as checked postfix: a flat list in plain JSON that travels under the plan hash,
 * and what it is run on. `checkFormula` (check.ts) says whether a list is one, `compileFormula`
 * (compile.ts) runs it. Names are looked up in Maps alone, so that no text of a scenario
 * reaches a prototype.
 */
import { LARGEST_QUOTIENT } from "./functions.ts";

/** One step of the stack machine. */
export type Instruction =
  | readonly ["number", number]
  /** A column's recoded value, or a whole event log. */
  | readonly ["name", string]
  /** One field of an event log, one number an event. */
  | readonly ["field", string, string]
  /** Takes that many values off the stack and leaves one. */
  | readonly ["call", string, number];

export type Postfix = readonly Instruction[];

/** Field → float64[events]; all fields of a log have one length, and daysBefore is always there. */
export type EventLog = ReadonlyMap<string, Float64Array>;

/** The one anonymized person that a formula sees. */
export interface FormulaPerson {
  /** Column → its number, the index of its band or category, or a date's days before. */
  readonly values: ReadonlyMap<string, number>;
  readonly logs: ReadonlyMap<string, EventLog>;
}

/** The field that every event log has: whole days before the cut-off. */
export const DAYS_BEFORE = "daysBefore";

/** Magnitude which no cell may exceed, as no quotient of `div` does. */
export const LARGEST_NUMBER = LARGEST_QUOTIENT;

/** Steps of one formula. */
export const MAX_INSTRUCTIONS = 400;
