/** Training algorithms: whose contribution each one clips, and which of training's keys each one takes. */
import type { PlannedAdjacency, Sampler, Unit } from "../accounting/mechanisms/event.ts";
import type { Trust } from "../privacy/trust.ts";

export const ALGORITHMS = ["dpSgd", "fedSgd", "fedAvg", "fedProx", "scaffold"] as const;
type CoreAlgorithm = (typeof ALGORITHMS)[number];
/** One that a program gives to a run in its own process (client/algorithms/outside.ts), by its name. */
export type OutsideAlgorithmName = `outside/${string}`;
export type Algorithm = CoreAlgorithm | OutsideAlgorithmName;

export const OUTSIDE = /^outside\/[a-z0-9-]{1,64}$/;

export function isOutside(algorithm: string): algorithm is OutsideAlgorithmName {
  return OUTSIDE.test(algorithm);
}

/** @returns undefined for a text that names none */
export function algorithmOf(text: string): Algorithm | undefined {
  return isOutside(text) ? text : ALGORITHMS.find((algorithm) => algorithm === text);
}

const OF_CLIENTS = ALGORITHMS.filter((algorithm) => unitOf(algorithm) === "client").join(", ");

/** What is clipped is the unit: each record's gradient, or all that a client sends. */
function unitOf(algorithm: Algorithm): Unit {
  return algorithm === "dpSgd" ? "record" : "client";
}

/**
 * True where a client takes steps of its own and sends what they moved: `learningRate` is then that
 * of its steps, and the coordinator's step has a rate of its own.
 */
export function stepsLocally(algorithm: Algorithm): boolean {
  const local = algorithm === "fedAvg" || algorithm === "fedProx" || algorithm === "scaffold";
  return local || isOutside(algorithm);
}

/**
 * Entries of what is broadcast, and of what a client sends of it: the model's; under SCAFFOLD as many
 * of its control more.
 */
export function vectorLength(algorithm: Algorithm, parameters: number): number {
  return algorithm === "scaffold" ? 2 * parameters : parameters;
}

/** What of a scenario's or a plan's training the rules below look at; null and absent are alike but for the rate. */
export interface TrainingKeys {
  readonly algorithm: Algorithm;
  readonly localEpochs: number;
  readonly batchSize?: number | null | undefined;
  readonly proximal?: number | null | undefined;
  /** Absent: its default; null: none. */
  readonly serverLearningRate?: number | null | undefined;
  readonly localSteps: number;
}

/** key, got, expected, fix. */
type Fault = readonly [key: string, got: unknown, expected: string, fix: string];

interface PrivacyKeys {
  readonly unit: Unit;
  readonly trust: Trust;
  readonly adjacency: PlannedAdjacency;
  readonly sampling: { readonly kind: Sampler["kind"] };
}

/** The first key that does not fit the algorithm, whoever wrote it; undefined: all fit. */
export function trainingFault(training: TrainingKeys, privacy: PrivacyKeys): Fault | undefined {
  const { algorithm } = training;
  const { unit, trust } = privacy;
  if (unitOf(algorithm) !== unit) {
    const due = unit === "record" ? "dpSgd" : OF_CLIENTS;
    return [
      "algorithm",
      algorithm,
      `${due} with privacy.unit ${unit}: what is clipped is the unit`,
      `Take training.algorithm: ${unit === "record" ? due : "fedAvg"}, or the other unit.`,
    ];
  }
  return localFault(training) ?? stepsFault(training, trust) ?? stateFault(training, privacy);
}

/**
 * What a SCAFFOLD client sends depends on the rounds it was in before. Its own coins alone decide that
 * under Poisson sampling: given all others', each round is still a bounded vector that is there with
 * the sampling rate, whatever came before, and amplification holds by joint convexity. In samples of a
 * fixed size one client's place is another's, and no theorem at hand amplifies that. Nobody can check that an
 * algorithm from outside remembers none, so it is refused there too.
 */
function stateFault(
  { algorithm }: TrainingKeys,
  { sampling, adjacency }: PrivacyKeys,
): Fault | undefined {
  const amplified = sampling.kind === "fixedSize" && adjacency === "replaceOne";
  if (!(algorithm === "scaffold" || isOutside(algorithm)) || !amplified) return undefined;
  return [
    "sampling",
    "fixedSize under replaceOne",
    `another with ${algorithm}: no theorem amplifies it for clients that remember rounds`,
    "Take poisson or full, or adjacency zeroOut.",
  ];
}

function localFault(training: TrainingKeys): Fault | undefined {
  const { algorithm, localEpochs, batchSize, proximal, serverLearningRate } = training;
  const local = stepsLocally(algorithm);
  const fix = "Remove it, or take unit client and fedAvg.";
  const why =
    algorithm === "dpSgd"
      ? "none with dpSgd, whose clients send one clipped sum a round"
      : "none with fedSgd, whose clients send one gradient over all their rows";
  if (!local && localEpochs !== 1) return ["localEpochs", localEpochs, why, fix];
  if (!local && (batchSize ?? null) !== null) return ["batchSize", batchSize, why, fix];
  if ((algorithm === "fedProx") !== ((proximal ?? null) !== null))
    return [
      "proximal",
      proximal ?? "nothing",
      "a number ≥ 0 with fedProx, none otherwise",
      "Add it, or remove it.",
    ];
  if (local ? serverLearningRate !== null : (serverLearningRate ?? null) === null) return undefined;
  return [
    "serverLearningRate",
    serverLearningRate,
    "one with fedAvg, fedProx and scaffold; elsewhere learningRate is the coordinator's",
    "Set learningRate instead.",
  ];
}

/**
 * Steps that a client takes along its own noised sums need each sum's noise whole, so that all it
 * does with them is post-processing.
 */
function stepsFault({ algorithm, localSteps }: TrainingKeys, trust: Trust): Fault | undefined {
  if (localSteps === 1 || (algorithm === "dpSgd" && trust === "local")) return undefined;
  return [
    "localSteps",
    localSteps,
    `1 with ${algorithm} and trust ${trust}: more are noised one by one, which dpSgd under local does`,
    "Remove it, or take unit record and trust local.",
  ];
}
