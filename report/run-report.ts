/** What a run's page is made of: values that the run's folder holds, read and checked. */
import { z } from "zod";
import { withRawEpsilon } from "../shared/claims/claim.ts";
import type { Trace } from "../shared/events/trace.ts";
import type { Plan } from "../shared/plan/plan.ts";
import type { Scenario } from "../shared/scenario/schema.ts";
import type { ClientRisk } from "./figures/clients-figure.ts";
import type { MaskedWords } from "./figures/masks-figure.ts";
import type { MeasuredRound } from "./figures/norms-figure.ts";

export interface RunReport {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly trace: Trace;
  readonly manifest: Manifest;
  readonly clients: readonly ClientLine[];
  /** Rounds that were released before the run, cut off, went on; null: it never was. */
  readonly resumedAfter: number | null;
  /** Of generated and public rows; else none is read. */
  readonly risks: readonly ClientRisk[];
  /** By a dry run, of generated and public rows; null: none was made. */
  readonly measured: readonly MeasuredRound[] | null;
  /** Of what the coordinator received under masks; null: nothing was kept. */
  readonly transcript: MaskedWords | null;
}

/** Rounds with what they had spent against the raw table: of that are the headline and the claims. */
export function rawRounds({ plan: { privacy }, trace }: Pick<RunReport, "plan" | "trace">) {
  return trace.rounds.map((round) => withRawEpsilon(privacy, round));
}

export type Manifest = z.infer<typeof manifestSchema>;

/** What a page tells of `manifest.json`. */
export const manifestSchema = z.object({
  format: z.literal(1),
  murmur: z.string(),
  node: z.string(),
  engine: z.string(),
  seed: z.number(),
  notes: z.array(z.string()),
  /** By which the run began. */
  command: z.object({
    name: z.enum(["run", "serve"]),
    file: z.string(),
    set: z.array(z.object({ path: z.string(), value: z.string() })),
  }),
  runId: z.string(),
  planHash: z.string(),
  modelHash: z.string(),
  ledger: z.object({ seq: z.number(), hash: z.string() }),
  /** Why no round came after the last; absent from runs of before. */
  ending: z.enum(["done", "budget", "cohort"]).default("done"),
  hardware: z.object({ cores: z.number(), processor: z.string(), memoryBytes: z.number() }),
});

export type ClientsHead = z.infer<typeof clientsHeadSchema>;

/** What a page tells of the first line of `clients.jsonl`, on all clients. */
export const clientsHeadSchema = z.object({
  egress: z.object({
    /** Updates and bytes are counted since the run, cut off, went on, so many rounds released; null: from its begin. */
    resumedAfter: z.number().nullable(),
  }),
});

export type ClientLine = z.infer<typeof clientLineSchema>;

/** And of its further lines, each on one client. null: nobody may know. */
export const clientLineSchema = z.object({
  client: z.string(),
  joined: z.boolean(),
  lost: z.boolean(),
  declined: z.boolean().nullable(),
  updates: z.number().nullable(),
  bytes: z.number().nullable(),
});

const riskSchema = z.object({
  risk: z.object({ prosecutor: z.object({ average: z.number() }) }).optional(),
});

export type OwnerRisk = z.infer<typeof ownerRiskSchema>;

/** What a page tells of `clients-private/<name>.json`, of generated and public rows alone. */
export const ownerRiskSchema = z.object({
  client: z.string(),
  before: riskSchema,
  after: riskSchema,
});
