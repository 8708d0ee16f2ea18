/** One attempt from its charge to its sum, whatever it asks of the clients. */
import type { Task } from "../shared/accounting/event.ts";
import type { Ledger } from "../shared/accounting/ledger.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { attemptEvents } from "../shared/privacy-events.ts";
import { plannedTasks, taskLength, taskTerms } from "../shared/privacy-tasks.ts";
import { type RandomRoot, stream } from "../shared/random.ts";
import { Attempt } from "./attempt.ts";
import type { Registry } from "./registry.ts";
import { broadcastOf, type ModelState } from "./release.ts";
import { sampleCohort } from "./sample.ts";

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly registry: Pick<Registry, "present" | "gather" | "closeAttempt">;
  readonly ledger: Ledger;
  /** Of the coordinator's noise and coins. */
  readonly root: RandomRoot;
  /** True where how many updates a round lost may be told: nobody's privacy hangs on it. */
  readonly tellsLosses?: boolean;
}

export type Gathered =
  /** Its sum may be released; until that is done the attempt stays open. */
  | { readonly kind: "gathered"; readonly gathering: Attempt; readonly lost: number }
  /** Charged, and not released: too few updates came. */
  | { readonly kind: "aborted"; readonly survivors: number }
  /** Not even begun, and not charged. */
  | { readonly kind: "refused"; readonly reason: "cohort" | "budget" };

/** Charge, on the disk before the broadcast; then gather. */
export async function runAttempt(
  { sealed, registry, ledger, root }: RoundTools,
  task: Task,
  { parameters, control, clipNorm }: ModelState,
  round: number,
  attempt: number,
): Promise<Gathered> {
  const { privacy: plan } = sealed.plan;
  if (registry.present.length < plan.minCohort) return { kind: "refused", reason: "cohort" };
  const terms = taskTerms(plan, task);
  const events = attemptEvents(terms);
  const planned = plannedTasks(plan).find((one) => one.task === task)?.count ?? 0;
  // After a resume the one may hold where the other does not: what was charged stays counted.
  if (ledger.charged(task) >= planned || !ledger.affords(events))
    return { kind: "refused", reason: "budget" };
  ledger.charge(round, attempt, events, task);

  const coins = stream(root, "cohort", round, attempt);
  const cohort = new Set(sampleCohort({ ...terms, clients: plan.clients }, coins));
  const asked = registry.present.filter((vclient) => cohort.has(vclient));
  // Each client's own counts carry all their noise before they leave it.
  const keep = task === "evaluation";
  const gathering = new Attempt(round, attempt, asked, taskLength(plan, task), keep);
  const gathered = registry.gather(gathering, asked, {
    task,
    parameters: broadcastOf({ parameters, control }),
    clipNorm,
  });
  // The next attempt will ask what it costs: worked out while the hosts train.
  ledger.affords(events);
  await gathered;
  const survivors = gathering.survivors.length;
  // A small sample is released like any other; too many lost ones are not.
  const lost = cohort.size - survivors;
  const standing = plan.clients - lost;
  if (standing >= plan.minCohort) return { kind: "gathered", gathering, lost };
  // Not how many: of a secret cohort that would tell something.
  ledger.abort(round, attempt, `fewer than ${plan.minCohort} clients stood`);
  registry.closeAttempt(gathering, "below-minimum", ledger);
  return { kind: "aborted", survivors };
}
