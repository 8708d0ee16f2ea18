/** What an attempt may ask of its clients, an update or counts: by what terms, how long, how often. */
import type { Task } from "../accounting/mechanisms/event.ts";
import { type BoundsPlan, boundsAttempts, boundsLength, boundsRelease } from "./bounds-terms.ts";
import { type CountingTerms, countLength, countReleases, countTerms } from "./counts.ts";
import type { EventTerms, ReleaseTerms } from "./events.ts";
import type { PrivacyTerms } from "./terms.ts";

/** What one answer to it releases: the plan's own update, its bounds' histograms, or its counts. */
export function taskTerms<Plan extends EventTerms & CountingTerms & BoundsPlan>(
  plan: Plan,
  task: Task,
): Plan | ReleaseTerms {
  if (task === "bounds") return boundsRelease(plan);
  return task === "train" ? plan : countTerms(plan, task);
}

type LengthTerms = Pick<PrivacyTerms, "parameters" | "adaptiveClipping">;

/** Entries of a client's answer. */
export function taskLength(plan: LengthTerms & CountingTerms & BoundsPlan, task: Task): number {
  if (task === "bounds") return boundsLength(plan);
  return task === "train" ? updateLength(plan) : countLength(plan.counts, task);
}

/** Entries of an update: the model's, and one more for the bits where the clip norm adapts. */
export function updateLength(plan: LengthTerms): number {
  return plan.parameters + (plan.adaptiveClipping === null ? 0 : 1);
}

/** All that the plan pays for, and how often each. */
export function plannedTasks(
  plan: CountingTerms & BoundsPlan & Pick<PrivacyTerms, "rounds" | "spareAttempts">,
): readonly { readonly task: Task; readonly count: number }[] {
  const bounds = boundsAttempts(plan);
  return [
    { task: "train", count: attemptsOf(plan) },
    ...(bounds > 0 ? [{ task: "bounds", count: bounds } as const] : []),
    ...countReleases(plan),
  ];
}

/** Attempts at a round that the budget holds. */
export function attemptsOf({
  rounds,
  spareAttempts,
}: Pick<PrivacyTerms, "rounds" | "spareAttempts">): number {
  return rounds + spareAttempts;
}
