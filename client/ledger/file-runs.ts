/**
 * What the ledger of a file says of whole runs: by what rules each one's events are composed, the events
 * themselves, and what all of them together cost a row of the file. Every charge is of all its rows, drawn
 * or not: no line tells who was in a round.
 */
import { type ChargedHistory, deltaFor, tallied } from "../../shared/accounting/charged-history.ts";
import { composeHistories } from "../../shared/accounting/compose-histories.ts";
import {
  ADVERSARIES,
  type ByAdversary,
  byAdversary,
  type CountTask,
  TASKS,
  type Task,
} from "../../shared/accounting/mechanisms/event.ts";
import { canonicalJson } from "../../shared/canonical.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import { attemptDistance } from "../../shared/ledger/history-of.ts";
import type { AttemptEvents } from "../../shared/ledger/ledger.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { type ClientEntry, costIn, epsilonOf, NOTHING, sumOf } from "./client-ledger-line.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { RunEntry } from "./run-entry.ts";

/** @param runId 32 hex digits */
export function runEntry({ plan, hash }: SealedPlan, runId: string): RunEntry {
  const { privacy } = plan;
  const { unit, adjacency, accountant, delta, chargedDelta, population, rawFactor } = privacy;
  const counts = privacy.counts;
  const of = (task: Task) => attemptDistance(privacy, task);
  const ofCounts = (task: CountTask) => (counts[task] ? of(task) : 0);
  return {
    ...{ kind: "run", runId, planHash: hash },
    ...{ unit, adjacency, accountant, delta, chargedDelta, population, rawFactor },
    ...(privacy.rowsPerPerson === undefined ? {} : { rowsPerPerson: privacy.rowsPerPerson }),
    distances: {
      train: of("train"),
      ...(privacy.bounds && { bounds: of("bounds") }),
      statistics: ofCounts("statistics"),
      evaluation: ofCounts("evaluation"),
    },
    ...(privacy.past === undefined ? {} : { past: privacy.past }),
  };
}

/** A run on the file with all that it has charged so far. */
export interface FileRun {
  readonly run: RunEntry;
  readonly history: ChargedHistory;
}

/** Runs that have charged anything, in the order in which they began. */
export function fileRuns(entries: readonly ClientEntry[]): FileRun[] {
  const charged = new Map<string, ChargedAttempt[]>();
  for (const entry of entries) {
    if (entry.kind !== "participation" || !entry.events) continue;
    const { runId, task = "train", events } = entry;
    const own = charged.get(runId) ?? [];
    own.push({ task, events });
    charged.set(runId, own);
  }
  const runs = entries.flatMap((entry) => (entry.kind === "run" ? [entry] : []));
  return runs.flatMap((run) => {
    const own = charged.get(run.runId);
    return own ? [{ run, history: historyOf(run, own) }] : [];
  });
}

interface ChargedAttempt {
  readonly task: Task;
  readonly events: AttemptEvents;
}

function historyOf(run: RunEntry, charged: readonly ChargedAttempt[]): ChargedHistory {
  const { runId, planHash, unit, adjacency, accountant, delta, chargedDelta, population } = run;
  const distances = TASKS.map((task) => {
    const count = charged.filter((one) => one.task === task).length;
    return count * (run.distances[task] ?? 0) * (1 + 16 * Number.EPSILON);
  });
  return {
    ...{ runId, planHash, ledgerHash: planHash },
    ...{ unit, adjacency, accountant, delta, chargedDelta, population },
    rowFactor: run.rawFactor,
    ...(run.rowsPerPerson !== undefined && { rowsPerPerson: run.rowsPerPerson }),
    distance: distances.reduce((sum, one) => sum + one, 0),
    events: byAdversary((adversary) => tallied(charged.map(({ events }) => events[adversary]))),
  };
}

/**
 * What all runs have cost a row of the file, by the rules of the last one: at its delta if that is below 1 /
 * the largest population of any, else at the smallest delta of all (`deltaFor`). null: no run has charged anything.
 *
 * Of weights that a run started from, the runs that are not in the ledger count too: nothing says that they
 * were of other rows.
 */
export function soFarOf(
  file: string,
  entries: readonly ClientEntry[],
  limits: ClientLimits | null,
): SoFarFile | null {
  const runs = fileRuns(entries);
  const last = runs.at(-1);
  if (!last) return null;
  const all = histories(runs);
  const delta = deltaFor(last.run.delta, all);
  const { unit, adjacency } = last.run;
  const perPerson = last.run.rowsPerPerson !== undefined;
  const epsilon = composeHistories(all, { unit, adjacency, perPerson, delta });
  const participations = entries.flatMap((one) => (one.kind === "participation" ? [one] : []));
  // A line that does not say its events cannot be composed.
  const unknown =
    runs.some(({ run }) => run.past?.unknown === true) ||
    participations.some(({ events }) => events === undefined);
  const contents = entries.filter(({ kind }) => kind === "content").length;
  return {
    ...{ file, runs: runs.length, unit, delta },
    epsilon: unknown ? NO_BOUND : epsilon,
    contents: Math.max(1, contents),
    limit: limits && { ...limits, used: usedOf(participations, limits) },
  };
}

/** By the filter, sampling not counted; null: no bound. */
function usedOf(participations: readonly Participated[], limits: ClientLimits): number | null {
  const epsilon = epsilonOf(participations.map(costIn).reduce(sumOf, NOTHING), limits);
  return Number.isFinite(epsilon) ? epsilon : null;
}

type Participated = Extract<ClientEntry, { kind: "participation" }>;

const NO_BOUND: ByAdversary<null> = {
  modelRecipients: null,
  otherClients: null,
  coordinator: null,
};

/**
 * Each run once. Of two histories of one run the one that holds all of the other counts, else both: a later
 * run's weights may know of charges that an older copy of this ledger has lost, or that were for other rows.
 */
function histories(runs: readonly FileRun[]): ChargedHistory[] {
  const known: ChargedHistory[] = [];
  const all = runs.flatMap(({ run, history }) => [history, ...(run.past?.histories ?? [])]);
  for (const history of all) {
    if (known.some((one) => covers(one, history))) continue;
    const others = known.filter((one) => !covers(history, one));
    known.splice(0, known.length, ...others, history);
  }
  return known;
}

/** Whether `all` is of the same run and plan, and charges no less. */
function covers(all: ChargedHistory, part: ChargedHistory): boolean {
  if (all.runId !== part.runId || canonicalJson(rulesOf(all)) !== canonicalJson(rulesOf(part)))
    return false;
  return (
    all.distance >= part.distance &&
    ADVERSARIES.every((one) => {
      const counts = new Map(
        all.events[one].map(({ event, count }) => [canonicalJson(event), count]),
      );
      return part.events[one].every(
        ({ event, count }) => (counts.get(canonicalJson(event)) ?? 0) >= count,
      );
    })
  );
}

function rulesOf({ events: _e, distance: _d, ledgerHash: _l, ...rules }: ChargedHistory) {
  return rules;
}
