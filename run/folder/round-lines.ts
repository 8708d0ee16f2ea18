/** A finished run's released rounds, as its folder tells them. */
import { z } from "zod";
import { errorFiguresSchema } from "../../shared/events/error-figures.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { runJson } from "./run-files.ts";

const epsilon = z.number().min(0).nullable();
// In the order in which they are told: a run that goes on writes them again, byte for byte.
const roundSchema: z.ZodType<RoundTrace> = z.strictObject({
  round: z.number(),
  attempts: z.number(),
  lost: z.number().int().min(1).optional(),
  // null where the round was not evaluated: a long run is looked at a hundred times at most.
  loss: z.number().nullable(),
  accuracy: z.number().nullable(),
  errors: errorFiguresSchema.optional(),
  federated: z.strictObject({ right: z.number().int(), wrong: z.number().int() }).optional(),
  epsilon: z.strictObject({
    modelRecipients: epsilon,
    otherClients: epsilon,
    coordinator: epsilon,
  }),
  rawEpsilon: z
    .strictObject({ modelRecipients: epsilon, otherClients: epsilon, coordinator: epsilon })
    .optional(),
  clipping: z
    .strictObject({ clipNorm: z.number(), next: z.number(), bits: z.number().int() })
    .optional(),
  modelHash: z.string(),
  averagedHash: z.string().optional(),
});

/** @param text of rounds.jsonl, whole lines. @throws BudgetError for a line that is none */
export function readRounds(run: string, text: string): RoundTrace[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => runJson(run, "rounds.jsonl", roundSchema, line));
}
