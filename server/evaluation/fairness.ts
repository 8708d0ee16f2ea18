/**
 * Whether a model serves some clients worse than others: accuracy by client, and its worst and best
 * tenths (as Li, Sanjabi, Beirami & Smith 2020, arXiv:1905.10497, section 4, report them).
 */
import type { ClientCounts } from "../../shared/events/host-report.ts";
import type { FairnessTrace } from "../../shared/events/trace.ts";

/** null where no client has rows, or so much noise that none seems to. */
export function fairness(
  counts: readonly ClientCounts[],
  source: FairnessTrace["source"],
): FairnessTrace | null {
  const inOrder = counts.toSorted((a, b) => (a.client < b.client ? -1 : 1));
  const clients = inOrder.map(({ client, right, wrong }) => ({
    client,
    // Noise may take a share out of [0, 1]; where it leaves no rows there is none.
    accuracy: right + wrong > 0 ? Math.min(1, Math.max(0, right / (right + wrong))) : null,
  }));
  const known = clients.flatMap(({ accuracy }) => accuracy ?? []).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const tenth = Math.ceil(known.length / 10);
  return {
    clients,
    mean: mean(known),
    worstDecile: mean(known.slice(0, tenth)),
    bestDecile: mean(known.slice(-tenth)),
    source,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
