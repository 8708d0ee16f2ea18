/** One attempt from its charge to its sum, whatever it asks of the clients. */
import type { ByAdversary, PrivacyEvent, Task } from "../shared/accounting/event.ts";
import type { Ledger } from "../shared/accounting/ledger.ts";
import type { Plan, SealedPlan } from "../shared/plan.ts";
import { attemptEvents } from "../shared/privacy-events.ts";
import { plannedTasks, taskLength, taskTerms } from "../shared/privacy-tasks.ts";
import { type RandomRoot, stream } from "../shared/random.ts";
import type { Observe } from "../shared/run-event.ts";
import type { AttemptRecord } from "../shared/secagg/transcript.ts";
import { Attempt, type AttemptRules, type Gathering } from "./attempt.ts";
import { boundsOf } from "./check-norm.ts";
import type { FaultBook } from "./fault-book.ts";
import { laps } from "./laps.ts";
import type { Registry } from "./registry.ts";
import { broadcastOf, type ModelState } from "./release.ts";
import type { RoundClock } from "./round-clock.ts";
import { sampleCohort } from "./sample.ts";

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly registry: Pick<
    Registry,
    "present" | "enough" | "gather" | "gatherMasked" | "roster" | "runId" | "closeAttempt"
  > &
    Partial<Pick<Registry, "sittingOut">>;
  readonly ledger: Ledger;
  /** Of the coordinator's noise and coins. */
  readonly root: RandomRoot;
  /** True where how many updates a round lost may be told: nobody's privacy hangs on it. */
  readonly tellsLosses?: boolean;
  /** Hears of attempts and how long their stages took. */
  readonly observe?: Observe;
  /** Where what went amiss is kept; absent: it may not be told. */
  readonly faults?: FaultBook | undefined;
  /** Resolves after a pause that grows with the attempts at a round that have failed; absent: at once. */
  readonly pause?: (failed: number) => Promise<void>;
  /** Called after each line of the ledger. */
  readonly written?: (() => void) | undefined;
  /** Draws an attempt's cohort; a test may force one. Absent: `sampleCohort`. */
  readonly draw?: typeof sampleCohort | undefined;
  /** Where rounds end by the clock. */
  readonly clock?: RoundClock | undefined;
  /** Takes down what arrives in a masked attempt. */
  readonly record?: ((round: number, attempt: number) => AttemptRecord) | undefined;
}

export type Gathered =
  /** Its sum may be released; until that is done the attempt stays open. */
  | { readonly kind: "gathered"; readonly gathering: Gathering; readonly lost: number }
  /** Charged, and not released: too few updates came. */
  | {
      readonly kind: "aborted";
      readonly survivors: number;
      /** Some that were asked said nothing at all. */
      readonly silent: boolean;
    }
  /** Not even begun, and not charged: so many have declined that too few can ever come, or the plan is spent. */
  | { readonly kind: "refused"; readonly reason: "cohort" | "budget" };

/** Charge, on the disk before the broadcast; then gather. */
export async function runAttempt(
  tools: RoundTools,
  task: Task,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<Gathered> {
  const { sealed, registry, ledger, root, faults, observe } = tools;
  const { parameters, control, clipNorm } = state;
  const { privacy: plan } = sealed.plan;
  if (!(await registry.enough(plan.minCohort))) return { kind: "refused", reason: "cohort" };
  const terms = taskTerms(plan, task);
  const events = attemptEvents(terms);
  if (!mayCharge(tools, task, events)) return { kind: "refused", reason: "budget" };
  const ids = { task, round, attempt };
  const lap = laps(observe, ids);
  ledger.charge(round, attempt, events, task);
  tools.written?.();
  lap("charge");
  observe?.({ event: "attempt-charged", ...ids, epsilon: ledger.spent });

  const coins = stream(root, "cohort", round, attempt);
  const { draw = sampleCohort } = tools;
  const cohort = new Set(draw({ ...terms, clients: plan.clients }, coins));
  const asked = registry.present.filter((vclient) => cohort.has(vclient));
  const { sittingOut } = registry;
  const rules = rulesOf(sealed.plan, task);
  const gathering = new Attempt(round, attempt, asked, taskLength(plan, task), rules);
  const broadcast = { task, parameters: broadcastOf({ parameters, control }), clipNorm };
  const endsAt = tools.clock?.endOf(performance.now());
  const gathered = registry.gather(gathering, asked, broadcast, endsAt);
  // The next attempt will ask what it costs: worked out while the hosts train.
  ledger.affords(events);
  await gathered;
  lap("train");
  const survivors = gathering.survivors.length;
  // A small sample is released like any other; too many lost ones are not.
  const lost = cohort.size - survivors;
  const standing = plan.clients - lost;
  // By the clock a sum is whole or nothing: in part it would say whose rows took too long.
  const isOverrun = tools.clock !== undefined && gathering.late.length > 0;
  const stands = standing >= plan.minCohort && !isOverrun;
  faults?.note(task, gathering, stands ? null : { charged: true }, sittingOut);
  if (stands) return { kind: "gathered", gathering, lost };
  // Not how many: of a secret cohort that would tell something.
  const why = isOverrun
    ? `an update was not in within ${plan.roundSeconds} s`
    : `fewer than ${plan.minCohort} clients stood`;
  ledger.abort(round, attempt, why);
  tools.written?.();
  registry.closeAttempt(gathering, isOverrun ? "overrun" : "below-minimum", ledger);
  observe?.({ event: "attempt-aborted", ...ids, charged: true });
  return { kind: "aborted", survivors, silent: gathering.silent.length > 0 };
}

/** Whether plan and budget hold one more attempt. After a resume the one may hold where the other does not. */
export function mayCharge(
  { sealed, ledger }: Pick<RoundTools, "sealed" | "ledger">,
  task: Task,
  events: ByAdversary<PrivacyEvent>,
): boolean {
  const { privacy } = sealed.plan;
  const planned = plannedTasks(privacy).find((one) => one.task === task)?.count ?? 0;
  // What was charged stays counted.
  return ledger.charged(task) < planned && ledger.affords(events, task);
}

function rulesOf({ privacy, training }: Plan, task: Task): AttemptRules {
  // Each client's own counts carry all their noise before they leave it.
  if (task !== "train") return { keep: task === "evaluation" };
  return { keep: training.aggregation !== undefined, bounds: boundsOf(privacy) };
}
