/**
 * What one run has charged, as a value: its events with their counts, and all that composing them with
 * others' takes. A model's provenance holds one for each run that the weights come from; the ledger of
 * a file one for each run on its rows.
 */
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { ScenarioError } from "../errors.ts";
import { eventSchema, hashSchema, rulesKeys, runKeys } from "./event-schema.ts";
import { MOST_ROWS, type PrivacyEvent } from "./mechanisms/event.ts";

/** Kinds of events that one run charges: training, statistics, evaluation. */
const MOST_KINDS = 16;

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
