/** One attempt at a round, and what is released of it: a sum in, the next model out. */
import { initialParameters } from "../../shared/model/initial-parameters.ts";
import { parametersHash } from "../../shared/model/model.ts";
import { type RandomRoot, seededRoot, stream } from "../../shared/noise/random.ts";
import { rotateBack } from "../../shared/noise/rotation.ts";
import { fillRoundedGaussian } from "../../shared/noise/rounded-gaussian.ts";
import type { Plan, SealedPlan } from "../../shared/plan/plan.ts";
import type { Training } from "../../shared/plan/training-plan.ts";
import { type PrivacyPlan, scaleAt } from "../../shared/privacy/plan.ts";
import { type Failed, type RoundTools, runAttempt } from "../attempts/run-attempt.ts";
import { optimizerOf } from "../optimizers/optimizer-of.ts";
import { type ClipStep, stepClipNorm } from "../step/adapt-clip.ts";
import { averageAfter } from "../step/averaging.ts";
import { type ModelState, outputModel, type ReleasedSum, release } from "../step/release.ts";
import { scaffoldStep } from "../step/scaffold-step.ts";

export type RoundOutcome =
  | {
      readonly kind: "released";
      readonly state: ModelState;
      readonly modelHash: string;
      /** Where released models are averaged, of what the run would hand out now. */
      readonly averagedHash?: string | undefined;
      /** Clients asked whose update did not come. */
      readonly lost: number;
      /** Where the clip norm adapts. */
      readonly clipping?: ClipStep | undefined;
    }
  | Failed;

export async function serverRound(
  tools: RoundTools,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<RoundOutcome> {
  const { sealed, ledger, root } = tools;
  return runAttempt(tools, "train", state, { round, attempt }, ({ sum, lost }) => {
    const noised = addNoise(sum, sealed.plan.privacy, root, round, attempt);
    const { next, clipping } = stepModel(sealed.plan, state, round, noised);
    const modelHash = parametersHash(next.parameters);
    const averagedHash = next.averaged === null ? undefined : parametersHash(outputModel(next));
    ledger.release(round, attempt, modelHash, clipping?.bits, averagedHash);
    return { kind: "released", state: next, modelHash, averagedHash, clipping, lost } as const;
  });
}

/**
 * The model before the first round.
 *
 * @param seed the scenario's: it tells nothing of rows or noise
 * @param given float32[parameters], where the plan's are those of a file
 * @throws RangeError unless they are those whose hash the plan has
 */
export function initialState(
  { plan, model }: SealedPlan,
  seed: number,
  given: Float32Array | null = null,
): ModelState {
  const parameters =
    model.init.kind === "given"
      ? ofPlan(given, model.init.sha256)
      : initialParameters(model, stream(seededRoot(seed), "init"));
  const { algorithm, optimizer } = plan.training;
  return {
    parameters,
    optimizer: optimizerOf(optimizer).start(model.parameters),
    control: algorithm === "scaffold" ? new Float32Array(model.parameters) : null,
    averaged: null,
    clipNorm: plan.privacy.clipNorm,
  };
}

function ofPlan(given: Float32Array | null, hash: string): Float32Array {
  if (given !== null && parametersHash(given) === hash) return given;
  throw new RangeError("the initial parameters are not the plan's");
}

/**
 * The coordinator's step: what follows from a released sum and nothing else.
 *
 * @param noised [updateLength] in lattice steps, as it may be released
 */
export function stepModel(
  { privacy, training }: Pick<Plan, "privacy" | "training">,
  state: ModelState,
  round: number,
  noised: ReleasedSum,
): { readonly next: ModelState; readonly clipping: ClipStep | undefined } {
  const clipping = stepClipNorm(privacy, state.clipNorm, noised[privacy.parameters] ?? 0);
  const { expectedUnits, population } = privacy;
  const scale = scaleAt(privacy, state.clipNorm);
  const { length } = state.parameters;
  const rate = stepLength(training, round);
  const optimizer = optimizerOf(training.optimizer);
  const sum = rotateBack(noised, privacy).subarray(0, length);
  const stepped = release(sum, { scale, expectedUnits }, state, rate, optimizer);
  const control =
    state.control &&
    scaffoldStep(state.control, noised.subarray(length, 2 * length), {
      scale,
      clients: population,
      learningRate: training.learningRates[round] ?? 0,
      localEpochs: training.localEpochs,
    });
  const averaged = averageAfter(training.averaging, state.averaged, round, stepped.parameters);
  const clipNorm = clipping?.next ?? state.clipNorm;
  return { next: { ...stepped, control, averaged, clipNorm }, clipping };
}

/** Where clients have taken steps of their own, the coordinator goes their mean way, once unless told. */
function stepLength({ serverLearningRate, learningRates }: Training, round: number): number {
  return serverLearningRate ?? learningRates[round] ?? 0;
}

/** The sum as it may be released: under `central` the coordinator's noise is added here, once. */
export function addNoise(
  sum: ReleasedSum,
  plan: Pick<PrivacyPlan, "trust" | "parameters" | "noiseStddev" | "bitNoiseStddev">,
  root: RandomRoot,
  round: number,
  attempt: number,
): ReleasedSum {
  if (plan.trust !== "central") return sum;
  const noise = new Int32Array(sum.length);
  const random = stream(root, "centralNoise", round, attempt);
  fillRoundedGaussian(noise.subarray(0, plan.parameters), plan.noiseStddev, random);
  // The bits, where the clip norm adapts.
  if (sum.length > plan.parameters)
    fillRoundedGaussian(noise.subarray(plan.parameters), plan.bitNoiseStddev, random);
  // A loop, and into what is there: `from` with a function costs more than all of the noise.
  for (let i = 0; i < noise.length; i++) noise[i] = (noise[i] ?? 0) + (sum[i] ?? 0);
  return noise;
}
