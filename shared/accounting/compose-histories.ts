/**
 * Epsilon of several runs on the same rows, together: adaptive composition of all that they charged, each
 * run chosen in view of those before, against one adversary role at a time (the coordinators of all runs
 * count as one). Each event is priced anew under the unit and the adjacency that are asked about.
 */
import { BudgetError } from "../errors.ts";
import type { Charges, CountedEvent } from "./charged-history.ts";
import { deltaAfterTable, spentEpsilon } from "./compose.ts";
import {
  type Accountant,
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PlannedAdjacency,
  type Unit,
} from "./mechanisms/event.ts";

/** Whose data the composed epsilon protects, and by what rules. */
export interface CompositionRules {
  readonly unit: Unit;
  readonly adjacency: PlannedAdjacency;
  /** True where a record is a person, who may have several rows; absent: it is one row. */
  readonly perPerson?: boolean | undefined;
  /** Of the composed claim: below 1 / the largest population. */
  readonly delta: number;
  /** Where all events have it, else rdp; absent: the one that all histories share, else rdp. */
  readonly accountant?: Accountant | undefined;
}

/**
 * Epsilon at `rules.delta` of all histories together, rounded up; null: no bound.
 *
 * - Anything released as it is bounds nothing against who saw it.
 * - A history of unit client prices a record as a client replaced by another; one of unit record bounds
 *   nothing of a client. Nor does one that counts rows bound anything of a person.
 * - A row of the raw table that takes `rowFactor` rows along counts as so many, run by run.
 * - Poisson sampling under replaceOne has no theorem of its own. Two bounds hold, the smaller counts: the
 *   same without its amplification (a mixture over equal coins is no further apart than its worst
 *   component: joint convexity), and group privacy of two steps of zeroOut, out and in.
 * - What the noise tables lack of the noise accounted for, over all runs, comes off delta at the composed
 *   epsilon (see `deltaAfterTable`).
 *
 * @throws RangeError for a delta outside (0, 1)
 */
export function composeHistories(
  histories: readonly Charges[],
  rules: CompositionRules,
): ByAdversary<number | null> {
  return byAdversary((adversary) => composedEpsilon(histories, adversary, rules));
}

/** The same against one adversary. */
export function composedEpsilon(
  histories: readonly Charges[],
  adversary: Adversary,
  rules: CompositionRules,
): number | null {
  const parts = histories.filter(({ events }) => events[adversary].length > 0);
  const distance = parts.reduce((sum, part) => sum + part.distance, 0);
  const bound = (delta: number) => exactEpsilon(parts, adversary, { ...rules, delta });
  const epsilon =
    distance === 0
      ? bound(rules.delta)
      : settled(bound, (most) => deltaAfterTable(rules.delta, distance, most), TABLE_SLACK);
  return Number.isFinite(epsilon) ? epsilon : null;
}

function isUnbounded(
  part: Charges,
  adversary: Adversary,
  rules: Pick<CompositionRules, "unit" | "perPerson">,
) {
  const { events, rowFactor, unit } = part;
  if (rowFactor === null || (unit === "record" && rules.unit === "client")) return true;
  if (countsRowsAlone(part) && rules.perPerson) return true;
  return events[adversary].some(({ event }) => event.mechanism === "none");
}

/** Whether a person may have any number of the rows that it counts. */
export function countsRowsAlone({ unit, rowsPerPerson }: Charges): boolean {
  return unit === "record" && rowsPerPerson === undefined;
}

/** The same of exactly the noise accounted for, at all of `rules.delta`; Infinity: no bound. */
export function exactEpsilon(
  histories: readonly Charges[],
  adversary: Adversary,
  rules: CompositionRules,
): number {
  const parts = histories.filter(({ events }) => events[adversary].length > 0);
  if (parts.some((part) => isUnbounded(part, adversary, rules))) return Infinity;
  const priced = parts.map((part) => pricedAnew(part, adversary, rules));
  const together = composed(parts, priced, rules);
  const needsPairs = parts.some((part) => losesSampling(part, adversary, rules));
  return needsPairs ? Math.min(together, inPairs(parts, adversary, rules)) : together;
}

/** By one accountant; or, where they differ, epsilons added at equal parts of delta, if that is less. */
function composed(
  parts: readonly Charges[],
  events: readonly (readonly CountedEvent[])[],
  rules: CompositionRules,
): number {
  const accountants = new Set(parts.map(({ accountant }) => accountant));
  const [only] = accountants;
  const own = rules.accountant ?? (accountants.size === 1 ? only : undefined) ?? "rdp";
  const all = spentBy(own, events.flat(), rules.delta);
  if (all !== undefined) return all;
  const byCurve = spentBy("rdp", events.flat(), rules.delta) ?? Infinity;
  const share = rules.delta / parts.length;
  const added = parts.map(({ accountant }, i) => spentBy(accountant, events[i] ?? [], share));
  const sum = added.reduce<number>((total, epsilon) => total + (epsilon ?? Infinity), 0);
  return Math.min(byCurve, sum * (1 + parts.length * Number.EPSILON));
}

/** undefined where no theorem of that accountant covers one of the events. */
function spentBy(
  accountant: Accountant,
  events: readonly CountedEvent[],
  delta: number,
): number | undefined {
  try {
    return spentEpsilon(accountant, events, delta);
  } catch (error) {
    if (error instanceof BudgetError) return undefined;
    throw error;
  }
}

/** What is asked about a history's events: one of unit client sees a record as a client replaced. */
function adjacencyOf({ unit }: Charges, rules: CompositionRules): PlannedAdjacency {
  return unit === "client" && rules.unit === "record" ? "replaceOne" : rules.adjacency;
}

function losesSampling(part: Charges, adversary: Adversary, rules: CompositionRules): boolean {
  if (adjacencyOf(part, rules) !== "replaceOne") return false;
  return part.events[adversary].some(
    ({ event }) => event.mechanism === "gaussian" && event.sampling.kind === "poisson",
  );
}

function pricedAnew(
  part: Charges,
  adversary: Adversary,
  rules: CompositionRules,
  adjacency = adjacencyOf(part, rules),
): CountedEvent[] {
  return part.events[adversary].map(({ event, count }) => {
    if (event.mechanism === "none") return { event, count };
    const moved = ofRows({ ...event, adjacency }, part.rowFactor ?? 1);
    const isSampled = moved.mechanism === "gaussian" && moved.sampling.kind === "poisson";
    const bare = isSampled && adjacency === "replaceOne";
    return { event: bare ? { ...moved, sampling: { kind: "full" } } : moved, count };
  });
}

type Noised = Exclude<CountedEvent["event"], { readonly mechanism: "none" }>;

/** The same where one unit moves so many times the rows, priced by the accountant (`charge.ts`). */
function ofRows(event: Noised, factor: number): Noised {
  const rows = (event.rows ?? 1) * factor;
  return rows === 1 ? event : { ...event, rows };
}

/**
 * Group privacy (Dwork & Roth 2014, section 2.3) of two steps, over everything: out and in. At
 * (epsilon, delta') of one step it is (2 epsilon, delta' (1 + e^epsilon)).
 */
function inPairs(parts: readonly Charges[], adversary: Adversary, rules: CompositionRules): number {
  const events = parts.map((part) => pricedAnew(part, adversary, rules, "zeroOut"));
  const bound = (delta: number) => composed(parts, events, { ...rules, delta });
  const ofOne = (most: number) => (rules.delta / (1 + Math.exp(most))) * (1 - 8 * Number.EPSILON);
  return 2 * settled(bound, ofOne, PAIR_SLACK);
}

/** How far above the first guess the epsilon may be for which delta is set aside. */
const TABLE_SLACK = 1e-6;
const PAIR_SLACK = 1e-3;
const MOST_GUESSES = 40;

/**
 * Epsilon where the delta that is left depends on it: the bound at what is left if it is at most `most`,
 * for the first `most` found that holds it. Infinity where nothing is left.
 */
function settled(
  bound: (delta: number) => number,
  leftAt: (most: number) => number,
  slack: number,
): number {
  try {
    let most = 0;
    for (let i = 0; i < MOST_GUESSES; i++) {
      const left = leftAt(most);
      if (!(left > 0)) return Infinity;
      const epsilon = bound(left);
      if (epsilon <= most) return epsilon;
      most = epsilon * (1 + slack);
    }
    return Infinity;
  } catch (error) {
    if (error instanceof BudgetError) return Infinity;
    throw error;
  }
}
