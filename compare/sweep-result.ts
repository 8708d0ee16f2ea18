/** One line of a sweep's `results.jsonl`: a finished run, or why there is none. */
import { z } from "zod";
import { errorFiguresSchema, meanErrorsSchema } from "../shared/events/error-figures.ts";

const epsilon = z.number().min(0).nullable();
const point = {
  /** SHA-256 of the resolved scenario, its seed included. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  index: z.number().int().min(0),
  setting: z.record(z.string(), z.unknown()),
  seed: z.number().int().min(0),
};

/** What a run folder tells of a finished run. */
const measuredSchema = z.strictObject({
  /** Of the held-out rows: shares, and how many they are. Where the target is a number, its R². */
  accuracy: z.number(),
  /** Of whoever answers with their largest class always; or, 0, with their mean. */
  majority: z.number(),
  rows: z.number().int(),
  /** Where the target is a number, in its own units; and of always giving the held-out rows' mean. */
  errors: errorFiguresSchema.extend({ baseline: meanErrorsSchema }).optional(),
  /** Held-out, of the last round that was evaluated. */
  loss: z.number().nullable(),
  /** Spent, by adversary, against the raw table, where rows that suppression moves count; null: no bound. */
  epsilon: z.strictObject({
    modelRecipients: epsilon,
    otherClients: epsilon,
    coordinator: epsilon,
  }),
  /** Spent against whoever gets the model and knows the anonymized table but for one unit. */
  anonymized: epsilon,
  /** Of `epsilon`: the largest that any adversary's has. */
  delta: z.number(),
  /** Standard deviation ÷ sensitivity; 0: the twin, which is clipped all the same. */
  noiseMultiplier: z.number().min(0),
  /** The first, where it adapts. */
  clipNorm: z.number(),
  /** Model after the last round. */
  modelHash: z.string(),
});

export const resultSchema = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("done"),
    ...point,
    /** Its folder, from the sweep's. */
    run: z.string(),
    /** null where no time may be told. */
    seconds: z.number().nullable(),
    ...measuredSchema.shape,
  }),
  z.strictObject({ outcome: z.literal("failed"), ...point, problem: z.string() }),
]);

export type Measured = z.infer<typeof measuredSchema>;
export type SweepResult = z.infer<typeof resultSchema>;
export type DoneResult = Extract<SweepResult, { outcome: "done" }>;
export type FailedResult = Extract<SweepResult, { outcome: "failed" }>;

/** The newest line of each point, in the order of their indices: a failed one may have been tried again. */
export function newestResults(lines: readonly SweepResult[]): SweepResult[] {
  const byId = new Map(lines.map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => a.index - b.index);
}

export function doneResults(lines: readonly SweepResult[]): DoneResult[] {
  return newestResults(lines).filter((line) => line.outcome === "done");
}
