/**
 * How clients' answers become one sum: added up, coordinate by coordinate the middle one, or added up under
 * masks. An attempt takes the same way whichever it is (run-attempt.ts). What differs stands here: who is
 * enough, when the charge falls, what is asked in steps, when a sum is complete, and how it is opened.
 */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { memoize } from "../../shared/memoize.ts";
import { largestSum } from "../../shared/noise/lattice.ts";
import { unitsInOneEntry } from "../../shared/noise/rotation.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { boundsRelease, WEIGHT } from "../../shared/privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { taskLength, updateLength } from "../../shared/privacy/tasks.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import { attemptContext } from "../../shared/secagg/attempt-context.ts";
import { fewestClients, type SecaggTerms, secaggTerms } from "../../shared/secagg/terms.ts";
import type { AttemptRecord } from "../../shared/secagg/transcript.ts";
import { robustWeight } from "../../shared/training/aggregation.ts";
import type { ReleasedSum } from "../step/release.ts";
import { Attempt, type AttemptRules } from "./attempt.ts";
import type { AttemptWire } from "./attempt-wire.ts";
import { boundsOf } from "./check-norm.ts";
import { MaskedAttempt } from "./masked-attempt.ts";
import { openMaskedSum } from "./masked-round.ts";
import { robustSum } from "./robust.ts";
import type { RosterEntry } from "./round-clients.ts";

export interface Aggregator {
  readonly kind: "plain" | "robust" | "masked";
  /** When an attempt is charged: before the broadcast, or amid its steps. */
  readonly charged: "first" | "midway";
  /** Clients of which fewer can give no sum. */
  readonly leastClients: number;
  /** False where so many are enough, and can still give none. */
  canSum(clients: number): boolean;
  /** @param endsAt by `performance.now()`, where rounds end by the clock */
  begin(
    ids: { readonly round: number; readonly attempt: number },
    asked: readonly RosterEntry[],
    endsAt: number | undefined,
  ): AttemptSum;
}

/** One attempt, and the sum that becomes of it. */
interface AttemptSum {
  /** What takes the answers. */
  readonly attempt: Attempt | MaskedAttempt;
  /**
   * Asks, in as many steps as it takes; resolves when no more answers are waited for.
   *
   * @param charge makes the attempt's charge durable, where it falls midway
   * @throws ProtocolError where a masked sum cannot be opened
   */
  gather(wire: AttemptWire, charge: () => void): Promise<void>;
  /** Why what was gathered is no sum to release; null: it is one. @param lost drawn and not in it */
  fault(lost: number): SumFault | null;
  open(): ReleasedSum;
}

export interface SumFault {
  /** As the ledger has it: not how many, which of a secret cohort would tell something. */
  readonly reason: string;
  /** As clients hear it. */
  readonly outcome: string;
}

/** The one that a plan's answers to a task take. */
export function aggregatorOf(
  sealed: SealedPlan,
  task: Task,
  runId: string,
  record?: (round: number, attempt: number) => AttemptRecord,
): Aggregator {
  const { privacy, training } = sealed.plan;
  const length = taskLength(privacy, task);
  if (task === "bounds")
    return privacy.trust === "distributed"
      ? maskedSum(sealed, runId, boundsWords(privacy), undefined)
      : plainSum(privacy, length, { bounds: boundsOf(boundsRelease(privacy)) });
  // Each client's own counts carry all their noise before they leave it.
  if (task !== "train") return plainSum(privacy, length, { keep: task === "evaluation" });
  if (privacy.trust === "distributed")
    return maskedSum(sealed, runId, updateWords(privacy), record);
  const { aggregation } = training;
  const bounds = boundsOf(privacy);
  if (aggregation === undefined) return plainSum(privacy, length, { bounds });
  const middle = ({ answers }: Attempt) =>
    robustSum([...answers.values()], privacy.parameters, aggregation, robustWeight(privacy));
  return { ...plainSum(privacy, length, { keep: true, bounds }, middle), kind: "robust" };
}

/** @param open what is released of a complete one */
function plainSum(
  { clients, minCohort, roundSeconds }: PrivacyPlan,
  length: number,
  rules: AttemptRules,
  open: (attempt: Attempt) => ReleasedSum = ({ sum }) => sum,
): Aggregator {
  return {
    kind: "plain",
    charged: "first",
    leastClients: minCohort,
    canSum: () => true,
    begin: ({ round, attempt: number }, asked, endsAt) => {
      const cohort = asked.map(({ vclient: clientIndex }) => clientIndex);
      const attempt = new Attempt(round, number, cohort, length, { ...rules, endsAt });
      return {
        attempt,
        gather: (wire) => attempt.gather(wire),
        fault: (lost) => {
          // By the clock a sum is whole or nothing: in part it would say whose rows took too long.
          if (endsAt !== undefined && attempt.late.length > 0)
            return {
              reason: `an update was not in within ${roundSeconds} s`,
              outcome: "overrun",
            };
          // A small sample is released like any other; too many lost ones are not.
          if (clients - lost >= minCohort) return null;
          return {
            reason: `fewer than ${minCohort} clients stood`,
            outcome: "below-minimum",
          };
        },
        open: () => open(attempt),
      };
    },
  };
}

/** What the entries of a masked vector are. */
interface MaskedWords {
  /** How many. */
  readonly parameters: number;
  /** No entry of an honest sum is beyond it, but with a chance of 2^-40. */
  readonly largestSum: number;
}

function updateWords(plan: PrivacyPlan): MaskedWords {
  const { sensitivity, noiseStddev, clients, parameters } = plan;
  const units = unitsInOneEntry(plan);
  return {
    parameters: updateLength(plan),
    largestSum: largestSum(units, sensitivity, noiseStddev, clients, parameters),
  };
}

function boundsWords(plan: PrivacyPlan): MaskedWords {
  const { noiseStddev, parameters } = boundsRelease(plan);
  const largest = largestSum(rowsOf(plan), WEIGHT, noiseStddev, plan.clients, parameters);
  return { parameters, largestSum: largest };
}

/** Complete once it is opened, which fails where too few are left in any step. */
function maskedSum(
  { plan: { privacy: plan }, hash: planHash }: SealedPlan,
  runId: string,
  words: MaskedWords,
  record: ((round: number, attempt: number) => AttemptRecord) | undefined,
): Aggregator {
  // Up to 50 ms for a thousand clients, and asked for before an attempt as well as in it.
  const known = new Map<number, SecaggTerms>();
  const termsFor = (count: number) => memoize(known, 1, count, () => secaggTerms(count, plan));
  return {
    kind: "masked",
    charged: "midway",
    leastClients: fewestClients(plan),
    canSum: (count) => canMask(() => termsFor(count)),
    begin: (ids, asked) => {
      const kept = record?.(ids.round, ids.attempt);
      const setup = {
        terms: termsFor(asked.length),
        context: attemptContext({ runId, ...ids, planHash }),
        roster: asked.map(({ key }) => key),
        ...words,
      };
      const clientIndices = asked.map(({ vclient: clientIndex }) => clientIndex);
      const attempt = new MaskedAttempt(ids, clientIndices, setup, kept?.took);
      return {
        attempt,
        gather: (wire, charge) => openMaskedSum(attempt, wire, charge),
        fault: () => null,
        open: () => {
          kept?.opened(attempt.sum);
          return attempt.sum;
        },
      };
    },
  };
}

/** False where so few are no cohort that could mask. */
function canMask(termsFor: () => SecaggTerms): boolean {
  try {
    termsFor();
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
