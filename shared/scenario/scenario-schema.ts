/**
 * What a scenario file may say, key by key, with the default of each (design of the file: README,
 * "A scenario"). Checks that need two keys at once stand in `scenario-check.ts`.
 */
import { z } from "zod";
import { ACCOUNTANTS, PLANNED_ADJACENCIES, UNITS } from "../accounting/event.ts";
import { TRUSTS } from "../privacy-terms.ts";

const identifier = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/, "a camelCase identifier");
const fileName = z.string().regex(/^[a-z0-9-]{1,64}$/, "1 to 64 of a-z, 0-9 and -");
const count = z.number().int().min(1).max(1_000_000_000);
const positive = z.number().positive();

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
const interval = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, "two numbers, the first below the second");
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD, midnight UTC");
const formula = z.string().min(1).max(1_000);

const source = z.strictObject({
  generator: z.enum(["purchases"]).optional(),
  file: z.string().min(1).optional(),
  rows: count.optional(),
  testRows: count.optional(),
  person: z.string().min(1).optional(),
  events: z
    .record(
      identifier,
      z.strictObject({
        time: z.string().min(1),
        fields: z.array(identifier).default([]),
        where: formula.optional(),
      }),
    )
    .optional(),
  where: formula.optional(),
  public: z.boolean().default(false),
});

const column = z.strictObject({
  from: z.string().min(1).optional(),
  role: z.enum(["directIdentifier", "quasiIdentifier", "target", "eventLog", "drop"]),
  type: z.enum(["integer", "number", "text"]).optional(),
  bounds: interval.optional(),
  bands: z.array(z.number()).min(1).max(1_000).optional(),
  hierarchy: z.union([z.string(), z.record(z.string(), z.array(z.string()).min(1))]).optional(),
  level: z.union([z.string(), z.number().int().min(0)]).optional(),
  unseen: z.literal("other").optional(),
  normalise: z.array(z.enum(["nfc", "trim", "collapseSpaces", "caseFold"])).optional(),
  take: z.literal("first").optional(),
  time: identifier.optional(),
  cutOff: day.optional(),
  maxAgeDays: count.optional(),
  maxEvents: count.optional(),
  amount: z.strictObject({ clip: interval, round: positive.optional() }).optional(),
});

const target = z.strictObject({
  name: identifier,
  event: identifier.optional(),
  within: count.optional(),
  column: identifier.optional(),
  positive: z.union([z.string(), z.number()]).optional(),
});

const partition = z.strictObject({
  kind: z.enum(["iid", "dirichlet", "byColumn"]),
  alpha: positive.optional(),
  column: identifier.optional(),
});

const anonymity = z.strictObject({
  mode: z.literal("report").default("report"),
  k: z.number().int().min(2).default(5),
  sensitive: z.array(identifier).default([]),
});

const data = z.strictObject({
  source,
  columns: z.record(identifier, column),
  target,
  partition: partition.prefault({ kind: "iid" }),
  anonymity: anonymity.prefault({}),
});

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
  data,
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
export type ScenarioColumn = z.infer<typeof column>;

/** Clients of which fewer standing abort an attempt; four fifths of all unless the file says. */
export function minCohort({ clients }: Scenario): number {
  return clients.minCohort ?? Math.ceil(0.8 * clients.count);
}

/** True where rows may be counted and shown: nobody's privacy hangs on them. */
export function isPublicData({ data }: Scenario): boolean {
  return isPublicSource(data.source);
}

/** The same of a source alone. */
export function isPublicSource(source: Scenario["data"]["source"]): boolean {
  return source.generator !== undefined || source.public;
}

/** Which keys each role of a column may have beside `from` and `role`, and which it must have. */
export const ROLE_KEYS: Record<
  ScenarioColumn["role"],
  { readonly may: readonly string[]; readonly must: readonly string[] }
> = {
  directIdentifier: { may: [], must: [] },
  drop: { may: [], must: [] },
  quasiIdentifier: {
    may: ["type", "bounds", "bands", "hierarchy", "level", "unseen", "normalise", "take"],
    must: [],
  },
  target: { may: ["type"], must: [] },
  eventLog: {
    may: ["time", "cutOff", "maxAgeDays", "maxEvents", "amount"],
    must: ["time", "cutOff", "maxAgeDays", "maxEvents"],
  },
};

/**
 * Keys and values of the scenario format that are planned, each with the values that wait (none:
 * the key itself waits). Named as such, so that nobody takes them for ignored. `*` is any name.
 */
export const NOT_YET: readonly (readonly [path: string, values?: readonly unknown[]])[] = [
  ["data.source.testFile"],
  ["data.source.header"],
  ["data.source.missing"],
  ["data.columns.*.role", ["sensitive", "insensitive"]],
  ["data.columns.*.type", ["date"]],
  ["data.columns.*.vocabulary"],
  ["data.columns.*.missing"],
  ["data.columns.*.truncateDays"],
  ["data.columns.*.category"],
  ["data.columns.*.fields"],
  ["data.columns.*.action"],
  ["data.partition.kind", ["shards", "sizes", "files"]],
  ["data.anonymity.mode", ["suppress", "mondrian"]],
  ["model.kind", ["softmax", "cnn"]],
  ["model.file"],
  ["model.init"],
  ["training.algorithm", ["fedSgd", "fedProx", "scaffold"]],
  ["training.serverOptimizer"],
  ["privacy.trust", ["distributed"]],
  ["privacy.colluders"],
];
