/** The report's part on what went amiss: which faults came to what, then who and when. */

import type { AbortedAttempt, FaultEvent, Trace } from "../shared/events/trace.ts";
import { paragraph, table } from "../shared/page/html-page.ts";
import { details } from "./html-parts.ts";

/** Rows of the second table; trace.json has a thousand. */
const MOST_ROWS = 100;

/** Empty where nothing went amiss, or nothing of it may be told. */
export function faultTables({ faults }: Pick<Trace, "faults">): string[] {
  if (faults === undefined) return [];
  const { counts, events, aborted } = faults;
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const shown = events.slice(0, MOST_ROWS);
  return [
    paragraph(
      "A fault is scripted by the scenario, or happened by itself. Lost: the client declined or its host is gone. Late: nothing came by the deadline. Accused: another client says that what this one sealed for it does not open. Nobody else can open it, so both are left out of the attempts that follow; where more accuse than may collude, the accused alone. An update that is counted in spite of a fault is in the sum: its length says no more of it than that it is within bounds.",
    ),
    table(
      ["fault", "the client's update", "how often"],
      counts.map(({ fault, became, count }) => [named(fault), became, String(count)]),
    ),
    details("Who and when", [
      table(
        ["round", "attempt", "client", "fault", "the client's update"],
        shown.map((event) => row(event)),
      ),
      ...(all > shown.length ? [paragraph(`and ${all - shown.length} more.`)] : []),
    ]),
    ...abortedOnes(
      "Aborted, and charged",
      aborted.filter(({ charged }) => charged),
    ),
    ...abortedOnes(
      "Aborted before anything was charged, for no update could have left a client",
      aborted.filter(({ charged }) => !charged),
    ),
  ];
}

function abortedOnes(how: string, attempts: readonly AbortedAttempt[]): string[] {
  if (attempts.length === 0) return [];
  const told = attempts.map(({ round, attempt }) => `round ${round + 1}, attempt ${attempt + 1}`);
  return [paragraph(`${how}: ${told.join("; ")}.`)];
}

function row({ round, attempt, client, fault, became }: FaultEvent): string[] {
  return [String(round + 1), String(attempt + 1), client, named(fault), became];
}

function named(fault: string | null): string {
  return fault ?? "by itself";
}
