/** What a ledger may charge, as plans, ledgers and provenance write it down. */
import { z } from "zod";
import { MOST_ROWS, PLANNED_ADJACENCIES } from "./event.ts";

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
