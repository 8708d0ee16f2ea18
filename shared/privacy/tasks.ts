/** What an attempt may ask of its clients, an update or counts: by what terms, how long, how often. */
import type { Task } from "../accounting/mechanisms/event.ts";
import { type CountingTerms, countLength, countReleases, countTerms } from "./counts.ts";
import type { EventTerms, ReleaseTerms } from "./events.ts";
import type { PrivacyTerms } from "./terms.ts";

/** What one answer to it releases: the plan's own update, or its counts. */
export function taskTerms<Plan extends EventTerms & CountingTerms>(
  plan: Plan,
  task: Task,
): Plan | ReleaseTerms {
  return task === "train" ? plan : countTerms(plan, task);
}

type LengthTerms = Pick<PrivacyTerms, "parameters" | "adaptiveClipping">;

/** Entries of a client's answer. */
export function taskLength(plan: LengthTerms & CountingTerms, task: Task): number {
  return task === "train" ? updateLength(plan) : countLength(plan.counts, task);
}

/** Entries of an update: the model's, and one more for the bits where the clip norm adapts. */
export function updateLength(plan: LengthTerms): number {
  return plan.parameters + (plan.adaptiveClipping === null ? 0 : 1);
}

/** All that the plan pays for, and how often each. */
export function plannedTasks(
  plan: CountingTerms & Pick<PrivacyTerms, "spareAttempts">,
): readonly { readonly task: Task; readonly count: number }[] {
  return [{ task: "train", count: attemptsOf(plan) }, ...countReleases(plan)];
}

/** Attempts at a round that the budget holds. */
export function attemptsOf({
  rounds,
  spareAttempts,
}: Pick<PrivacyTerms, "rounds" | "spareAttempts">): number {
  return rounds + spareAttempts;
}
