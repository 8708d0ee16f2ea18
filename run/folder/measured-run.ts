/** IO: what a finished run's folder says of how it came out. */
import { z } from "zod";
import type { Measured } from "../../compare/sweep-result.ts";
import {
  ADVERSARIES,
  type Adversary,
  byAdversary,
} from "../../shared/accounting/mechanisms/event.ts";
import { errorFiguresSchema, meanErrorsSchema } from "../../shared/events/error-figures.ts";
import { heldOutBaseline } from "../../shared/events/held-out-baseline.ts";
import { readRounds } from "./round-lines.ts";
import { runFile, runJson, runPlan } from "./run-files.ts";

const epsilon = z.number().min(0).nullable();
const count = z.number().int().min(0);
const manifestSchema = z.object({ modelHash: z.string() });
// Of the page's own figures beside them nothing is read here.
const numbersSchema = z.object({
  ...errorFiguresSchema.shape,
  rows: count,
  baseline: z.object(meanErrorsSchema.shape),
});
const traceSchema = z.object({
  heldOut: z.union([z.object({ confusion: z.array(z.array(count)) }), numbersSchema]),
  claims: z.array(
    z.object({
      adversary: z.enum(ADVERSARIES),
      anonymized: epsilon,
      raw: epsilon,
      rawDelta: epsilon,
    }),
  ),
});

/** As it was written down: `murmur verify` holds it against the ledger. @throws BudgetError for a damaged file */
export function measuredRun(run: string): Measured {
  const { privacy } = runPlan(run).plan;
  const { heldOut, claims } = runJson(run, "trace.json", traceSchema);
  const { modelHash } = runJson(run, "manifest.json", manifestSchema);
  const rounds = readRounds(run, runFile(run, "rounds.jsonl").toString("utf8"));
  const against = (adversary: Adversary) => claims.find((claim) => claim.adversary === adversary);
  const deltas = claims.flatMap(({ rawDelta }) => (rawDelta === null ? [] : [rawDelta]));
  return {
    ...reached(heldOut),
    loss: rounds.findLast(({ loss }) => loss !== null)?.loss ?? null,
    epsilon: byAdversary((adversary) => against(adversary)?.raw ?? null),
    anonymized: against("modelRecipients")?.anonymized ?? null,
    delta: Math.max(privacy.delta, ...deltas),
    noiseMultiplier: privacy.noiseMultiplier,
    clipNorm: privacy.clipNorm,
    modelHash,
  };
}

/** Of a number its R², which is 0 for always giving the mean, in the place of both shares. */
function reached(
  heldOut: z.infer<typeof traceSchema>["heldOut"],
): Pick<Measured, "accuracy" | "majority" | "rows" | "errors"> {
  if ("confusion" in heldOut) {
    const { accuracy, majority, rows } = heldOutBaseline({ ...heldOut, classes: [] });
    return { accuracy, majority, rows };
  }
  const { rows, baseline, ...errors } = heldOut;
  return { accuracy: errors.r2 ?? 0, majority: 0, rows, errors: { ...errors, baseline } };
}
