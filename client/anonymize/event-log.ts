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
  const daysBefore = valuesOf(newest, log.times);
  for (let i = 0; i < daysBefore.length; i++) {
    const days = daysBetween(daysBefore[i] ?? Number.NaN, cutOffMs);
    daysBefore[i] = days - (days % truncateDays);
  }
  const fields = new Map([[DAYS_BEFORE, daysBefore]]);
  if (amount) {
    const amounts = valuesOf(newest, log.fields.get("amount"));
    for (let i = 0; i < amounts.length; i++)
      amounts[i] = keptAmount(amounts[i] ?? Number.NaN, amount);
    fields.set("amount", amounts);
  }
  if (category) fields.set("category", valuesOf(newest, log.fields.get("category")));
  return fields;
}

/** Those events' values: float64[events]. NaN stands for a value that is not there. */
function valuesOf(
  events: readonly number[],
  values: Float64Array | undefined,
): Float64Array<ArrayBuffer> {
  const all = new Float64Array(events.length);
  for (let i = 0; i < events.length; i++) all[i] = values?.[events[i] ?? 0] ?? Number.NaN;
  return all;
}

/** Events before the cut-off that the rules leave out, old or too many: for the owner's report. */
export function eventsLeftOut({ times }: RawLog, column: EventLogColumn): number {
  const { cutOffMs, maxAgeDays, maxEvents } = column;
  const oldestMs = cutOffMs - maxAgeDays * DAY_MS;
  let [before, young] = [0, 0];
  for (let event = 0; event < times.length; event++) {
    const time = times[event] ?? Number.NaN;
    before += Number(time < cutOffMs);
    young += Number(time < cutOffMs && time >= oldestMs);
  }
  return before - Math.min(young, maxEvents);
}

/**
 * The time before which no event is kept: that of the last of the newest maxEvents, which others may share. Only
 * what stands between it and the cut-off is read of an event's fields.
 */
export function firstKeptMs(times: Float64Array, column: EventLogColumn): number {
  const { cutOffMs, maxAgeDays, maxEvents } = column;
  const oldestMs = cutOffMs - maxAgeDays * DAY_MS;
  const young = new Float64Array(times.length);
  let [count, last, ascending] = [0, oldestMs, true];
  for (let event = 0; event < times.length; event++) {
    const time = times[event] ?? Number.NaN;
    if (!(time < cutOffMs && time >= oldestMs)) continue;
    ascending &&= time >= last;
    last = time;
    young[count++] = time;
  }
  if (count <= maxEvents) return oldestMs;
  const ordered = ascending ? young : young.subarray(0, count).sort();
  return ordered[count - maxEvents] ?? oldestMs;
}

/** Indices of the newest maxEvents before the cut-off and no older than maxAgeDays. */
function keptEvents(log: RawLog, column: EventLogColumn): number[] {
  const firstMs = firstKeptMs(log.times, column);
  const kept: number[] = [];
  for (let event = 0; event < log.times.length; event++) {
    const time = log.times[event] ?? Number.NaN;
    if (time < column.cutOffMs && time >= firstMs) kept.push(event);
  }
  return kept.sort((a, b) => newestFirst(log, a, b)).slice(0, column.maxEvents);
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
