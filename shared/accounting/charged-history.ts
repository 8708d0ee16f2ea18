/**
 * What one run has charged, as a value: its events with their counts, and all that composing them with
 * others' takes. A model's provenance holds one for each run that the weights come from; the ledger of
 * a file one for each run on its rows.
 */
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { ScenarioError } from "../errors.ts";
import { countTerms } from "../privacy-counts.ts";
import { releaseDistance } from "../privacy-events.ts";
import type { PrivacyPlan } from "../privacy-plan.ts";
import { byAdversary, MOST_ROWS, type PrivacyEvent, TASKS, type Task } from "./event.ts";
import { eventSchema, hashSchema, rulesKeys, runKeys } from "./event-schema.ts";
import type { LedgerLine } from "./ledger-line.ts";

/** Kinds of events that one run charges: training, statistics, evaluation. */
const MOST_KINDS = 16;
/** Above the float error of a few products and sums. */
const ROUND_UP = 1 + 16 * Number.EPSILON;

const tally = z
  .array(z.strictObject({ event: eventSchema, count: z.number().int().min(1) }))
  .max(MOST_KINDS);

/** Strict: it is read from files and plans that somebody else wrote. */
export const chargedHistorySchema = z.strictObject({
  ...runKeys,
  /** Of the ledger's last line when this was written. */
  ledgerHash: hashSchema,
  ...rulesKeys,
  /** Units there were, by declaration. */
  population: z.number().int().min(1),
  /**
   * How many times the rows that an event says does one unit of the raw table move, by suppression; null:
   * no bound.
   */
  rowFactor: z.number().int().min(1).nullable(),
  /** Of unit record: rows that a person has at most at one client. Absent: nothing bounds them. */
  rowsPerPerson: z.number().int().min(1).max(MOST_ROWS).optional(),
  /**
   * Total variation between all noise that was drawn and the noise accounted for, chances that masks
   * open included.
   */
  distance: z.number().min(0),
  /** As charged, aborted attempts included. */
  events: z.strictObject({ modelRecipients: tally, otherClients: tally, coordinator: tally }),
});
export type ChargedHistory = Readonly<z.infer<typeof chargedHistorySchema>>;

/** What composing takes of a history: also what a run that has not begun will charge. */
export type Charges = Pick<
  ChargedHistory,
  "unit" | "accountant" | "rowFactor" | "rowsPerPerson" | "distance" | "events"
>;

/** An event and how often it was charged. */
export interface CountedEvent {
  readonly event: PrivacyEvent;
  readonly count: number;
}

/**
 * The history of a run, from its plan and its ledger's lines: every charge counts, whatever came of its
 * attempt. Of the run alone: what its own model file brought along is in its plan.
 *
 * @param lines of a ledger that was held against the plan; its last line may be any
 */
export function historyOf(plan: PrivacyPlan, lines: readonly LedgerLine[]): ChargedHistory {
  const opening = lines[0]?.entry;
  if (opening?.kind !== "open") throw new Error("a ledger begins with its open line");
  const { runId, planHash, unit, adjacency, accountant, delta, chargedDelta } = opening;
  const charges = lines.flatMap(({ entry }) => (entry.kind === "charge" ? [entry] : []));
  return {
    ...{ runId, planHash, ledgerHash: lines.at(-1)?.hash ?? "" },
    ...{ unit, adjacency, accountant, delta, chargedDelta },
    population: plan.population,
    rowFactor: plan.rawFactor,
    ...(plan.rowsPerPerson !== undefined && { rowsPerPerson: plan.rowsPerPerson }),
    distance: TASKS.map((task) => {
      const count = charges.filter((charge) => (charge.task ?? "train") === task).length;
      return count === 0 ? 0 : count * attemptDistance(plan, task) * ROUND_UP;
    }).reduce((sum, distance) => sum + distance),
    events: byAdversary((adversary) => tallied(charges.map(({ events }) => events[adversary]))),
  };
}

/** Total variation distance of all noise that one attempt at `task` draws, over all who draw it. */
export function attemptDistance(plan: PrivacyPlan, task: Task): number {
  if (plan.trust === "none") return 0;
  // Each client noises its own counts, whatever the trust.
  if (task !== "train") return plan.clients * releaseDistance(countTerms(plan, task));
  // Under `distributed` an attempt's distance is of all noises that are counted on.
  return (plan.trust === "local" ? plan.clients : 1) * releaseDistance(plan);
}

/**
 * Histories as a set by run id: a run that is reached by two ways has charged once.
 *
 * @throws ScenarioError `provenance.runId` where two of one run differ
 */
export function distinctHistories(histories: readonly ChargedHistory[]): ChargedHistory[] {
  const known = new Map<string, ChargedHistory>();
  for (const history of histories) {
    const before = known.get(history.runId);
    if (before && canonicalJson(before) !== canonicalJson(history)) throw twoOfOne(history.runId);
    known.set(history.runId, history);
  }
  return [...known.values()];
}

/**
 * Delta of what all of them have cost together: `own` where that is below 1 / the largest population of any,
 * else the smallest of all, which is.
 */
export function deltaFor(
  own: number,
  histories: readonly Pick<ChargedHistory, "population" | "delta">[],
): number {
  const isSmall = histories.every(({ population }) => own * population < 1);
  return isSmall ? own : Math.min(own, ...histories.map(({ delta }) => delta));
}

function twoOfOne(runId: string): ScenarioError {
  return new ScenarioError({
    what: "provenance.runId",
    where: "the charges of the runs before",
    got: `two different histories of run ${runId}`,
    expected: "one run, one history",
    fix: "Export the models anew from the finished runs.",
  });
}

/** Equal events counted together. */
export function tallied(events: readonly PrivacyEvent[]): CountedEvent[] {
  const counts = new Map<string, CountedEvent>();
  for (const event of events) {
    const key = canonicalJson(event);
    counts.set(key, { event, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
