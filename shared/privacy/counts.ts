/**
 * Counts of the clients' own rows that a run releases beside its model: classes, histograms of model
 * inputs, right and wrong predictions. Each client adds all the noise to its own before they leave,
 * so that they hold against everybody, whom the model's noise is trusted to or not.
 */
import type { CountTask } from "../accounting/mechanisms/event.ts";
import { fitsInt32 } from "../noise/lattice.ts";
import { type ReleaseTerms, releaseDistance } from "./events.ts";
import { type Counts, type PrivacyTerms, rowsOf } from "./terms.ts";

export const NO_COUNTS: Counts = { statistics: null, evaluation: null };

/** What of a plan its counts depend on. */
export type CountingTerms = Pick<
  PrivacyTerms,
  "counts" | "trust" | "adjacency" | "rounds" | "rowsPerPerson"
>;

/** Bins of each histogram that a task releases: a record is in one bin of each. */
export function countBins({ statistics, evaluation }: Counts, task: CountTask): readonly number[] {
  if (task === "evaluation") return evaluation ? [2] : [];
  if (statistics === null) return [];
  const { classes, histograms } = statistics;
  return [...(classes > 0 ? [classes] : []), ...histograms.map(({ bins }) => bins)];
}

/** Entries of a client's counts. */
export function countLength(counts: Counts, task: CountTask): number {
  return countBins(counts, task).reduce((sum, bins) => sum + bins, 0);
}

/** Standard deviation of each client's noise on each count: whole, 0 without privacy. */
export function countNoise({ counts, trust }: CountingTerms, task: CountTask): number {
  const noiseMultiplier = counts[task]?.noiseMultiplier ?? 0;
  return trust === "none" ? 0 : Math.ceil(noiseMultiplier * sensitivity(counts, task));
}

/** A row more in one bin of each of so many histograms: of a person's N rows it is N times as much. */
function sensitivity(counts: Counts, task: CountTask): number {
  return Math.sqrt(countBins(counts, task).length);
}

/**
 * What a release of these counts is, in the terms of an update: one of all rows, under trust `local`
 * whomever the model's noise is trusted to.
 */
export function countTerms(plan: CountingTerms, task: CountTask): ReleaseTerms {
  const { counts, trust, adjacency, rowsPerPerson } = plan;
  const noiseStddev = countNoise(plan, task);
  return {
    unit: "record",
    trust: trust === "none" ? "none" : "local",
    sampling: { kind: "full" },
    adjacency,
    rowsPerPerson,
    noiseMultiplier: noiseStddev / sensitivity(counts, task),
    noiseStddev,
    bitNoiseStddev: 0,
    parameters: countLength(counts, task),
  };
}

/** The releases of a whole run, and how often each. */
export function countReleases(
  plan: CountingTerms,
): readonly { readonly task: CountTask; readonly count: number }[] {
  const { statistics, evaluation } = plan.counts;
  const evaluations = evaluation ? Math.floor(plan.rounds / evaluation.every) : 0;
  return [
    ...(statistics ? [{ task: "statistics", count: 1 } as const] : []),
    ...(evaluations > 0 ? [{ task: "evaluation", count: evaluations } as const] : []),
  ];
}

/** True after a round that an evaluation by the clients follows. */
export function isEvaluated({ counts }: CountingTerms, round: number): boolean {
  return counts.evaluation !== null && (round + 1) % counts.evaluation.every === 0;
}

/** Total variation distance of all that noise from the one accounted for, of all clients and times. */
export function countDistance(plan: CountingTerms, clients: number): number {
  return countReleases(plan).reduce(
    (sum, { task, count }) => sum + count * clients * releaseDistance(countTerms(plan, task)),
    0,
  );
}

/** Whether no noised count of all clients together can wrap in 32 bits. */
export function countsFit(
  plan: CountingTerms & Pick<PrivacyTerms, "population" | "rows" | "clients">,
) {
  return countReleases(plan).every(({ task }) =>
    fitsInt32(
      rowsOf(plan),
      1,
      countNoise(plan, task),
      plan.clients,
      countLength(plan.counts, task),
    ),
  );
}
