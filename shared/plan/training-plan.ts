/** How a plan's clients train, and how its coordinator steps. */
import { z } from "zod";
import type { EngineKind } from "../engine/core/engine.ts";
import { algorithmSchema, RANGES, type Scenario } from "../scenario/schema.ts";
import { type RobustAggregation, robustAggregationSchema } from "../training/aggregation.ts";
import { type Algorithm, stepsLocally } from "../training/algorithms.ts";
import { learningRates } from "../training/learning-rates.ts";
import {
  type Averaging,
  averagingSchema,
  type OptimizerSpec,
  optimizerSchema,
} from "../training/optimizer-spec.ts";

export interface Training {
  readonly algorithm: Algorithm;
  /** One a round: of the clients' own steps where they take some, else of the coordinator's. */
  readonly learningRates: readonly number[];
  /** Of the coordinator's step where `learningRates` are the clients'; else null. */
  readonly serverLearningRate: number | null;
  /** Of the coordinator's step. */
  readonly optimizer: OptimizerSpec;
  /** Of the released models, which is then what the run hands out; null: the last one. */
  readonly averaging: Averaging | null;
  /** Passes over its own rows that a client makes in a round, and rows to a step; null: all. */
  readonly localEpochs: number;
  readonly batchSize: number | null;
  /** FedProx: how hard a client is drawn back to the broadcast model; else null. */
  readonly proximal: number | null;
  /** Absent: updates are added up. */
  readonly aggregation?: RobustAggregation | undefined;
  /** What every host computes with; a host that cannot refuses. */
  readonly engine: EngineKind;
}

export const trainingSchema = z.strictObject({
  algorithm: algorithmSchema,
  learningRates: z.array(z.number().positive()),
  serverLearningRate: z.number().positive().nullable(),
  optimizer: optimizerSchema,
  averaging: averagingSchema.nullable(),
  localEpochs: RANGES.localEpochs,
  batchSize: RANGES.count.nullable(),
  proximal: RANGES.proximal.nullable(),
  // A plan that adds up does not say so: its hash is that of plans before there was a choice.
  aggregation: robustAggregationSchema.optional(),
  engine: z.enum(["fused", "tfjsNode", "tfjsWasm", "tfjsCpu"]),
});

/** @throws ScenarioError where a schedule leaves the numbers there are */
export function trainingOf({ training }: Pick<Scenario, "training">, engine: EngineKind): Training {
  const { algorithm, momentum = 0 } = training;
  return {
    algorithm,
    learningRates: learningRates(training.learningRate, training.rounds),
    serverLearningRate: stepsLocally(algorithm) ? (training.serverLearningRate ?? 1) : null,
    optimizer:
      training.serverOptimizer ??
      (momentum === 0 ? { kind: "sgd" } : { kind: "momentum", momentum }),
    averaging: training.averaging ?? null,
    localEpochs: training.localEpochs,
    batchSize: training.batchSize ?? null,
    proximal: training.proximal ?? null,
    ...(training.aggregation.kind !== "sum" && { aggregation: training.aggregation }),
    engine,
  };
}
