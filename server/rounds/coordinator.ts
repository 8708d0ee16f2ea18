/** The coordinator: rounds until they are done, or what the plan or the clients themselves can spend is spent. */
import { z } from "zod";
import { rawSpent } from "../../shared/claims/raw-spending.ts";
import type { Engine, Examples } from "../../shared/engine/core/engine.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { isEvaluated } from "../../shared/privacy/counts.ts";
import { attemptTimer, type RoundTools } from "../attempts/run-attempt.ts";
import { type ModelState, outputModel } from "../step/release.ts";
import { countRound } from "./count-round.ts";
import { evaluate } from "./evaluate.ts";
import { betweenAttempts, uncharged } from "./failed-attempts.ts";
import { type RoundOutcome, serverRound } from "./server-round.ts";

/** Ten thousand images take as long to evaluate as a few thousand to train on. */
const MOST_EVALUATIONS = 100;

export interface Released {
  readonly trace: RoundTrace;
  readonly state: ModelState;
  /** Where clients evaluated it: right and wrong by client index, each noised by itself. */
  readonly answers?: ReadonlyMap<number, Int32Array> | undefined;
}

const endingSchema = z.enum(["done", "budget", "cohort"]);

/**
 * Why no round follows. All are ordinary ends: what was released stays released. `cohort`: so many clients'
 * own ledgers hold no more that too few are left. Where clients are gone, the run is interrupted instead.
 */
export interface Ending {
  readonly reason: z.infer<typeof endingSchema>;
  /** Begun and charged, released or not. */
  readonly attempts: number;
}

/**
 * Runs the plan's rounds and yields each released model with its held-out figures.
 *
 * @param from the first one to run, with `start` as its model
 * @param isKnown true where clients remember attempts at it that a process before this one began
 * @throws TooFewClients where the run cannot go on now, and can later
 * @throws ScenarioError `training.diverged` when a round's loss is no number; that round stays
 *   charged
 */
export async function* coordinate(
  tools: RoundTools,
  engine: Engine,
  heldOut: Examples,
  start: ModelState,
  from = 0,
  isKnown = false,
): AsyncGenerator<Released, Ending> {
  const { privacy } = tools.sealed.plan;
  const { rounds } = privacy;
  const { ledger } = tools;
  const ending = (reason: Ending["reason"]): Ending => {
    return { reason, attempts: ledger.charged("train") + ledger.charged("evaluation") };
  };
  // Cut off behind its last line, it had come to its end.
  if (ledger.closed !== undefined) return ending(endingSchema.parse(ledger.closed));
  let state = start;
  for (let round = from; round < rounds; round++) {
    const first = round === 0 ? attemptsBefore(tools) : 0;
    // After those that were charged before the run was cut off, …
    const charged = Math.max(first, ledger.nextAttempt(round));
    const begin = charged + (isKnown && round === from ? uncharged(privacy) : 0);
    const { attempt, outcome } = await settledAttempt(tools, state, round, begin);
    if (outcome.kind === "refused") return ending(outcome.reason);
    const attempts = charged - first + attempt + 1 - begin;
    const settled = { round, attempt, attempts, outcome };
    const released = await evaluatedRound(tools, engine, heldOut, settled);
    state = released.state;
    yield released;
  }
  return ending("done");
}

/** Of round 0, that ask for bounds and statistics. */
function attemptsBefore({ sealed, ledger }: RoundTools): number {
  return ledger.charged("bounds") + (sealed.plan.privacy.counts.statistics ? 1 : 0);
}

type Outcome<Kind extends RoundOutcome["kind"]> = Extract<RoundOutcome, { readonly kind: Kind }>;

interface ReleasedAttempt {
  readonly round: number;
  /** Its number. */
  readonly attempt: number;
  /** At the round, this one too. */
  readonly attempts: number;
  readonly outcome: Outcome<"released">;
}

/** One attempt after another, from number `begin` on, to the first that is released, or that is not allowed. */
async function settledAttempt(
  tools: RoundTools,
  state: ModelState,
  round: number,
  begin: number,
): Promise<{ readonly attempt: number; readonly outcome: Outcome<"released" | "refused"> }> {
  for (let attempt = begin; ; attempt++) {
    const outcome = await serverRound(tools, state, round, attempt);
    if (outcome.kind === "released" || outcome.kind === "refused") return { attempt, outcome };
    await betweenAttempts(tools, outcome, attempt + 1 - begin);
  }
}

/** What the released model is worth: on the held-out examples, and by the clients' own counts where the plan asks. */
async function evaluatedRound(
  tools: RoundTools,
  engine: Engine,
  heldOut: Examples,
  { round, attempt, attempts, outcome }: ReleasedAttempt,
): Promise<Released> {
  const { privacy, contract } = tools.sealed.plan;
  const { state, modelHash, averagedHash, clipping } = outcome;
  // Of what the run would hand out, should this be its last round.
  const handed = outputModel(state);
  if (!handed.every(Number.isFinite)) throw diverged(round, "a model that is not finite");
  const lap = attemptTimer(tools.observe, { task: "train", round, attempt });
  const evaluation = isEvaluatedRound(round, privacy.rounds)
    ? await evaluate(engine, handed, heldOut, contract.target)
    : null;
  if (evaluation) lap("evaluate");
  const { loss = null, accuracy = null, errors } = evaluation ?? {};
  if (loss !== null && !Number.isFinite(loss)) throw diverged(round, `a loss of ${loss}`);
  const lost = tools.tellsLosses && outcome.lost > 0 ? outcome.lost : undefined;
  const counted = isEvaluated(privacy, round)
    ? await countRound(tools, "evaluation", { ...state, parameters: handed }, round, attempt + 1)
    : undefined;
  const released = counted?.kind === "released" ? counted : undefined;
  const federated = released && rightness(released.counts);
  const spent = { epsilon: tools.ledger.spent, rawEpsilon: spentOfRaw(tools) };
  const held = { loss, accuracy, ...(errors && { errors }) };
  const figures = { round, attempts, lost, ...held, federated, ...spent, clipping };
  return { state, trace: { ...figures, modelHash, averagedHash }, answers: released?.answers };
}

/** undefined where the raw table costs what its recoding does. */
function spentOfRaw({ sealed, ledger }: RoundTools): RoundTrace["rawEpsilon"] {
  const { privacy } = sealed.plan;
  return privacy.rawFactor === 1 ? undefined : rawSpent(privacy, ledger.chargedEvents);
}

function rightness(counts: Int32Array): { readonly right: number; readonly wrong: number } {
  return { right: counts[0] ?? 0, wrong: counts[1] ?? 0 };
}

/** How often a run of so many rounds is evaluated on held-out rows: at most a hundred times. */
export function roundsBetweenEvaluations(rounds: number): number {
  return Math.ceil(rounds / MOST_EVALUATIONS);
}

function isEvaluatedRound(round: number, rounds: number): boolean {
  return (round + 1) % roundsBetweenEvaluations(rounds) === 0 || round + 1 === rounds;
}

function diverged(round: number, got: string): ScenarioError {
  return new ScenarioError({
    what: "training.diverged",
    where: `round ${round + 1}`,
    got,
    expected: "a finite loss",
    fix: "Lower training.learningRate. The round stays charged; the model before it stands.",
  });
}
