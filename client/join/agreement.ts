/** Whether a client that joined from elsewhere goes on with the plan it was given: its owner's terms. */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { BudgetError, ProtocolError } from "../../shared/errors.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { plannedTasks, taskTerms } from "../../shared/privacy/tasks.ts";
import type { ClientLedger } from "../ledger/client-ledger.ts";

/** What the owner said beforehand. */
export interface OwnerTerms {
  /** The rows are made up or public: seeded noise and several clients of one owner harm nobody. */
  readonly simulation: boolean;
  /** Virtual clients among which the owner's rows are split. */
  readonly clients: number;
  /** It is said that the coordinator may see each update as it is. */
  readonly exactUpdates: boolean;
}

/** @throws ProtocolError `plan.…` for a plan that protects the owner less than it seems to */
export function checkProtection({ noise, unit, trust }: PrivacyPlan, terms: OwnerTerms): void {
  if (terms.simulation) return;
  if (noise === "seeded")
    throw refusal(
      "plan.noise",
      "seeded noise, which protects nobody",
      "secure noise",
      "Join with --simulation on both sides if the rows are made up or public; else take no part.",
    );
  if (unit === "client" && terms.clients > 1)
    throw refusal(
      "plan.unit",
      `unit client, and ${terms.clients} clients of one owner`,
      "one client an owner: epsilon is of one client's rows, not of all of them together",
      "Join without --clients; or with --simulation if the rows are made up or public.",
    );
  if ((trust === "central" || trust === "none") && !terms.exactUpdates)
    throw refusal(
      "plan.trust",
      `trust ${trust}, by which the coordinator sees each update as it is`,
      "distributed or local",
      "Join with --allow-exact-updates if its owner trusts the coordinator that far; else take no part.",
    );
}

/** @throws ProtocolError `plan.past` for weights whose past the plan leaves out: no ε counts it then */
export function checkModelPast({ model, privacy }: Plan, { simulation }: OwnerTerms): void {
  if (simulation || model.init.kind !== "given" || privacy.past !== undefined) return;
  throw refusal(
    "plan.past",
    "weights out of a file, and no word of the rows that they were trained on",
    "what they bring along, as their provenance states or their author declares",
    "Take no part: a coordinator of this version puts it into its plan.",
  );
}

/**
 * What a whole run of the plan costs its owner, by the owner's own ledger: every update at rate 1, on
 * top of all that other runs have charged. What this run has charged is part of its plan, so that a
 * client that was started anew can go on; one more round is always to come. A plan in which clients are
 * drawn may ask for less; of it the ledger must hold one round, and declines the first that it does not
 * hold.
 *
 * A coordinator that gives another run this run's id gains nothing. This check is advice to the owner,
 * before any row is read; the guard is the ledger's filter, which knows no runs: it charges each update
 * on top of all that ever left, and refuses the first one beyond the limit.
 *
 * @param runId 32 hex digits
 * @param file in which all clients' rows are, by the name of its limits: every attempt is then charged, whoever
 *   was drawn. Absent: the ledger of a client that joins
 * @throws BudgetError `clientLedger.limits`, or `dataLedger.limits` of a file, with the owner's own numbers, which
 *   are not for the coordinator's eyes
 */
export function checkLimits(
  plan: PrivacyPlan,
  runId: string,
  ledger: ClientLedger,
  file?: string,
): void {
  const { limits } = ledger;
  if (limits === null) return;
  const isDrawn = file === undefined && plan.unit === "client" && plan.sampling.kind !== "full";
  const termsOf = (task: Task) => ({ ...taskTerms(plan, task), rawFactor: plan.rawFactor });
  const whole = plannedTasks(plan).map(({ task, count }) => ({
    terms: termsOf(task),
    count: isDrawn ? Math.min(count, 1) : count,
  }));
  const epsilon = ledger.epsilonAfter(runId, whole, termsOf("train")) ?? 0;
  if (epsilon <= limits.epsilon) return;
  throw new BudgetError({
    ...(file === undefined ? JOINING : { ...RUNNING, where: file }),
    got: `epsilon ${Number.isFinite(epsilon) ? epsilon.toPrecision(4) : "without bound"} with this run`,
    expected: `at most ${limits.epsilon} at delta ${limits.delta} over all runs, sampling not counted`,
  });
}

const JOINING = {
  what: "clientLedger.limits",
  where: "the plan received",
  fix: "Take no part; only the data's owner can set another limit.",
};
const RUNNING = {
  what: "dataLedger.limits",
  fix: "Plan fewer rounds or more noise; only the owner of these rows can set another limit. Nothing was charged.",
};

/** What the coordinator is told of it: that there is a limit, and no number. */
export function overLimits(): ProtocolError {
  return refusal(
    "plan.limits",
    "a plan beyond the limits of this client's owner",
    "one within them",
    "Plan fewer rounds or more noise, or go on without this client.",
  );
}

function refusal(what: string, got: string, expected: string, fix: string): ProtocolError {
  return new ProtocolError({ what, where: "the plan received", got, expected, fix });
}
