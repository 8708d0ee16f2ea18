/** `trace.json` as it is read back. */
import { z } from "zod";
import { ADVERSARIES, UNITS } from "../shared/accounting/mechanisms/event.ts";
import { errorFiguresSchema, meanErrorsSchema } from "../shared/events/error-figures.ts";
import { faultsSchema } from "../shared/events/faults-trace.ts";
import type { Trace } from "../shared/events/trace.ts";

const share = z.number().nullable();

const roundSchema = z.object({
  round: z.number(),
  attempts: z.number(),
  lost: z.number().optional(),
  loss: z.number().nullable(),
  accuracy: share,
  errors: errorFiguresSchema.exactOptional(),
  epsilon: z.object({ modelRecipients: share, otherClients: share, coordinator: share }),
  federated: z.object({ right: z.number(), wrong: z.number() }).optional(),
  clipping: z.object({ clipNorm: z.number(), bits: z.number(), next: z.number() }).optional(),
  modelHash: z.string(),
  averagedHash: z.string().optional(),
});

const stageSchema = z.object({
  name: z.enum(["collect", "anonymize", "engineer", "train", "evaluate", "predict"]),
  rowsIn: z.number().nullable(),
  namesIn: z.array(z.string()),
  rowsOut: z.number().nullable(),
  namesOut: z.array(z.string()),
  note: z.string().optional(),
  examples: z.array(z.array(z.string())).optional(),
});

const pair = z.tuple([z.number(), z.number()]);
const numbersSchema = z.object({
  ...errorFiguresSchema.shape,
  rows: z.number(),
  bounds: pair,
  rmseInterval: pair,
  r2Interval: pair.nullable(),
  baseline: meanErrorsSchema.extend({ rows: z.number() }),
  predicted: z.array(z.array(z.number())),
  residuals: z.object({ reach: z.number(), counts: z.array(z.number()) }),
});

const classesSchema = z.object({
  classes: z.array(z.string()),
  confusion: z.array(z.array(z.number())),
  auc: share,
  calibration: z
    .object({
      bins: z.array(z.object({ count: z.number(), confidence: share, accuracy: share })),
      expectedError: z.number(),
      brier: z.number(),
    })
    .nullable(),
});

const claimSchema = z.object({
  adversary: z.enum(ADVERSARIES),
  anonymized: share,
  raw: share,
  rawDelta: share,
  everyRound: share.exactOptional(),
  assumption: z.string(),
});

const statisticSchema = z.object({
  name: z.string(),
  counts: z.array(z.number()),
  names: z.array(z.string()).nullable(),
  quantiles: z.array(z.tuple([z.number(), z.number()])).nullable(),
  noiseStddev: z.number(),
});

export const boundsSchema = z.object({
  features: z.array(z.object({ name: z.string(), bounds: z.tuple([z.number(), z.number()]) })),
  releases: z.number(),
  share: z.number(),
  noiseStddev: z.number(),
});

const fairnessSchema = z.object({
  clients: z.array(z.object({ client: z.string(), accuracy: share })),
  mean: z.number(),
  worstDecile: z.number(),
  bestDecile: z.number(),
  source: z.enum(["charged", "simulation"]),
});

const predictionSchema = z.object({
  label: z.string(),
  likelihood: share,
  value: z.number().exactOptional(),
  layers: z.array(z.object({ name: z.string(), lines: z.array(z.string()) })),
  checked: z.boolean(),
});

export const soFarSchema = z.array(
  z.object({
    file: z.string(),
    runs: z.number(),
    unit: z.enum(UNITS),
    epsilon: z.object({ modelRecipients: share, otherClients: share, coordinator: share }),
    delta: z.number(),
    contents: z.number(),
    limit: z.object({ epsilon: z.number(), delta: z.number(), used: share }).nullable(),
  }),
);

export const traceSchema: z.ZodType<Trace> = z.object({
  claims: z.array(claimSchema),
  stages: z.array(stageSchema),
  statistics: z.array(statisticSchema),
  bounds: boundsSchema.exactOptional(),
  clientLabels: z.array(z.object({ client: z.string(), counts: z.array(z.number()) })),
  start: z.object({
    loss: z.number(),
    accuracy: share,
    errors: errorFiguresSchema.exactOptional(),
  }),
  rounds: z.array(roundSchema),
  heldOut: z.union([classesSchema, numbersSchema]),
  fairness: fairnessSchema.nullable(),
  faults: faultsSchema.exactOptional(),
  prediction: predictionSchema.nullable(),
  soFar: soFarSchema.exactOptional(),
});
