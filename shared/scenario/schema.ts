/**
 * What a scenario file may say, key by key, with the default of each (design of the file: README,
 * "A scenario"). Checks that need two keys at once stand in `check.ts`.
 */
import { z } from "zod";
import {
  ACCOUNTANTS,
  MOST_ROWS,
  PLANNED_ADJACENCIES,
  UNITS,
} from "../accounting/mechanisms/event.ts";
import { trainedOnSchema } from "../accounting/model-past.ts";
import { ACTIVATIONS } from "../model/model-spec.ts";
import { TRUSTS } from "../privacy/trust.ts";
import { aggregationSchema } from "../training/aggregation.ts";
import { ALGORITHMS, type Algorithm, algorithmOf } from "../training/algorithms.ts";
import { scheduleSchema } from "../training/learning-rates.ts";
import { averagingSchema, scenarioOptimizerSchema } from "../training/optimizer-spec.ts";
import { dataSchema, type ScenarioSource } from "./data-schema.ts";
import { faultSchema } from "./fault-schema.ts";
import { sweepSchema } from "./sweep-schema.ts";
import { count, formula, identifier, interval, positive } from "./values.ts";

const fileName = z.string().regex(/^[a-z0-9-]{1,64}$/, "1 to 64 of a-z, 0-9 and -");

/** Ranges that hold in a scenario, and in a plan, whoever sends it. */
export const RANGES = {
  /** People, rows, clients' units. */
  count,
  rounds: z.number().int().min(1).max(1_000_000),
  spareAttempts: z.number().int().min(0).max(1_000),
  clients: z.number().int().min(1).max(16_384),
  localEpochs: z.number().int().min(1).max(1_000),
  localSteps: z.number().int().min(1).max(1_000),
  proximal: z.number().min(0).max(1e6),
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
  roundSeconds: z.number().min(1).max(86_400),
  boundsShare: z.number().min(0.01).max(0.9),
} as const;
const BOUNDS = "[low, high], heldOut or private";

/** A formula over what is kept of a person; or an image, its pixels or its scattering coefficients. */
const feature = z.strictObject({
  formula: formula.optional(),
  /** heldOut: read off the held-out rows, which are public. private: of the clients' own rows, noised and charged. */
  bounds: z.union([interval, z.enum(["heldOut", "private"])], BOUNDS).optional(),
  scale: z.enum(["linear", "log"]).default("linear"),
  image: identifier.optional(),
  /** Of pixels over 255: public constants. */
  mean: z.number().min(-1e6).max(1e6).optional(),
  stddev: z.number().min(1e-6).max(1e6).optional(),
  scatter: z
    .strictObject({
      pad: z.number().int().min(0).max(16).default(2),
      /** A file of each channel's public mean and standard deviation; or groups of channels. */
      channels: z.string().min(1).optional(),
      groups: z.number().int().min(1).max(81).optional(),
      pool: z.literal(3).optional(),
    })
    .optional(),
});

/** A number for height and width alike. */
const extent = z
  .union(
    [RANGES.width, z.tuple([RANGES.width, RANGES.width])],
    "a whole number from 1 to 65,536, or two: [height, width]",
  )
  .transform((both) => (typeof both === "number" ? ([both, both] as const) : both));
const padding = z.enum(["same", "valid"]);
const activation = z.enum(ACTIVATIONS);

/** One layer of `kind: cnn`; the output layer follows by itself. */
const layer = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("dense"),
    units: RANGES.width,
    activation: activation.default("tanh"),
  }),
  z.strictObject({
    kind: z.literal("conv"),
    filters: RANGES.width,
    size: extent.prefault(3),
    stride: extent.prefault(1),
    padding: padding.default("same"),
    activation: activation.default("tanh"),
  }),
  z.strictObject({
    kind: z.literal("pool"),
    pooling: z.enum(["max", "average"]).default("max"),
    size: extent.prefault(2),
    stride: extent.optional(),
    padding: padding.default("valid"),
  }),
  z.strictObject({
    kind: z.literal("groupNorm"),
    groups: RANGES.width,
    epsilon: z.number().positive().max(1).default(1e-3),
  }),
  z.strictObject({ kind: z.literal("activation"), activation }),
]);

const KINDS = ["logistic", "softmax", "linear", "mlp", "cnn"] as const;
/** Keys that say how a model is made, where no file brings one. */
const MADE = ["hidden", "layers", "activation", "init"] as const;

const model = z
  .strictObject({
    kind: z.enum([...KINDS, "file"]).optional(),
    file: z.string().min(1).max(1_000).optional(),
    /** Of weights without provenance: that no private row is in them, in its author's words. */
    trainedOn: trainedOnSchema.optional(),
    hidden: z.array(RANGES.width).min(1).max(50).optional(),
    layers: z.array(layer).min(1).max(50).optional(),
    activation: z.enum(["tanh", "relu", "sigmoid"]).optional(),
    /** The last two of a target that is a number: the first of them unless the file says. */
    loss: z
      .enum(["crossEntropy", "meanSquaredError", "squaredError", "huber"])
      .default("crossEntropy"),
    init: z.enum(["zeros", "glorotUniform", "heNormal"]).optional(),
  })
  .transform(({ kind, file, trainedOn, ...made }, { addIssue }) => {
    const refuse = (key: string, message: string) => {
      addIssue({ code: "custom", path: [key], message });
      return z.NEVER;
    };
    if (file !== undefined) {
      if (kind !== undefined && kind !== "file")
        return refuse("kind", "none, or file, with a file");
      const stray = MADE.find((key) => made[key] !== undefined);
      if (stray) return refuse(stray, "none with model.file, which says it");
      const declared = trainedOn === undefined ? {} : { trainedOn };
      return { kind: "file" as const, file, ...declared, loss: made.loss };
    }
    if (trainedOn !== undefined) return refuse("trainedOn", "none without model.file");
    if (kind === "file") return refuse("file", "the path of a model.json with kind: file");
    const { activation = "tanh", ...others } = made;
    const given = made.layers ? "cnn" : made.hidden ? "mlp" : "logistic";
    return { kind: kind ?? given, activation, ...others };
  });

/** One of ours, or `outside/NAME`, which a program must bring along: whoever runs it checks that (`sealScenario`). */
export const algorithmSchema = z.unknown().transform((input, { issues }): Algorithm => {
  const algorithm = typeof input === "string" ? algorithmOf(input) : undefined;
  if (algorithm !== undefined) return algorithm;
  issues.push({ code: "invalid_value", values: [...ALGORITHMS], input });
  return z.NEVER;
});

const training = z.strictObject({
  algorithm: algorithmSchema.default("dpSgd"),
  rounds: RANGES.rounds.default(10),
  learningRate: z
    .union(
      [positive, z.array(positive).min(1), scheduleSchema],
      "a number > 0, a list, or a schedule with its numbers",
    )
    .default(1),
  /** Of the coordinator's step, where learningRate is the clients'. */
  serverLearningRate: positive.optional(),
  /** Short for serverOptimizer: { kind: momentum, momentum: … }. */
  momentum: z.number().min(0).lt(1).optional(),
  serverOptimizer: scenarioOptimizerSchema.optional(),
  averaging: averagingSchema.optional(),
  localEpochs: RANGES.localEpochs.default(1),
  batchSize: count.optional(),
  proximal: RANGES.proximal.optional(),
  /** Noised steps that a client takes by itself between two exchanges. */
  localSteps: RANGES.localSteps.default(1),
  /** How clients' updates become one. */
  aggregation: aggregationSchema.default({ kind: "sum" }),
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
  /** `training: auto`, in full; what it stands for is in the plan (plan/auto-training.ts). */
  auto: z.literal(true).optional(),
});

const privacy = z.strictObject({
  unit: z.enum(UNITS).default("record"),
  trust: z.enum(TRUSTS).default("central"),
  epsilon: positive.optional(),
  noiseMultiplier: positive.optional(),
  delta: z.number().gt(0).lt(1),
  population: count,
  /** Units are persons, whose rows data.source.person names: of each a client keeps at most so many. */
  rowsPerPerson: z.number().int().min(1).max(MOST_ROWS).optional(),
  accountant: z.enum(["auto", ...ACCOUNTANTS]).default("auto"),
  adjacency: z.enum(PLANNED_ADJACENCIES).default("zeroOut"),
  noise: z.enum(["secure", "seeded"]).optional(),
  spareAttempts: RANGES.spareAttempts.default(0),
  /** Of features with bounds: private: their share of μ², a fifth unless the file says. */
  bounds: z.strictObject({ share: RANGES.boundsShare.default(0.2) }).optional(),
  /** Under trust distributed: survivors that may be dishonest; 1 unless the file says. */
  colluders: RANGES.clients.optional(),
  /** Under trust distributed: updates are rotated at random before they are rounded, so that more units fit into 32 bits. */
  rotation: z.boolean().optional(),
  /** Where clients are drawn in secret: a round lasts so long by the clock, whoever is in it. */
  roundSeconds: RANGES.roundSeconds.optional(),
});

const clients = z.strictObject({
  count: RANGES.clients,
  minCohort: count.optional(),
  /** Simulated: each client of a round's cohort is lost to it with that chance. */
  dropOut: z.number().min(0).lt(1).default(0),
  /** Simulated: that share of the clients of a round finishes no more than so many local epochs. */
  stragglers: z
    .strictObject({ share: z.number().gt(0).max(1), localEpochs: RANGES.localEpochs })
    .optional(),
  /** Simulated: who fails how, and when. */
  faults: z.array(faultSchema).max(1_000).default([]),
  /** How long a round waits for its last update. */
  deadlineSeconds: z.number().min(1).max(86_400).optional(),
});

const statistics = z.strictObject({
  noiseMultiplier: RANGES.countNoise,
  classCounts: z.boolean().default(false),
  /** Bins of each feature's histogram. */
  quantiles: z.record(identifier, RANGES.bins).default({}),
});
const evaluation = z.strictObject({
  federated: z
    .strictObject({ noiseMultiplier: RANGES.countNoise, every: count.default(1) })
    .optional(),
  /** Accuracy by client: from the federated counts where there are, else a simulation's own. */
  perClient: z.boolean().default(false),
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
  /** What murmur sweep varies; a single run takes no notice of it. */
  sweep: sweepSchema.optional(),
});

/** A valid scenario with every default filled in. */
export type Scenario = z.infer<typeof scenarioSchema>;

/** Clients of which fewer standing abort an attempt; four fifths of all unless the file says. */
export function minCohort({ clients }: Scenario): number {
  return clients.minCohort ?? Math.ceil(0.8 * clients.count);
}

/** Of which testRows is a share; undefined: no column names the persons, or the unit is no person. */
export function declaredPeople({ data: { source }, privacy }: Scenario): number | undefined {
  const { person, testRows, generator } = source;
  if (person === undefined || testRows === undefined || generator !== undefined) return undefined;
  return privacy.unit === "record" ? privacy.population + testRows : undefined;
}

/** True where rows may be counted and shown: nobody's privacy hangs on them. */
export function isPublicData({ data }: Scenario): boolean {
  return isPublicSource(data.source);
}

/** Seeded by itself only where nobody's privacy hangs on it. */
export function noiseOf(scenario: Scenario): "secure" | "seeded" {
  return scenario.privacy.noise ?? (isPublicData(scenario) ? "seeded" : "secure");
}

/** The same of a source alone. */
export function isPublicSource(source: ScenarioSource): boolean {
  return source.generator !== undefined || source.public;
}
