/** What a scenario and a plan may say of the coordinator's step, and of the average of what it released. */
import { z } from "zod";

const decay = z.number().min(0).lt(1);
/** Added to the root of the variance, and its start: tau in Reddi et al. 2021, whose default this is. */
const epsilon = z.number().positive().max(1e6).default(1e-3);

const moments = { beta1: decay.default(0.9), beta2: decay.default(0.99), epsilon };

const OPTIMIZERS = ["sgd", "momentum", "adam", "yogi", "adagrad"] as const;

/** Defaults are those of Reddi et al. 2021, section 5 and appendix D. */
export const optimizerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sgd") }),
  z.strictObject({ kind: z.literal("momentum"), momentum: decay.default(0.9) }),
  z.strictObject({ kind: z.literal("adam"), ...moments }),
  z.strictObject({ kind: z.literal("yogi"), ...moments }),
  z.strictObject({ kind: z.literal("adagrad"), beta1: decay.default(0), epsilon }),
]);

/** In a scenario the bare kind will do. */
export const scenarioOptimizerSchema = z.union(
  [z.enum(OPTIMIZERS).transform((kind) => optimizerSchema.parse({ kind })), optimizerSchema],
  `a kind, alone or with its numbers: ${OPTIMIZERS.join(", ")}`,
);

/** Of the released models: post-processing, which costs nothing. */
export const averagingSchema = z.discriminatedUnion("kind", [
  /** Each model counts `decay` times as much as the one after it. */
  z.strictObject({ kind: z.literal("ema"), decay }),
  /** All alike from that round on, the first being round 1. */
  z.strictObject({ kind: z.literal("mean"), from: z.number().int().min(1).max(1_000_000) }),
]);

export type OptimizerSpec = z.infer<typeof optimizerSchema>;
export type Averaging = z.infer<typeof averagingSchema>;
