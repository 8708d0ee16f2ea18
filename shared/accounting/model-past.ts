/**
 * What weights that a run starts from bring along: the charges of all runs on private rows that they come
 * from, and what their authors said of rows that no run charged for.
 */
import { z } from "zod";
import {
  type ChargedHistory,
  type CountedEvent,
  chargedHistorySchema,
  distinctHistories,
} from "./charged-history.ts";
import { spentEpsilon } from "./compose.ts";
import { exactEpsilon } from "./compose-histories.ts";
import {
  type Accountant,
  type Adversary,
  byAdversary,
  type PlannedAdjacency,
  type Unit,
} from "./mechanisms/event.ts";

/** Runs that weights may come from, a sweep's among them: a plan with all of them is one message. */
const MOST_RUNS = 500;
const MOST_WORDS = 64;

/** How an author says that no private row is in weights. */
const TRAINED_ON = /^public data: \S/;
export const trainedOnSchema = z.string().max(300).regex(TRAINED_ON, "public data: and which");

export const modelPastSchema = z.strictObject({
  /** One a run on private rows, each run once. */
  histories: z.array(chargedHistorySchema).max(MOST_RUNS),
  /** What was declared of weights without provenance, this run's or an earlier one's. */
  trainedOn: z.array(trainedOnSchema).max(MOST_WORDS),
  /** True where some weights came without provenance, and nobody said what they were trained on. */
  unknown: z.boolean(),
});
export type ModelPast = Readonly<z.infer<typeof modelPastSchema>>;

/** Weights of which nothing is known. */
export const UNKNOWN_PAST: ModelPast = { histories: [], trainedOn: [], unknown: true };

/**
 * The same with more runs, each counted once.
 *
 * @throws ScenarioError `provenance.runId` where two histories of one run differ
 */
export function joinedPasts(
  pasts: readonly ModelPast[],
  more: readonly ChargedHistory[] = [],
): ModelPast {
  return {
    histories: distinctHistories([...pasts.flatMap(({ histories }) => histories), ...more]),
    trainedOn: [...new Set(pasts.flatMap(({ trainedOn }) => trainedOn))],
    unknown: pasts.some(({ unknown }) => unknown),
  };
}

/** By what rules a run's charges are counted, as its plan and its ledger's open line say them. */
export interface SpendingRules {
  readonly unit: Unit;
  readonly adjacency: PlannedAdjacency;
  readonly accountant: Accountant;
  /** What is left of delta for the accountant: what all noise tables lack, the past's too, is off. */
  readonly chargedDelta: number;
  /** Absent: a record is a row. */
  readonly rowsPerPerson?: number | undefined;
  /** Absent: the run starts from no weights that cost anything. */
  readonly past?: ModelPast | undefined;
}

/** Beyond it nothing is promised: a share of delta that grows as e^epsilon was set aside up to here. */
export const LARGEST_EPSILON = 40;

/**
 * Epsilon against `adversary` of a run's own events and of its past, together; Infinity: no bound.
 *
 * @throws BudgetError where there is no past, and no theorem of the accountant covers an event
 */
export function spentWithPast(
  { unit, adjacency, accountant, chargedDelta, rowsPerPerson, past }: SpendingRules,
  events: readonly CountedEvent[],
  adversary: Adversary,
): number {
  if (past === undefined) return spentEpsilon(accountant, events, chargedDelta);
  if (past.unknown) return Infinity;
  const own = {
    unit,
    accountant,
    rowFactor: 1,
    rowsPerPerson,
    distance: 0,
    events: byAdversary(() => [...events]),
  };
  const perPerson = rowsPerPerson !== undefined;
  const rules = { unit, adjacency, perPerson, accountant, delta: chargedDelta };
  const epsilon = exactEpsilon([...past.histories, own], adversary, rules);
  return epsilon < LARGEST_EPSILON ? epsilon : Infinity;
}

/** Total variation between all noise of the past and what it was accounted for. */
export function pastDistance(past: ModelPast | undefined): number {
  return (past?.histories ?? []).reduce((sum, { distance }) => sum + distance, 0);
}

/** The same past, of units that were drawn in every round: no sampling hides them. */
export function unsampledPast(past: ModelPast | undefined): ModelPast | undefined {
  if (past === undefined) return undefined;
  const histories = past.histories.map((history) => ({
    ...history,
    events: byAdversary((adversary) =>
      history.events[adversary].map(({ event, count }) => ({ event: unsampled(event), count })),
    ),
  }));
  return { ...past, histories };
}

/** The event of a unit that was drawn for sure. */
export function unsampled(event: CountedEvent["event"]): CountedEvent["event"] {
  return event.mechanism === "gaussian" ? { ...event, sampling: { kind: "full" } } : event;
}
