/** One attempt from its charge to its sum, whatever it asks of the clients. */
import type { AttemptEvents, Ledger } from "../shared/accounting/ledger.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Task } from "../shared/privacy-counts.ts";
import type { RandomRoot } from "../shared/random.ts";
import { Attempt } from "./attempt.ts";
import type { Registry } from "./registry.ts";
import type { ModelState } from "./release.ts";

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly registry: Pick<Registry, "present" | "gather" | "closeAttempt">;
  readonly ledger: Ledger;
  /** Of the coordinator's noise and coins. */
  readonly root: RandomRoot;
}

/** What is asked of whom, and what it costs. */
export interface Asked {
  readonly round: number;
  readonly attempt: number;
  readonly task: Task;
  readonly events: AttemptEvents;
  /** Vclients, here or not. */
  readonly cohort: () => readonly number[];
  /** Entries of each client's answer. */
  readonly length: number;
}

export type Gathered =
  /** Its sum may be released; until that is done the attempt stays open. */
  | { readonly kind: "gathered"; readonly gathering: Attempt }
  /** Charged, and not released: too few updates came. */
  | { readonly kind: "aborted"; readonly survivors: number }
  /** Not even begun, and not charged. */
  | { readonly kind: "refused"; readonly reason: "cohort" | "budget" };

/** Charge, on the disk before the broadcast; then gather. */
export async function runAttempt(
  { sealed, registry, ledger }: RoundTools,
  { round, attempt, task, events, cohort: draw, length }: Asked,
  { parameters, clipNorm }: Pick<ModelState, "parameters" | "clipNorm">,
): Promise<Gathered> {
  const { privacy: plan } = sealed.plan;
  if (registry.present.length < plan.minCohort) return { kind: "refused", reason: "cohort" };
  if (!ledger.affords(events)) return { kind: "refused", reason: "budget" };
  ledger.charge(round, attempt, events, task);

  const cohort = new Set(draw());
  const asked = registry.present.filter((vclient) => cohort.has(vclient));
  const gathering = new Attempt(round, attempt, asked, length);
  const gathered = registry.gather(gathering, asked, { task, parameters, clipNorm });
  // The next attempt will ask what it costs: worked out while the hosts train.
  ledger.affords(events);
  await gathered;
  const survivors = gathering.survivors.length;
  // A small sample is released like any other; too many lost ones are not.
  const standing = plan.clients - (cohort.size - survivors);
  if (standing >= plan.minCohort) return { kind: "gathered", gathering };
  // Not how many: of a secret cohort that would tell something.
  ledger.abort(round, attempt, `fewer than ${plan.minCohort} clients stood`);
  registry.closeAttempt(gathering, "below-minimum", ledger);
  return { kind: "aborted", survivors };
}
