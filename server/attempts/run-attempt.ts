/**
 * One attempt, its stages in order, whatever it asks of the clients: sample → charge → ask → gather → release. How
 * answers become a sum, and when the charge falls, is its aggregator's.
 */
import type { ByAdversary, PrivacyEvent, Task } from "../../shared/accounting/mechanisms/event.ts";
import { withLearned } from "../../shared/bounds/broadcast.ts";
import type { Learned } from "../../shared/bounds/learned-ranges.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { AttemptIds, Observe, RoundStage } from "../../shared/events/run-event.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { type RandomRoot, stream } from "../../shared/noise/random.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { attemptEvents } from "../../shared/privacy/events.ts";
import { plannedTasks, taskTerms } from "../../shared/privacy/tasks.ts";
import type { AttemptRecord } from "../../shared/secagg/transcript.ts";
import { StageTimer } from "../../shared/stage-timer.ts";
import { broadcastOf, type ModelState, type ReleasedSum } from "../step/release.ts";
import { type Aggregator, aggregatorOf, type SumFault } from "./aggregators.ts";
import type { FaultLog } from "./fault-log.ts";
import type { RosterEntry, RoundClients } from "./round-clients.ts";
import type { RoundClock } from "./round-clock.ts";
import { sampleCohort } from "./sample.ts";

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly clients: RoundClients;
  readonly ledger: Ledger;
  /** Of the coordinator's noise and coins. */
  readonly root: RandomRoot;
  /** True where how many updates a round lost may be told: nobody's privacy hangs on it. */
  readonly tellsLosses?: boolean;
  /** Hears of attempts and how long their stages took. */
  readonly observe?: Observe;
  /** Where what went amiss is kept; absent: it may not be told. */
  readonly faults?: FaultLog | undefined;
  /** Resolves after a pause that grows with the attempts at a round that have failed; absent: at once. */
  readonly pause?: (failed: number) => Promise<void>;
  /** Called after each line of the ledger. */
  readonly written?: (() => void) | undefined;
  /** Draws an attempt's cohort; a test may force one. Absent: `sampleCohort`. */
  readonly draw?: typeof sampleCohort | undefined;
  /** Where rounds end by the clock. */
  readonly clock?: RoundClock | undefined;
  /** What features know of their bounds; absent: none learns any. */
  readonly learned?: Learned | undefined;
  /** Takes down what arrives in a masked attempt. */
  readonly record?: ((round: number, attempt: number) => AttemptRecord) | undefined;
}

/** A complete sum, opened. */
export interface Opened {
  readonly sum: ReleasedSum;
  /** What each client sent, by client index, where answers are looked at one by one. */
  readonly answers: ReadonlyMap<number, Int32Array>;
  /** Clients that were drawn whose update did not count. */
  readonly lost: number;
}

export type Failed =
  /** Charged or not, and not released: too few updates came. */
  | {
      readonly kind: "aborted";
      readonly survivors: number;
      /** Some that were asked said nothing at all. */
      readonly silent: boolean;
    }
  /** Not even begun, and not charged: so many have declined that too few can ever come, or the plan is spent. */
  | { readonly kind: "refused"; readonly reason: "cohort" | "budget" };

/**
 * The charge is on the disk before anything can arrive that it pays for.
 *
 * @param state what the attempt's clients begin with
 * @param release what is made of the sum, once its line is in the ledger
 */
export async function runAttempt<Released>(
  tools: RoundTools,
  task: Task,
  state: ModelState,
  { round, attempt: number }: { readonly round: number; readonly attempt: number },
  release: (opened: Opened) => Released,
): Promise<Released | Failed> {
  const { sealed, clients, ledger, faults, observe } = tools;
  const { privacy: plan } = sealed.plan;
  const aggregator = aggregatorOf(sealed, task, clients.runId, tools.record);
  const here = await whoCanSum(aggregator, clients);
  if (here === undefined) return { kind: "refused", reason: "cohort" };
  const terms = taskTerms(plan, task);
  const events = attemptEvents(terms);
  if (!mayCharge(tools, task, events)) return { kind: "refused", reason: "budget" };
  const ids = { task, round, attempt: number };
  const { sittingOut } = clients;

  const { draw = sampleCohort } = tools;
  const coins = stream(tools.root, "cohort", round, number);
  const cohort = new Set(draw({ ...terms, clients: plan.clients }, coins));
  const asked = here.filter(({ vclient: clientIndex }) => cohort.has(clientIndex));

  // From here on: what it took to draw a cohort is no stage's, since it may be a secret who was drawn.
  const lap = attemptTimer(observe, ids);
  let charged = false;
  const charge = () => {
    if (aggregator.charged === "midway") lap("keys");
    ledger.charge(round, number, events, task);
    charged = true;
    tools.written?.();
    lap("charge");
    observe?.({ event: "attempt-charged", ...ids, epsilon: ledger.spent });
  };
  if (aggregator.charged === "first") charge();

  const endsAt = tools.clock?.endOf(performance.now());
  const { attempt, ...sum } = aggregator.begin(ids, asked, endsAt);
  const { clipNorm } = state;
  const parameters = withLearned(broadcastOf(state), tools.learned);
  const broadcast = { task, parameters, clipNorm };
  const gathering = clients.gather(attempt, broadcast, (wire) => sum.gather(wire, charge));
  // The next attempt will ask what it costs: worked out while the hosts train.
  if (charged) ledger.affords(events);
  const unopened = await faultOf(gathering);
  if (charged) lap("train");

  const { survivors, silent, answers } = attempt;
  const lost = cohort.size - survivors.length;
  const fault = unopened ?? sum.fault(lost);
  faults?.note(task, attempt, fault && { charged }, sittingOut);
  if (fault !== null) {
    if (charged) ledger.abort(round, number, fault.reason);
    tools.written?.();
    clients.closeAttempt(ids, fault.outcome, ledger);
    observe?.({ event: "attempt-aborted", ...ids, charged });
    return { kind: "aborted", survivors: survivors.length, silent: silent.length > 0 };
  }
  const released = release({ sum: sum.open(), answers, lost });
  tools.written?.();
  clients.closeAttempt(ids, "released", ledger);
  lap("release");
  return released;
}

/** @returns says how long it is since the last stage ended, or since now */
export function attemptTimer(observe: Observe | undefined, ids: AttemptIds) {
  const timer = new StageTimer<RoundStage>();
  return (stage: RoundStage): void =>
    observe?.({ event: "stage", stage, ...ids, durationMs: timer.lap(stage) });
}

/** Waits until so many are here that they can give a sum; undefined once they never will be. */
async function whoCanSum(
  aggregator: Aggregator,
  clients: RoundClients,
): Promise<readonly RosterEntry[] | undefined> {
  for (let least = aggregator.leastClients; await clients.enough(least); ) {
    const { roster } = clients;
    if (aggregator.canSum(roster.length)) return roster;
    least = roster.length + 1;
  }
  return undefined;
}

/** Whether plan and budget hold one more attempt. After a resume the one may hold where the other does not. */
function mayCharge(
  { sealed, ledger }: Pick<RoundTools, "sealed" | "ledger">,
  task: Task,
  events: ByAdversary<PrivacyEvent>,
): boolean {
  const { privacy } = sealed.plan;
  const planned = plannedTasks(privacy).find((one) => one.task === task)?.count ?? 0;
  // What was charged stays counted.
  return ledger.charged(task) < planned && ledger.affords(events, task);
}

/** Of a sum under masks that cannot be opened. Who was there and who answered is all that it tells. */
async function faultOf(gathering: Promise<void>): Promise<SumFault | null> {
  try {
    await gathering;
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { what } = error.problem;
    return { reason: `the masked sum was not opened: ${what}`, outcome: what };
  }
}
