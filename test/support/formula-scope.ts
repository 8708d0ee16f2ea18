/** Names that a formula may use, someone who has them, and steps by hand. */

import type { FormulaPerson } from "../../shared/contract/formula/formula.ts";
import type { FormulaScope, ScopeEntry } from "../../shared/contract/formula/types.ts";

/** In the scope's bounds; `empty` is a log without an event. */
export const PERSON: FormulaPerson = {
  values: new Map([
    ["age", 2],
    ["income", 40],
    ["city", 1],
    ["joined", 400],
  ]),
  logs: new Map([
    ["log", eventLog([1, 8, 9, 70], [10, 20, 25, 5])],
    ["empty", eventLog([], [])],
  ]),
};

const LOG: ScopeEntry = {
  kind: "log",
  events: 50,
  fields: new Map([
    ["daysBefore", { low: 0, high: 360, integer: true }],
    ["amount", { low: -5, high: 500, integer: false }],
  ]),
};

export const SCOPE: FormulaScope = new Map<string, ScopeEntry>([
  ["age", { kind: "bands", labels: ["young", "middle", "old"] }],
  ["city", { kind: "categories", labels: ["north", "other", "missing"] }],
  ["income", { kind: "number", low: -10, high: 1000, integer: false }],
  ["log", LOG],
  ["empty", LOG],
  ["joined", { kind: "date", low: -30, high: 4000 }],
  ["remarks", { kind: "text" }],
  ["email", { kind: "forbidden", why: "no direct identifier: it names a person" }],
]);

export function eventLog(daysBefore: number[], amount: number[]) {
  return new Map([
    ["daysBefore", Float64Array.from(daysBefore)],
    ["amount", Float64Array.from(amount)],
  ]);
}

export const days = ["field", "log", "daysBefore"] as const;
export const amount = ["field", "log", "amount"] as const;
export const none = ["field", "empty", "daysBefore"] as const;
export const number = (value: number) => ["number", value] as const;
export const call = (name: string, count: number) => ["call", name, count] as const;
