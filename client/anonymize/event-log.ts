/**
 * An event log as features may see it: events strictly before the cut-off, the newest of them, as
 * whole days before it, amounts clipped and rounded. A few exact points single a person out.
 */
import { canonicalJson } from "../../shared/canonical.ts";
import type { EventLogColumn } from "../../shared/contract/contract.ts";
import { keptAmount } from "../../shared/contract/contract-formulas.ts";
import { DAY_MS, daysBetween } from "../../shared/contract/days.ts";
import { DAYS_BEFORE, type EventLog } from "../../shared/contract/formula.ts";
import type { RawLog } from "../raw-person.ts";

/** Newest first; the fields are daysBefore and, where the contract keeps them, amount and category. */
export function anonymizeLog(log: RawLog, column: EventLogColumn): EventLog {
  const newest = keptEvents(log, column);
  const { cutOffMs, truncateDays, amount, category } = column;
  const daysBefore = Float64Array.from(newest, (event) => {
    const days = daysBetween(log.times[event] ?? Number.NaN, cutOffMs);
    return days - (days % truncateDays);
  });
  const fields = new Map([[DAYS_BEFORE, daysBefore]]);
  const field = (name: string, kept: (value: number) => number) => {
    const values = log.fields.get(name);
    fields.set(
      name,
      Float64Array.from(newest, (event) => kept(values?.[event] ?? Number.NaN)),
    );
  };
  if (amount) field("amount", (value) => keptAmount(value, amount));
  if (category) field("category", (value) => value);
  return fields;
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
  log.times.forEach((time, event) => {
    if (time < cutOffMs && time >= oldestMs) seen.push(event);
  });
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
