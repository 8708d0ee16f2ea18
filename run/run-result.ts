/** What a finished run comes to, as plain data: for a program that called it, and for what a command prints. */
import type { Ending } from "../server/rounds/coordinator.ts";
import { type ByAdversary, byAdversary } from "../shared/accounting/mechanisms/event.ts";
import {
  CLAIM_HEAD,
  claimRows,
  claimText,
  type Guarantee,
  HOLDS_AGAINST,
  rawEpsilon,
} from "../shared/claims/claim.ts";
import { heldOutPrivate, unitParts } from "../shared/claims/unit-text.ts";
import {
  type HeldOutBaseline,
  heldOutBaseline,
  heldOutWarnings,
} from "../shared/events/held-out-baseline.ts";
import { numbersWarnings, tellsNumbers } from "../shared/events/held-out-numbers.ts";
import type {
  ErrorFigures,
  HeldOutTrace,
  MeanBaseline,
  RoundTrace,
  Trace,
} from "../shared/events/trace.ts";
import type { LedgerLine } from "../shared/ledger/ledger-line.ts";
import type { ModelSpec } from "../shared/model/model-spec.ts";
import type { Plan } from "../shared/plan/plan.ts";
import type { RunOutcome } from "./execute/run-outcome.ts";

/** One ε, against one adversary, with all that it rests on. */
export interface StatedGuarantee extends Guarantee {
  /** The adversary, in words. */
  readonly against: string;
  /** The whole claim in one sentence: an ε that is quoted without it says nothing. */
  readonly text: string;
}

/** `JSON.stringify` writes all of it, the typed array of the parameters aside. */
export interface RunResult {
  /** Share of the held-out rows whose class is the likeliest, by the model that is handed out; null: of a number. */
  readonly accuracy: number | null;
  /** In its place where the target is a number: RMSE, mean absolute error and R², in its own units. */
  readonly errors?: ErrorFigures;
  /** Its mean loss on them. */
  readonly loss: number;
  /** What that is to be held against: the most frequent class of the same rows, and chance; or their mean. */
  readonly baseline: HeldOutBaseline | MeanBaseline;
  /** What in it might be taken for learning and is none, each one sentence. */
  readonly warnings: readonly string[];
  /** Spent, against who gets the model, of the raw rows, at `delta`; null: no bound. `guarantees` says on what it rests. */
  readonly epsilon: number | null;
  /** The same against each adversary. */
  readonly epsilons: ByAdversary<number | null>;
  readonly delta: number;
  readonly guarantees: readonly StatedGuarantee[];
  /** As of `rounds.jsonl`. */
  readonly rounds: readonly RoundTrace[];
  readonly model: {
    readonly spec: ModelSpec;
    /** float32[parameters]: the last model, or the average of the released ones. */
    readonly parameters: Float32Array;
    /** SHA-256 of their bytes. */
    readonly hash: string;
  };
  /** What every client held the run to. */
  readonly plan: Plan;
  readonly planHash: string;
  /** As of `ledger.jsonl`: what was charged, line by line. */
  readonly ledger: readonly LedgerLine[];
  /** Why it ended, and how many attempts were charged. */
  readonly ending: Ending;
  /** Of generated and public rows: rounds, from 0, by client in whose place zeros went; of private ones none is named. */
  readonly diverged: Readonly<Record<string, readonly number[]>>;
  /** What every report must say of how clients were reached. */
  readonly notes: readonly string[];
  /** The run folder, absolute; null: it has none. */
  readonly folder: string | null;
  /** All else that is told of it: as of `trace.json`. */
  readonly trace: Trace;
}

/** @param folder the run folder; null: it has none */
export function resultOf(outcome: RunOutcome, folder: string | null): RunResult {
  const { sealed, trace, evaluation, parameters, modelHash } = outcome;
  const { plan, hash } = sealed;
  const epsilons = byAdversary((adversary) => rawEpsilon(trace.claims, adversary));
  return {
    accuracy: evaluation.accuracy,
    ...(evaluation.errors && { errors: evaluation.errors }),
    loss: evaluation.loss,
    ...heldAgainst(trace.heldOut, evaluation.loss),
    epsilon: epsilons.modelRecipients,
    epsilons,
    delta: plan.privacy.delta,
    guarantees: guaranteesOf(outcome),
    rounds: trace.rounds,
    model: { spec: plan.model, parameters, hash: modelHash },
    plan,
    planHash: hash,
    ledger: outcome.ledger,
    ending: outcome.ending,
    diverged: Object.fromEntries(outcome.diverged),
    notes: outcome.notes,
    folder,
    trace,
  };
}

function heldAgainst(
  heldOut: HeldOutTrace,
  loss: number,
): Pick<RunResult, "baseline" | "warnings"> {
  if (tellsNumbers(heldOut))
    return { baseline: heldOut.baseline, warnings: numbersWarnings(heldOut) };
  return { baseline: heldOutBaseline(heldOut), warnings: heldOutWarnings(heldOut, loss) };
}

/** What is claimed, one line, whoever it is against. */
export function claimOf({ sealed: { plan }, scenario }: RunOutcome): string {
  return claimText(plan.privacy, unitParts(plan, heldOutPrivate(scenario)));
}

function guaranteesOf(outcome: RunOutcome): StatedGuarantee[] {
  const { trace, notes } = outcome;
  const rows = claimRows(trace.claims);
  const rest = [claimOf(outcome), ...notes];
  return trace.claims.map((claim, i) => {
    const cells = CLAIM_HEAD.map((head, column) => `${head} ${rows[i]?.[column]}`);
    return {
      ...claim,
      against: HOLDS_AGAINST[claim.adversary],
      text: [cells.join(", "), ...rest].join("; "),
    };
  });
}
