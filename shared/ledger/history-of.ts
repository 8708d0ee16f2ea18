/** A run's plan and its ledger's lines → what it has charged, as a value (charged-history.ts). */

import { type ChargedHistory, tallied } from "../accounting/charged-history.ts";
import { byAdversary, TASKS, type Task } from "../accounting/mechanisms/event.ts";
import { releaseDistance } from "../privacy/events.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import { taskTerms } from "../privacy/tasks.ts";
import type { LedgerLine } from "./ledger-line.ts";

/** Above the float error of a few products and sums. */
const ROUND_UP = 1 + 16 * Number.EPSILON;

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
  const terms = taskTerms(plan, task);
  // Under `distributed` an attempt's distance is of all noises that are counted on.
  return (terms.trust === "local" ? plan.clients : 1) * releaseDistance(terms);
}
