/**
 * What a scenario file may say, key by key, with the default of each (design of the file: README,
 * "A scenario"). Checks that need two keys at once stand in `scenario-check.ts`.
 */
import { z } from "zod";
import { ACCOUNTANTS, PLANNED_ADJACENCIES, UNITS } from "../accounting/event.ts";
import { TRUSTS } from "../privacy-terms.ts";
import { dataSchema, type ScenarioSource } from "./data-schema.ts";
import { count, formula, identifier, interval, positive } from "./scenario-values.ts";

const fileName = z.string().regex(/^[a-z0-9-]{1,64}$/, "1 to 64 of a-z, 0-9 and -");

/** Ranges that hold in a scenario, and in a plan, whoever sends it. */
export const RANGES = {
  /** People, rows, clients' units. */
  count,
  rounds: z.number().int().min(1).max(1_000_000),
  spareAttempts: z.number().int().min(0).max(1_000),
  clients: z.number().int().min(1).max(16_384),
  localEpochs: z.number().int().min(1).max(1_000),
  width: z.number().int().min(1).max(65_536),
  /** Outside, float32 gradients and their clipped parts would leave its range. */
  clipNorm: z.number().min(1e-12).max(1e12),
  /** Far above 2^-53, to which a coin is exact. */
  rate: z.number().min(1e-5).max(1),
  bitNoise: positive.max(1_000_000),
  clipLearningRate: positive.max(10),
  /** Of each client on each of its counts, per record. */
  countNoise: z.number().min(0.1).max(1_000_000),
  bins: z.number().int().min(2).max(10_000),
} as const;
const feature = z.strictObject({
  formula,
  bounds: interval.optional(),
  scale: z.enum(["linear", "log"]).default("linear"),
});

const model = z.strictObject({
  kind: z.enum(["logistic", "mlp"]).default("logistic"),
  hidden: z.array(RANGES.width).length(1).optional(),
  activation: z.enum(["tanh", "relu", "sigmoid"]).default("tanh"),
});

const training = z.strictObject({
  algorithm: z.enum(["dpSgd", "fedAvg"]).default("dpSgd"),
  rounds: RANGES.rounds.default(10),
  learningRate: z.union([positive, z.array(positive).min(1)]).default(1),
  momentum: z.number().min(0).lt(1).default(0),
  localEpochs: RANGES.localEpochs.default(1),
  batchSize: count.optional(),
  clipNorm: RANGES.clipNorm.default(1),
  clipping: z.enum(["flat", "perLayer"]).default("flat"),
  adaptiveClipping: z
    .strictObject({
      quantile: z.number().gt(0).lt(1).default(0.5),
      learningRate: RANGES.clipLearningRate.default(0.2),
      bounds: z
        .tuple([RANGES.clipNorm, RANGES.clipNorm])
        .refine(([low, high]) => low < high, "two numbers, the first below the second"),
      bitNoise: RANGES.bitNoise,
    })
    .optional(),
  sampling: z
    .strictObject({
      kind: z.enum(["full", "poisson", "fixedSize"]),
      rate: RANGES.rate.optional(),
      size: count.optional(),
    })
    .prefault({ kind: "full" }),
  engine: z.enum(["auto", "fused", "tfjsNode", "tfjsWasm", "tfjsCpu"]).default("auto"),
});

const privacy = z.strictObject({
  unit: z.enum(UNITS).default("record"),
  trust: z.enum(TRUSTS).default("central"),
  epsilon: positive.optional(),
  noiseMultiplier: positive.optional(),
  delta: z.number().gt(0).lt(1),
  population: count,
  accountant: z.enum(["auto", ...ACCOUNTANTS]).default("auto"),
  adjacency: z.enum(PLANNED_ADJACENCIES).default("zeroOut"),
  noise: z.enum(["secure", "seeded"]).optional(),
  spareAttempts: RANGES.spareAttempts.default(0),
});

const clients = z.strictObject({
  count: RANGES.clients,
  minCohort: count.optional(),
  faults: z
    .array(z.unknown())
    .max(0, "an empty list: scripted faults are not yet built")
    .default([]),
});

const statistics = z.strictObject({
  noiseMultiplier: RANGES.countNoise,
  classCounts: z.boolean().default(false),
  /** Bins of each feature's histogram. */
  quantiles: z.record(identifier, RANGES.bins).default({}),
});
const evaluation = z.strictObject({
  federated: z.strictObject({ noiseMultiplier: RANGES.countNoise, every: count.default(1) }),
});

export const scenarioSchema = z.strictObject({
  format: z.literal(1),
  name: fileName,
  seed: z.number().int().min(0).max(4_294_967_295).default(1),
  data: dataSchema,
  features: z
    .record(identifier, feature)
    .refine((features) => Object.keys(features).length > 0, "at least one feature"),
  model: model.prefault({}),
  training: training.prefault({}),
  privacy,
  statistics: statistics.optional(),
  evaluation: evaluation.optional(),
  clients,
  predict: z.strictObject({ row: z.record(z.string(), z.unknown()) }).optional(),
});

/** A valid scenario with every default filled in. */
export type Scenario = z.infer<typeof scenarioSchema>;

/** Clients of which fewer standing abort an attempt; four fifths of all unless the file says. */
export function minCohort({ clients }: Scenario): number {
  return clients.minCohort ?? Math.ceil(0.8 * clients.count);
}

/** True where rows may be counted and shown: nobody's privacy hangs on them. */
export function isPublicData({ data }: Scenario): boolean {
  return isPublicSource(data.source);
}

/** The same of a source alone. */
export function isPublicSource(source: ScenarioSource): boolean {
  return source.generator !== undefined || source.public;
}

/**
 * Keys and values of the scenario format that are planned, each with the values that wait (none:
 * the key itself waits). Named as such, so that nobody takes them for ignored. `*` is any name.
 */
export const NOT_YET: readonly (readonly [path: string, values?: readonly unknown[]])[] = [
  ["model.kind", ["softmax", "cnn"]],
  ["model.file"],
  ["model.init"],
  ["training.algorithm", ["fedSgd", "fedProx", "scaffold"]],
  ["training.serverOptimizer"],
  ["privacy.trust", ["distributed"]],
  ["privacy.colluders"],
];
