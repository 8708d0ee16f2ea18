/** What went amiss in a run, a line for each kind: for the screen; the report's page has who and when. */
import type { AbortedAttempt, FaultsTrace } from "../../shared/events/trace.ts";

const MOST_LINES = 12;

export function faultLines(faults: FaultsTrace | undefined): string[] {
  if (faults === undefined) return [];
  const kinds = [...new Set(faults.counts.map(({ fault }) => fault))];
  const lines = kinds.map((kind) => {
    const of = faults.counts.filter(({ fault }) => fault === kind);
    const all = of.reduce((sum, { count }) => sum + count, 0);
    const became = of.map(({ became, count }) => `${count} ${became}`).join(", ");
    return `    ${(kind ?? "unscripted").padEnd(12)}${String(all).padStart(5)}: ${became}`;
  });
  return [
    "Faults, and what became of those clients' updates",
    ...lines.slice(0, MOST_LINES),
    ...abortedLines(
      "aborted and charged",
      faults.aborted.filter(({ charged }) => charged),
    ),
    ...abortedLines(
      "aborted before anything was charged",
      faults.aborted.filter(({ charged }) => !charged),
    ),
  ];
}

function abortedLines(how: string, { length }: readonly AbortedAttempt[]): string[] {
  return length > 0 ? [`    ${how}: ${length} ${length === 1 ? "attempt" : "attempts"}`] : [];
}
