/** One attempt at a round, its stages in order: sample → charge → broadcast → gather → release. */
import type { Ledger } from "../shared/accounting/ledger.ts";
import { initialParameters, parametersHash } from "../shared/model.ts";
import { fillRoundedGaussian } from "../shared/noise.ts";
import type { Plan, SealedPlan, Training } from "../shared/plan.ts";
import { attemptEvents } from "../shared/privacy-events.ts";
import { type PrivacyPlan, scaleAt, updateLength } from "../shared/privacy-plan.ts";
import { type RandomRoot, seededRoot, stream } from "../shared/random.ts";
import { type ClipStep, stepClipNorm } from "./adapt-clip.ts";
import { Attempt } from "./attempt.ts";
import type { Registry } from "./registry.ts";
import { type Optimizer, release } from "./release.ts";
import { sampleCohort } from "./sample.ts";

/** The model between rounds, and the optimizer that moved it. */
export interface ModelState extends Optimizer {
  /** float32[parameters]. */
  readonly parameters: Float32Array;
  /** In force in the next round: what is sent, clipped to, scaled and noised by. */
  readonly clipNorm: number;
}

export interface RoundTools {
  readonly sealed: SealedPlan;
  readonly registry: Pick<Registry, "present" | "gather" | "closeAttempt">;
  readonly ledger: Ledger;
  /** Of the coordinator's noise. */
  readonly root: RandomRoot;
}

export type RoundOutcome =
  | {
      readonly kind: "released";
      readonly state: ModelState;
      readonly modelHash: string;
      /** Where the clip norm adapts. */
      readonly clipping?: ClipStep | undefined;
    }
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
  const { privacy: plan } = sealed.plan;

  if (registry.present.length < plan.minCohort) return { kind: "refused", reason: "cohort" };
  const events = attemptEvents(plan);
  if (!ledger.affords(events)) return { kind: "refused", reason: "budget" };
  ledger.charge(round, attempt, events);

  const cohort = new Set(sampleCohort(plan, stream(root, "cohort", round, attempt)));
  const asked = registry.present.filter((vclient) => cohort.has(vclient));
  const gathering = new Attempt(round, attempt, asked, updateLength(plan));
  await registry.gather(gathering, asked, state);
  const survivors = gathering.survivors.length;
  // A small sample is released like any other; too many lost ones are not.
  const standing = plan.clients - (cohort.size - survivors);
  if (standing < plan.minCohort) {
    ledger.abort(round, attempt, `${standing} of at least ${plan.minCohort} clients stood`);
    registry.closeAttempt(gathering, "below-minimum", ledger);
    return { kind: "aborted", survivors };
  }

  const noised = addNoise(gathering.sum, plan, root, round, attempt);
  const { next, clipping } = stepModel(sealed.plan, state, round, noised);
  const modelHash = parametersHash(next.parameters);
  ledger.release(round, attempt, modelHash);
  registry.closeAttempt(gathering, "released", ledger);
  return { kind: "released", state: next, modelHash, clipping };
}

/** The model before the first round. @param seed the scenario's: it tells nothing of rows or noise */
export function initialState({ plan, model }: SealedPlan, seed: number): ModelState {
  const parameters = initialParameters(model, stream(seededRoot(seed), "init"));
  const velocity = new Float64Array(model.parameters);
  return { parameters, velocity, clipNorm: plan.privacy.clipNorm };
}

/**
 * The coordinator's step: what follows from a released sum and nothing else.
 *
 * @param noised int32[updateLength], as it may be released
 */
export function stepModel(
  { privacy, training }: Pick<Plan, "privacy" | "training">,
  state: ModelState,
  round: number,
  noised: Int32Array,
): { readonly next: ModelState; readonly clipping: ClipStep | undefined } {
  const clipping = stepClipNorm(privacy, state.clipNorm, noised[privacy.parameters] ?? 0);
  const { expectedUnits } = privacy;
  const decoding = { scale: scaleAt(privacy, state.clipNorm), expectedUnits };
  const sum = noised.subarray(0, privacy.parameters);
  const stepped = release(sum, decoding, state, stepLength(training, round), training.momentum);
  return { next: { ...stepped, clipNorm: clipping?.next ?? state.clipNorm }, clipping };
}

/** Under fedAvg the clients have taken their steps; the coordinator's is their mean. */
function stepLength({ algorithm, learningRates }: Training, round: number): number {
  return algorithm === "fedAvg" ? 1 : (learningRates[round] ?? 0);
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
  const random = stream(root, "centralNoise", round, attempt);
  fillRoundedGaussian(noise.subarray(0, plan.parameters), plan.noiseStddev, random);
  if (plan.adaptiveClipping !== null)
    fillRoundedGaussian(noise.subarray(plan.parameters), plan.bitNoiseStddev, random);
  return sum.map((steps, i) => steps + (noise[i] ?? 0));
}
