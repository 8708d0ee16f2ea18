/** Types of what formulas compute, and of what their names stand for. */
import type { Interval } from "./interval.ts";

export type FormulaType =
  | ({ readonly kind: "number" } & Interval)
  /** One number for each of at most `events` events of `log`. */
  | ({ readonly kind: "series"; readonly log: string; readonly events: number } & Interval)
  | { readonly kind: "log"; readonly log: string; readonly events: number }
  /** Indices into `labels`, which have an order. */
  | { readonly kind: "bands"; readonly labels: readonly string[] }
  | { readonly kind: "categories"; readonly labels: readonly string[] }
  | { readonly kind: "oneHot"; readonly labels: readonly string[] };

/** What a name of a formula stands for. */
export type ScopeEntry =
  | Exclude<FormulaType, { kind: "series" | "log" | "oneHot" }>
  | {
      readonly kind: "log";
      readonly events: number;
      readonly fields: ReadonlyMap<string, Interval>;
    }
  /** A date as whole days before the contract's reference date, in [low, high]. */
  | { readonly kind: "date"; readonly low: number; readonly high: number }
  /** Text that is kept as it is; no formula can use it. */
  | { readonly kind: "text" }
  | { readonly kind: "forbidden"; readonly why: string };

export type FormulaScope = ReadonlyMap<string, ScopeEntry>;

/** A value of the stack; a date is one only until `daysBefore` has made a number of it. */
export type StackType =
  | FormulaType
  | { readonly kind: "date"; readonly column: string; readonly days: Interval };
