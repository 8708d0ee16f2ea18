/** The coordinator: rounds until they are done, the budget is spent, or too few clients are left. */
import type { Engine, Examples } from "../shared/engine/engine.ts";
import { ScenarioError } from "../shared/errors.ts";
import { isEvaluated } from "../shared/privacy-counts.ts";
import type { RoundTrace } from "../shared/trace.ts";
import { countRound } from "./count-round.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import type { ModelState } from "./release.ts";
import type { RoundTools } from "./run-attempt.ts";
import { serverRound } from "./server-round.ts";

/** Attempts of one round before the run gives it up. */
const MAX_ATTEMPTS = 3;

export interface Released {
  readonly trace: RoundTrace;
  /** Of the released model, on the held-out rows. */
  readonly evaluation: Evaluation;
  readonly state: ModelState;
}

/** Why no round follows. All are ordinary ends: what was released stays released. */
export interface Ending {
  readonly reason: "done" | "budget" | "cohort";
  /** Begun and charged, released or not. */
  readonly attempts: number;
}

/**
 * Runs the plan's rounds and yields each released model with its held-out figures.
 *
 * @throws ScenarioError `training.diverged` when a round's loss is no number; that round stays
 *   charged
 */
export async function* coordinate(
  tools: RoundTools,
  engine: Engine,
  heldOut: Examples,
  start: ModelState,
): AsyncGenerator<Released, Ending> {
  const { privacy } = tools.sealed.plan;
  const { rounds } = privacy;
  let state = start;
  let charged = 0;
  for (let round = 0; round < rounds; round++) {
    // Where statistics were asked for, that was attempt 0 of round 0.
    const first = round === 0 && privacy.counts.statistics ? 1 : 0;
    let attempt = first;
    for (;;) {
      const outcome = await serverRound(tools, state, round, attempt);
      if (outcome.kind === "refused") return { reason: outcome.reason, attempts: charged };
      charged += 1;
      attempt += 1;
      if (outcome.kind === "released") {
        const evaluation = evaluate(engine, outcome.state.parameters, heldOut);
        const { loss, accuracy } = evaluation;
        if (!Number.isFinite(loss)) throw diverged(round, loss);
        state = outcome.state;
        const { modelHash, clipping } = outcome;
        const attempts = attempt - first;
        const counted = isEvaluated(privacy, round)
          ? await countRound(tools, "evaluation", state, round, attempt)
          : undefined;
        if (counted && counted.kind !== "refused") charged += 1;
        const federated = counted?.kind === "released" ? rightness(counted.counts) : undefined;
        const epsilon = tools.ledger.spent;
        const trace = { round, attempts, loss, accuracy, federated, epsilon, clipping, modelHash };
        yield { state, evaluation, trace };
        break;
      }
      if (attempt - first >= MAX_ATTEMPTS) return { reason: "cohort", attempts: charged };
    }
  }
  return { reason: "done", attempts: charged };
}

function rightness(counts: Int32Array): { readonly right: number; readonly wrong: number } {
  return { right: counts[0] ?? 0, wrong: counts[1] ?? 0 };
}

function diverged(round: number, loss: number): ScenarioError {
  return new ScenarioError({
    what: "training.diverged",
    where: `round ${round + 1}`,
    got: `a loss of ${loss}`,
    expected: "a finite loss",
    fix: "Lower training.learningRate. The round stays charged; the model before it stands.",
  });
}
