/**
 * An event log as features may see it: events strictly before the cut-off, the newest of them, as
 * whole days before it, amounts clipped and rounded. A few exact points single a person out.
 */
import { canonicalJson } from "../../shared/canonical.ts";
import type { EventLogColumn } from "../../shared/contract/contract.ts";
import { keptAmount } from "../../shared/contract/contract-formulas.ts";
import { DAYS_BEFORE, type EventLog } from "../../shared/contract/formula.ts";
import { DAY_MS } from "../cells.ts";
import type { RawLog } from "../raw-person.ts";

/** Newest first; the fields are daysBefore and, where the contract keeps it, amount. */
export function anonymizeLog(log: RawLog, column: EventLogColumn): EventLog {
  const newest = keptEvents(log, column);
  const { cutOffMs, amount } = column;
  const daysBefore = newest.map((event) => daysUntil(cutOffMs, log.times[event] ?? NaN));
  const fields = new Map([[DAYS_BEFORE, new Float64Array(daysBefore)]]);
  if (amount) {
    const amounts = log.fields.get("amount");
    const kept = newest.map((event) => keptAmount(amounts?.[event] ?? NaN, amount));
    fields.set("amount", new Float64Array(kept));
  }
  return fields;
}

/** Whole days, so that the last instant before the cut-off is day 0. */
function daysUntil(cutOffMs: number, timeMs: number): number {
  return Math.floor((cutOffMs - timeMs) / DAY_MS);
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
