/**
 * An event log as features may see it: events strictly before the cut-off, the newest of them, as
 * whole days before it, amounts clipped and rounded. A few exact points single a person out.
 */
import { canonicalJson } from "../../shared/canonical.ts";
import type { EventLogColumn } from "../../shared/contract/contract.ts";
import { DAY_MS, daysBetween } from "../../shared/contract/days.ts";
import { DAYS_BEFORE, type EventLog } from "../../shared/contract/formula/formula.ts";
import { keptAmount } from "../../shared/contract/formulas.ts";
import type { RawLog } from "../persons/raw-person.ts";

/** Newest first; the fields are daysBefore and, where the contract keeps them, amount and category. */
export function anonymizeLog(log: RawLog, column: EventLogColumn): EventLog {
  const newest = keptEvents(log, column);
  const { cutOffMs, truncateDays, amount, category } = column;
  const daysBefore = each(newest, log.times, (time) => {
    const days = daysBetween(time, cutOffMs);
    return days - (days % truncateDays);
  });
  const fields = new Map([[DAYS_BEFORE, daysBefore]]);
  const { fields: raw } = log;
  if (amount) {
    const kept = (value: number) => keptAmount(value, amount);
    fields.set("amount", each(newest, raw.get("amount"), kept));
  }
  if (category)
    fields.set(
      "category",
      each(newest, raw.get("category"), (value) => value),
    );
  return fields;
}

/** What is kept of those events' values: float64[events]. NaN stands for a value that is not there. */
function each(
  events: readonly number[],
  values: Float64Array | undefined,
  kept: (value: number) => number,
): Float64Array<ArrayBuffer> {
  const all = new Float64Array(events.length);
  for (let i = 0; i < events.length; i++) all[i] = kept(values?.[events[i] ?? 0] ?? Number.NaN);
  return all;
}

/** Events before the cut-off that the rules leave out, old or too many: for the owner's report. */
export function eventsLeftOut({ times }: RawLog, column: EventLogColumn): number {
  const { cutOffMs, maxAgeDays, maxEvents } = column;
  const oldestMs = cutOffMs - maxAgeDays * DAY_MS;
  let [before, young] = [0, 0];
  for (const time of times) {
    before += Number(time < cutOffMs);
    young += Number(time < cutOffMs && time >= oldestMs);
  }
  return before - Math.min(young, maxEvents);
}

/** Indices of the newest maxEvents before the cut-off and no older than maxAgeDays. */
function keptEvents(log: RawLog, column: EventLogColumn): number[] {
  const { cutOffMs, maxAgeDays, maxEvents } = column;
  const oldestMs = cutOffMs - maxAgeDays * DAY_MS;
  const seen: number[] = [];
  for (let event = 0; event < log.times.length; event++) {
    const time = log.times[event] ?? Number.NaN;
    if (time < cutOffMs && time >= oldestMs) seen.push(event);
  }
  return seen.sort((a, b) => newestFirst(log, a, b)).slice(0, maxEvents);
}

/** By time, then by the event's canonical JSON: ties must not depend on the order of a file. */
function newestFirst(log: RawLog, a: number, b: number): number {
  const later = (log.times[b] ?? 0) - (log.times[a] ?? 0);
  if (later !== 0) return later;
  const [textA, textB] = [eventText(log, a), eventText(log, b)];
  return textA === textB ? 0 : textA < textB ? 1 : -1;
}

function eventText({ fields }: RawLog, event: number): string {
  return canonicalJson(
    Object.fromEntries([...fields].map(([name, values]) => [name, values[event] ?? 0])),
  );
}
