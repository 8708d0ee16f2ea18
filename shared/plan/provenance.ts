/**
 * Provenance: what lies beside a model's weights and says whence they come. It is bound to plan, ledger
 * and weights by their hashes, and holds a hash of itself, so that an edit shows, and weights that are not
 * its own. It is no proof: whoever writes a whole one anew is believed, so its words are always told as
 * what it states.
 */
import { z } from "zod";
import { deltaFor } from "../accounting/charged-history.ts";
import { composeHistories } from "../accounting/compose-histories.ts";
import { byAdversary } from "../accounting/mechanisms/event.ts";
import { joinedPasts, type ModelPast, modelPastSchema } from "../accounting/model-past.ts";
import { canonicalJson, sha256 } from "../canonical.ts";
import { ScenarioError } from "../errors.ts";
import { historyOf } from "../ledger/history-of.ts";
import type { LedgerLine } from "../ledger/ledger-line.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import type { Scenario } from "../scenario/schema.ts";

/** In the folder of model.json. */
export const PROVENANCE_FILE = "provenance.json";

/** Whose rows a run read: those that somebody made up, or gave to everybody, cost nobody anything. */
export type RowsKind = "private" | "public" | "generated";

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const epsilon = z.number().min(0).nullable();
const provenanceSchema = z.strictObject({
  format: z.literal(1),
  /** Of the run that released the weights. */
  runId: z.string().regex(/^[0-9a-f]{32}$/),
  planHash: hex,
  /** Of its ledger's last line. */
  ledgerHash: hex,
  /** Of the weights. */
  modelHash: hex,
  rows: z.enum(["private", "public", "generated"]),
  /** Of private rows: one of a sweep's points, by itself or with all its runs in the past; absent: none. */
  sweep: z.enum(["alone", "whole"]).optional(),
  /** What the weights bring along for whoever starts from them. */
  past: modelPastSchema,
  /** Of all of it, at the run's delta (or a smaller one: `deltaFor`), unit and adjacency; null: no bound. */
  epsilon: z.strictObject({
    modelRecipients: epsilon,
    otherClients: epsilon,
    coordinator: epsilon,
  }),
  delta: z.number().gt(0).lt(1),
  /** Of all the above, as canonical JSON. */
  hash: hex,
});
export type Provenance = Readonly<z.infer<typeof provenanceSchema>>;

/** @param isPublic true where all rows are generated or public */
export function rowsKind({ data: { source } }: Scenario, isPublic: boolean): RowsKind {
  if (!isPublic) return "private";
  return source.generator === undefined ? "public" : "generated";
}

/** What a run's provenance is made of. */
export interface ProvenanceSource {
  readonly plan: PrivacyPlan;
  /** Of its ledger, whole. */
  readonly lines: readonly LedgerLine[];
  readonly modelHash: string;
  readonly rows: RowsKind;
  /** Of the weights that it started from; undefined: from none. */
  readonly start: ModelPast | undefined;
  readonly sweep?: Provenance["sweep"] | undefined;
  /** Of the sweep that it is a point of: the past of each of its other runs, with that run in it. */
  readonly others?: readonly ModelPast[];
}

/** Public and generated rows add nothing, but pass on what the run itself began with. */
export function provenanceOf(source: ProvenanceSource): Provenance {
  const { plan, lines, modelHash, rows, start, sweep, others = [] } = source;
  const own = historyOf(plan, lines);
  const { runId, planHash, ledgerHash } = own;
  const past = joinedPasts([...(start ? [start] : []), ...others], rows === "private" ? [own] : []);
  const { unit, adjacency, accountant } = plan;
  const delta = deltaFor(plan.delta, past.histories);
  const perPerson = plan.rowsPerPerson !== undefined;
  const rules = { unit, adjacency, perPerson, delta, accountant };
  const all = composeHistories(past.histories, rules);
  const stated = {
    ...{ format: 1 as const, runId, planHash, ledgerHash, modelHash, rows },
    ...(sweep && { sweep }),
    ...{ past, epsilon: past.unknown ? byAdversary(() => null) : all, delta },
  };
  return { ...stated, hash: hashOf(stated) };
}

/**
 * Provenance as it was written, held against its own hash and the weights beside it.
 *
 * @param modelHash of those weights
 * @param where for messages
 * @throws ScenarioError `provenance.form`, `.hash`, `.model` or `.run`
 */
export function readProvenance(text: string, modelHash: string, where: string): Provenance {
  const parsed = provenanceSchema.safeParse(parsedJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refusal("form", where, issue?.path.join(".") || "no JSON", "what murmur export wrote");
  }
  const { hash, ...stated } = parsed.data;
  const due = hashOf(stated);
  if (hash !== due || text !== provenanceText(parsed.data))
    throw refusal("hash", where, "other words than its hash is of", "the file as it was written");
  if (stated.modelHash !== modelHash)
    throw refusal("model", where, `weights of hash ${modelHash}`, `those of ${stated.modelHash}`);
  const own = stated.past.histories.find(({ runId }) => runId === stated.runId);
  const isOwn = own?.planHash === stated.planHash && own.ledgerHash === stated.ledgerHash;
  if (stated.rows === "private" && !isOwn)
    throw refusal("run", where, "no charges of its own run", "those of the run that it names");
  return parsed.data;
}

/** As it stands in its file. */
export function provenanceText(provenance: Provenance): string {
  return `${JSON.stringify(provenance, null, 2)}\n`;
}

function hashOf(stated: Omit<Provenance, "hash">): string {
  return sha256(`murmur/provenance/v1${canonicalJson(stated)}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(what: string, where: string, got: string, expected: string): ScenarioError {
  const fix = "Export the model anew from its run: murmur export RUN --out DIR.";
  return new ScenarioError({ what: `provenance.${what}`, where, got, expected, fix });
}
