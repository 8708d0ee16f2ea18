/** What a ledger may charge, as plans, ledgers and provenance write it down. */
import { z } from "zod";
import { ACCOUNTANTS, MOST_ROWS, PLANNED_ADJACENCIES, UNITS } from "./mechanisms/event.ts";

/** How a plan or a ledger line says that units were sampled. */
export const samplingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("full") }),
  z.strictObject({
    kind: z.literal("poisson"),
    rate: z.number().min(1e-5).max(1),
    rowsPerCoin: z.number().int().min(1).max(MOST_ROWS).optional(),
  }),
  z.strictObject({
    kind: z.literal("fixedSize"),
    size: z.number().int().min(1),
    population: z.number().int().min(1),
    known: z.number().int().min(1).optional(),
  }),
]);
const adjacency = z.enum(PLANNED_ADJACENCIES);
/** Absent: one. */
const rows = z.number().int().min(2).max(MOST_ROWS).optional();

export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** Which run charges. */
export const runKeys = { runId: z.string().regex(/^[0-9a-f]{32}$/), planHash: hashSchema };
/** By what rules a run's charges become an epsilon. */
export const rulesKeys = {
  unit: z.enum(UNITS),
  adjacency,
  accountant: z.enum(ACCOUNTANTS),
  delta: z.number().gt(0).lt(1),
  /** What is left of delta for the accountant once the noise table's distance is taken off. */
  chargedDelta: z.number().gt(0).lt(1),
};

/** What a ledger may charge, as it stands in a line. */
export const eventSchema = z.discriminatedUnion("mechanism", [
  z.strictObject({
    mechanism: z.literal("gaussian"),
    noiseMultiplier: z.number().positive(),
    sampling: samplingSchema,
    adjacency,
    /** Absent: one. */
    steps: z.number().int().min(2).optional(),
    rows,
  }),
  z.strictObject({
    mechanism: z.literal("distributedDiscreteGaussian"),
    clients: z.number().int().min(1),
    sigma: z.number().int().min(1),
    dimension: z.number().int().min(1),
    l2Sensitivity: z.number().int().min(1),
    sampling: z.strictObject({ kind: z.literal("full") }),
    adjacency,
    rows,
  }),
  z.strictObject({ mechanism: z.literal("none") }),
]);

/** What one attempt lets each adversary learn. */
export const attemptEventsSchema = z.strictObject({
  modelRecipients: eventSchema,
  otherClients: eventSchema,
  coordinator: eventSchema,
});
