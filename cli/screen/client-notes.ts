/** What a simulation tells of single clients, a line each: who has little to learn from, who diverged. */
import type { ClientSummaries } from "../../shared/events/host-report.ts";

/** Of a thousand clients a line names the first few. */
const MOST_NAMES = 5;

/** Clients without rows, and of one class. */
export function ofNoteLines({
  empty,
  oneClass,
}: Pick<ClientSummaries, "empty" | "oneClass">): string[] {
  return [
    ...(empty.length > 0
      ? [`Clients without rows, each sends zeros like any other: ${namesOf(empty)}`]
      : []),
    ...(oneClass.length > 0 ? [`Clients with rows of one class only: ${namesOf(oneClass)}`] : []),
  ];
}

/** @param diverged rounds from 0, by client */
export function divergedLines(diverged: ReadonlyMap<string, readonly number[]>): string[] {
  return [...diverged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(([client, rounds]) => {
      const named = rounds.map((round) => round + 1);
      return `    ${client}: its update was not finite in ${rounds.length > 1 ? "rounds" : "round"} ${namesOf(named)}; zeros went in its place`;
    })
    .concat(
      diverged.size > MOST_NAMES
        ? [`    and so of ${diverged.size - MOST_NAMES} more clients`]
        : [],
    );
}

function namesOf(names: readonly (string | number)[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
