/** What the formulas of a contract may name, and what follows from a feature's formula. */

import { ScenarioError } from "../errors.ts";
import type {
  Contract,
  ContractColumn,
  ContractFormula,
  EventLogColumn,
  Feature,
} from "./contract.ts";
import { DAYS_BEFORE, LARGEST_NUMBER } from "./formula.ts";
import { checkFormula, type FormulaScope, type ScopeEntry } from "./formula-check.ts";
import { type Interval, span } from "./interval.ts";

/**
 * The names of features and of the person filter: anonymized columns, and event logs as they are
 * before the cut-off. No entry reads later events, so no formula can see its label.
 */
export function personScope(columns: readonly ContractColumn[]): FormulaScope {
  return new Map(columns.map((column) => [column.name, scopeEntry(column)]));
}

/** The names of an event filter: that row's own fields, before anything is recoded. */
export function eventScope(fields: readonly string[]): FormulaScope {
  const entry: ScopeEntry = {
    kind: "number",
    low: -LARGEST_NUMBER,
    high: LARGEST_NUMBER,
    integer: false,
  };
  return new Map(fields.map((field) => [field, entry]));
}

/** A feature as the scenario states it, before anything is derived. */
export type FeatureSpec = ContractFormula & Pick<Feature, "name" | "bounds" | "scale">;

/** Type, bounds, width and labels of a feature, from its formula and public bounds alone. */
export function deriveFeature(spec: FeatureSpec, scope: FormulaScope, where: string): Feature {
  const type = checkFormula(spec.postfix, scope, `${where}.formula`);
  const { name, scale } = spec;
  if (type.kind === "oneHot") {
    demand(spec.bounds === null, "bounds", `${where}.bounds`, spec.bounds, "none beside oneHot");
    demand(scale === "linear", "scale", `${where}.scale`, scale, "linear: oneHot is 0 or 1");
    const labels = type.labels.map((label) => `${name}=${label}`);
    return { ...spec, kind: "oneHot", bounds: null, width: labels.length, labels };
  }
  if (type.kind !== "number") {
    const shape = type.kind === "series" || type.kind === "log" ? "one number an event" : "a code";
    throw new ScenarioError({
      what: "expression",
      where: `${where}.formula`,
      got: shape,
      expected: "one number, or oneHot(column)",
      fix: shape === "a code" ? "Write ordinal or oneHot." : "Reduce it: count, sum, mean …",
    });
  }
  const bounds = spec.bounds ?? derivedBounds(type, `${where}.bounds`);
  demand(bounds[0] < bounds[1], "bounds", `${where}.bounds`, bounds, "[a, b] with a < b");
  demand(
    scale === "linear" || bounds[0] > -1,
    "bounds",
    `${where}.bounds`,
    bounds,
    "a lower bound above -1 with scale: log",
  );
  return { ...spec, kind: "number", bounds, width: 1, labels: [name] };
}

/** An amount as it is kept: clipped to public bounds, rounded half away from zero. */
export function keptAmount(amount: number, rule: NonNullable<EventLogColumn["amount"]>): number {
  const [low, high] = rule.clip;
  const clipped = Math.min(Math.max(amount, low), high);
  if (rule.round === null) return clipped;
  // + 0 turns the -0 of a small negative amount into 0.
  return Math.sign(clipped) * Math.floor(Math.abs(clipped) / rule.round + 0.5) * rule.round + 0;
}

/** The filters of a contract give a number, 0 for no. */
export function checkFilters({ table, columns, where }: Contract, file: string): void {
  const check = (formula: ContractFormula, scope: FormulaScope, place: string) => {
    const { kind } = checkFormula(formula.postfix, scope, place);
    if (kind !== "number") demand(false, "expression", place, kind, "a comparison, or a number");
  };
  if (where) check(where, personScope(columns), `${file}, data.source.where`);
  if (table.kind === "events" && table.where)
    check(table.where, eventScope(table.fields), `${file}, data.source.events.${table.log}.where`);
}

function scopeEntry(column: ContractColumn): ScopeEntry {
  switch (column.role) {
    case "directIdentifier":
      return { kind: "forbidden", why: "no direct identifier: it names a person" };
    case "drop":
      return { kind: "forbidden", why: "a column that is kept; this one has role drop" };
    case "target":
      return { kind: "forbidden", why: "no target: a formula must not see the label" };
    case "eventLog":
      return { kind: "log", events: column.maxEvents, fields: fieldIntervals(column) };
    case "quasiIdentifier": {
      const { recoding } = column;
      if (recoding.kind !== "number") return { kind: recoding.kind, labels: recoding.labels };
      return { kind: "number", ...span(recoding.bounds, recoding.integer) };
    }
  }
}

function fieldIntervals({ maxAgeDays, amount }: EventLogColumn): ReadonlyMap<string, Interval> {
  const fields = new Map([[DAYS_BEFORE, span([0, maxAgeDays], true)]]);
  if (amount) {
    const kept = amount.clip.map((bound) => keptAmount(bound, amount));
    const integer = Number.isInteger(amount.round);
    fields.set("amount", span(kept, integer));
  }
  return fields;
}

/** A result's own interval, where the scenario states none; one as wide as a cut-off is no bound. */
function derivedBounds({ low, high }: Interval, where: string): readonly [number, number] {
  const derivable = low < high && Math.max(-low, high) < LARGEST_NUMBER;
  demand(derivable, "bounds", where, "none", "public bounds [a, b]: none follow from the formula");
  return [low, high];
}

function demand(holds: boolean, what: string, where: string, got: unknown, expected: string): void {
  if (!holds) throw new ScenarioError({ what, where, got, expected, fix: "Mend the feature." });
}
