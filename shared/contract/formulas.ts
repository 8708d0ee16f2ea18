/** What the formulas of a contract may name, and what follows from a feature's formula. */

import { ScenarioError } from "../errors.ts";
import type { ContractColumn, EventLogColumn, TableContract } from "./contract.ts";
import { daysBetween } from "./days.ts";
import { type FormulaFeature, LARGEST_LEARNED, type NumberFeature } from "./feature.ts";
import { checkFormula } from "./formula/check.ts";
import { DAYS_BEFORE, LARGEST_NUMBER } from "./formula/formula.ts";
import { type Interval, span } from "./formula/interval.ts";
import type { FormulaScope, ScopeEntry } from "./formula/types.ts";
import { type KeptNumber, onGrid, onMultiple, type Recoding } from "./recoding.ts";
import type { ContractFormula } from "./values.ts";

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
export type FeatureSpec = ContractFormula &
  Pick<FormulaFeature, "name" | "bounds" | "scale"> &
  Pick<NumberFeature, "learned">;

/** Type, bounds, width and labels of a feature, from its formula and public bounds alone. */
export function deriveFeature(
  spec: FeatureSpec,
  scope: FormulaScope,
  where: string,
): FormulaFeature {
  const given = checkFormula(spec.postfix, scope, `${where}.formula`);
  // Bands have an order: by themselves they count by it, as ordinal(…) says.
  const type =
    given.kind === "bands"
      ? ({ kind: "number", ...span([0, given.labels.length - 1], true) } as const)
      : given;
  const { learned, ...known } = spec;
  const { name, scale } = known;
  if (type.kind === "oneHot") {
    demand(
      spec.bounds === null && !learned,
      "bounds",
      `${where}.bounds`,
      spec.bounds,
      "none beside oneHot",
    );
    demand(scale === "linear", "scale", `${where}.scale`, scale, "linear: oneHot is 0 or 1");
    const labels = type.labels.map((label) => `${name}=${label}`);
    return {
      ...known,
      kind: "oneHot",
      bounds: null,
      scale: "linear",
      width: labels.length,
      labels,
    };
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
  const bounds = learned
    ? outerBounds(type)
    : (known.bounds ?? derivedBounds(type, `${where}.bounds`));
  demand(bounds[0] < bounds[1], "bounds", `${where}.bounds`, bounds, "[a, b] with a < b");
  const reach = Math.max(-bounds[0], bounds[1]);
  demand(
    reach <= LARGEST_NUMBER,
    "bounds",
    `${where}.bounds`,
    bounds,
    `at most ±${LARGEST_NUMBER}`,
  );
  demand(
    scale === "linear" || bounds[0] > -1,
    "bounds",
    `${where}.bounds`,
    bounds,
    "a lower bound above -1 with scale: log",
  );
  const apart = scale === "linear" || Math.log1p(bounds[0]) < Math.log1p(bounds[1]);
  demand(apart, "bounds", `${where}.bounds`, bounds, "bounds that differ by their logarithms");
  const whole = { ...known, kind: "number", bounds, width: 1, labels: [name] } as const;
  return learned ? { ...whole, learned } : whole;
}

/**
 * An amount as it is kept: clipped to public bounds, then rounded half away from zero, or cut down to
 * a multiple or to the lower end of its band, the first of which begins where the bounds do.
 */
export function keptAmount(amount: number, rule: NonNullable<EventLogColumn["amount"]>): number {
  const { clip, round, floor, bands } = rule;
  const [low, high] = clip;
  const clipped = Math.min(Math.max(amount, low), high);
  if (bands) return bands.findLast((edge) => edge <= clipped) ?? low;
  if (floor !== undefined) return onMultiple(clipped, "floor", floor);
  return round === null ? clipped : onMultiple(clipped, "round", round);
}

/** The filters of a contract give a number, 0 for no. */
export function checkFilters({ table, columns, where }: TableContract, file: string): void {
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
    case "quasiIdentifier":
    case "sensitive":
    case "insensitive":
      return recodedEntry(column.recoding);
  }
}

function recodedEntry(recoding: Recoding): ScopeEntry {
  switch (recoding.kind) {
    case "bands":
    case "categories":
      return { kind: recoding.kind, labels: recoding.labels };
    case "number":
      return { kind: "number", ...keptInterval(recoding) };
    case "date": {
      if (recoding.boundsMs === null)
        return { kind: "forbidden", why: "a date with bounds: [first day, last day]" };
      // Where all days are one, that one is 0.
      if (recoding.level === "*") return { kind: "date", low: 0, high: 0 };
      const days = recoding.boundsMs.map((ms) => daysBetween(ms, recoding.referenceMs));
      // Cutting a date to its level moves it back by less than a year.
      return { kind: "date", ...span([...days, Math.max(...days) + 366], true) };
    }
    case "image":
      return { kind: "forbidden", why: "no image: features.NAME: { image: COLUMN } reads one" };
    default:
      return { kind: "text" };
  }
}

/** Every value that a number may be kept as. */
export function keptInterval({ bounds, clip, grid, integer }: KeptNumber): Interval {
  const ends = clip ?? bounds ?? [-LARGEST_NUMBER, LARGEST_NUMBER];
  // A clip may put a fraction where the cells have none.
  const unclipped = integer && (clip === null || clip.every(Number.isInteger));
  const whole = grid === null ? unclipped : Number.isInteger(grid.width);
  return span(
    ends.map((end) => onGrid(end, grid)),
    whole,
  );
}

function fieldIntervals(column: EventLogColumn): ReadonlyMap<string, Interval> {
  const { maxAgeDays, amount, category } = column;
  const fields = new Map([[DAYS_BEFORE, span([0, maxAgeDays], true)]]);
  if (amount) {
    const kept = amount.clip.map((bound) => keptAmount(bound, amount));
    const { clip, round, floor, bands } = amount;
    const integer = bands
      ? [clip[0], ...bands].every(Number.isInteger)
      : Number.isInteger(floor ?? round);
    fields.set("amount", span(kept, integer));
  }
  if (category) fields.set("category", span([0, category.recoding.labels.length - 1], true));
  return fields;
}

/** A result's own interval, where the scenario states none; one as wide as a cut-off is no bound. */
function derivedBounds({ low, high }: Interval, where: string): readonly [number, number] {
  const derivable = low < high && Math.max(-low, high) < LARGEST_NUMBER;
  demand(derivable, "bounds", where, "none", "public bounds [a, b]: none follow from the formula");
  return [low, high];
}

/** Between which all values lie, or are taken to, where others are to be learned. */
function outerBounds({ low, high }: Interval): readonly [number, number] {
  return [Math.max(low, -LARGEST_LEARNED), Math.min(high, LARGEST_LEARNED)];
}

function demand(holds: boolean, what: string, where: string, got: unknown, expected: string): void {
  if (!holds) throw new ScenarioError({ what, where, got, expected, fix: "Mend the feature." });
}
