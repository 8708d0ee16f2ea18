/** One attempt at a round, its stages in order: sample → charge → broadcast → gather → release. */
import { initialParameters, parametersHash } from "../shared/model.ts";
import { fillRoundedGaussian } from "../shared/noise.ts";
import type { Plan, SealedPlan, Training } from "../shared/plan.ts";
import { type PrivacyPlan, scaleAt } from "../shared/privacy-plan.ts";
import { type RandomRoot, seededRoot, stream } from "../shared/random.ts";
import { type ClipStep, stepClipNorm } from "./adapt-clip.ts";
import { type ModelState, release } from "./release.ts";
import { type Gathered, type RoundTools, runAttempt } from "./run-attempt.ts";

export type RoundOutcome =
  | {
      readonly kind: "released";
      readonly state: ModelState;
      readonly modelHash: string;
      /** Where the clip norm adapts. */
      readonly clipping?: ClipStep | undefined;
    }
  | Exclude<Gathered, { readonly kind: "gathered" }>;

export async function serverRound(
  tools: RoundTools,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<RoundOutcome> {
  const { sealed, registry, ledger, root } = tools;
  const { privacy: plan } = sealed.plan;
  const outcome = await runAttempt(tools, "train", state, round, attempt);
  if (outcome.kind !== "gathered") return outcome;
  const { gathering } = outcome;

  const noised = addNoise(gathering.sum, plan, root, round, attempt);
  const { next, clipping } = stepModel(sealed.plan, state, round, noised);
  const modelHash = parametersHash(next.parameters);
  ledger.release(round, attempt, modelHash, clipping?.bits);
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
