/** One attempt at a round, its stages in order: sample → charge → broadcast → gather → release. */
import type { Ledger } from "../shared/accounting/ledger.ts";
import { parametersHash } from "../shared/model.ts";
import { fillRoundedGaussian } from "../shared/noise.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { attemptEvents, type PrivacyPlan } from "../shared/privacy-plan.ts";
import { type RandomRoot, stream } from "../shared/random.ts";
import { Attempt } from "./attempt.ts";
import type { Registry } from "./registry.ts";
import { type Optimizer, release } from "./release.ts";
import { sampleCohort } from "./sample.ts";

/** The model between rounds, and the optimizer that moved it. */
export interface ModelState extends Optimizer {
  /** float32[parameters]. */
  readonly parameters: Float32Array;
}

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly registry: Pick<Registry, "present" | "gather" | "closeAttempt">;
  readonly ledger: Ledger;
  /** Of the coordinator's noise. */
  readonly root: RandomRoot;
}

export type RoundOutcome =
  | { readonly kind: "released"; readonly state: ModelState; readonly modelHash: string }
  /** Charged, and not released: too few updates came. */
  | { readonly kind: "aborted"; readonly survivors: number }
  /** Not even begun, and not charged. */
  | { readonly kind: "refused"; readonly reason: "cohort" | "budget" };

export async function serverRound(
  tools: RoundTools,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<RoundOutcome> {
  const { sealed, registry, ledger, root } = tools;
  const { privacy: plan, training } = sealed.plan;

  const cohort = sampleCohort(registry.present);
  if (cohort.length < plan.minCohort) return { kind: "refused", reason: "cohort" };
  const events = attemptEvents(plan);
  if (!ledger.affords(events)) return { kind: "refused", reason: "budget" };
  ledger.charge(round, attempt, events);

  const gathering = new Attempt(round, attempt, cohort, state.parameters.length);
  await registry.gather(gathering, cohort, state.parameters);
  const survivors = gathering.survivors.length;
  if (survivors < plan.minCohort) {
    ledger.abort(round, attempt, `${survivors} of at least ${plan.minCohort} updates came`);
    registry.closeAttempt(gathering, "below-minimum", ledger);
    return { kind: "aborted", survivors };
  }

  const noised = addNoise(gathering.sum, plan, root, round, attempt);
  const learningRate = training.learningRates[round] ?? 0;
  const next = release(noised, plan, state, learningRate, training.momentum);
  const modelHash = parametersHash(next.parameters);
  ledger.release(round, attempt, modelHash);
  registry.closeAttempt(gathering, "released", ledger);
  return { kind: "released", state: next, modelHash };
}

/** The sum as it may be released: under `central` the coordinator's noise is added here. */
function addNoise(
  sum: Int32Array,
  plan: PrivacyPlan,
  root: RandomRoot,
  round: number,
  attempt: number,
): Int32Array {
  if (plan.trust !== "central") return sum;
  const noise = new Int32Array(sum.length);
  fillRoundedGaussian(noise, plan.noiseStddev, stream(root, "centralNoise", round, attempt));
  return sum.map((steps, i) => steps + (noise[i] ?? 0));
}
