/**
 * What a client's ledger says, and what follows from it. Charges are zCDP at rate 1 (Bun & Steinke
 * 2016), which may be summed while plans are chosen one after another, in view of all that came
 * before: a privacy filter (Feldman & Zrnic 2021). Sampling amplifies nothing here: zCDP has no
 * theorem for it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { chargeOf } from "../../shared/accounting/charge.ts";
import { deltaAfterTable } from "../../shared/accounting/compose.ts";
import { attemptEventsSchema } from "../../shared/accounting/event-schema.ts";
import { OTHER_TASKS } from "../../shared/accounting/mechanisms/event.ts";
import { epsilonFromRho } from "../../shared/accounting/mechanisms/zcdp.ts";
import { BudgetError } from "../../shared/errors.ts";
import { anchorSchema, type ChainFormat } from "../../shared/ledger/chain.ts";
import { privacyEvent, type ReleaseTerms, releaseDistance } from "../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../shared/privacy/terms.ts";
import { TRUSTS } from "../../shared/privacy/trust.ts";
import { type ClientLimits, limitsSchema } from "./client-limits.ts";
import { runEntrySchema } from "./run-entry.ts";

const whole = z.number().int().min(0);
const hex = anchorSchema.shape.hash;
const runId = z.string().regex(/^[0-9a-f]{32}$/);
const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("open"), client: z.string(), limits: limitsSchema.nullable() }),
  /** The owner has set others. */
  z.strictObject({ kind: z.literal("limits"), limits: limitsSchema.nullable() }),
  z.strictObject({
    kind: z.literal("participation"),
    planHash: hex,
    runId,
    round: whole,
    attempt: whole,
    /** Absent: an update of the model. */
    task: z.enum(OTHER_TASKS).optional(),
    /** Against whom it counts: `local` everyone, `central` whoever gets the model, `none` no one. */
    trust: z.enum(TRUSTS),
    /** Of the raw rows; null: no bound. */
    rho: z.number().positive().nullable(),
    /** Total variation between the noise drawn and the one that rho is of. */
    distance: z.number().min(0),
    /** In the ledger of a file: the attempt, as its run charged it. */
    events: attemptEventsSchema.optional(),
  }),
  /** In the ledger of a file, before the first charge of a run: by what its events are composed. */
  runEntrySchema,
  /** In the ledger of a file: what it holds when a run begins, where that was not so before. */
  z.strictObject({ kind: z.literal("content"), sha256: hex }),
  /** A masked attempt, before its keys are shown: none is begun twice. */
  z.strictObject({ kind: z.literal("begun"), runId, round: whole, attempt: whole }),
  /** Where a coordinator's own ledger stood when it said so. */
  z.strictObject({ kind: z.literal("seen"), runId, ledger: anchorSchema }),
  /** Of the rows as they were prepared for that run: a function of them, which stays here. */
  z.strictObject({ kind: z.literal("rows"), runId, rowsHash: hex }),
  z.strictObject({ kind: z.literal("mended"), droppedBytes: whole }),
]);
export type ClientEntry = z.infer<typeof entrySchema>;

export interface Cost {
  /** Infinity: no bound. */
  readonly rho: number;
  readonly distance: number;
}
export const NOTHING: Cost = { rho: 0, distance: 0 };

/** The chain is bound to its client. */
export function formatOf(client: string): ChainFormat<ClientEntry> {
  const genesis = () =>
    createHash("sha256").update("murmur/client-ledger/v1").update(client).digest("hex");
  return { schema: entrySchema, genesis };
}

/** What one update or count costs, and how far one raw row reaches in it. */
export type ClientTerms = ReleaseTerms & Pick<PrivacyTerms, "rawFactor">;

/**
 * What one update costs its client, by the plan's noise against whoever trust says, of the raw rows:
 * where one of them moves k, rho is k² times that of one (Bun & Steinke 2016, proposition 1.9). The
 * distance is of the noise alone, whatever the rows.
 */
export function costOf(plan: ClientTerms): Cost {
  const event = privacyEvent(plan, plan.trust === "local" ? "coordinator" : "modelRecipients");
  if (event.mechanism === "none" || plan.rawFactor === null) return { rho: Infinity, distance: 0 };
  // What no theorem of zCDP covers has no bound here.
  const { rho = Infinity } = chargeOf({ ...event, sampling: { kind: "full" } });
  // Next up, for the product may have been rounded down.
  const ofRaw = plan.rawFactor === 1 ? rho : rho * plan.rawFactor ** 2 * (1 + Number.EPSILON);
  return { rho: ofRaw, distance: releaseDistance(plan) };
}

export function costIn({ rho, distance }: Extract<ClientEntry, { kind: "participation" }>): Cost {
  return { rho: rho ?? Infinity, distance };
}

/** Each sum rounded up to the next double. */
export function sumOf(a: Cost, b: Cost): Cost {
  const up = (x: number) => x * (1 + Number.EPSILON);
  return { rho: up(a.rho + b.rho), distance: up(a.distance + b.distance) };
}

/** A cost that bounds both. */
export function mostOf(a: Cost, b: Cost): Cost {
  return { rho: Math.max(a.rho, b.rho), distance: Math.max(a.distance, b.distance) };
}

/** The same cost so many times, each product rounded up to the next double. */
export function timesOf({ rho, distance }: Cost, count: number): Cost {
  const times = (x: number) => (count === 0 ? 0 : x * count * (1 + Number.EPSILON));
  return { rho: times(rho), distance: times(distance) };
}

/** Infinity where nothing is left of delta, or nothing bounds rho. */
export function epsilonOf({ rho, distance }: Cost, { epsilon, delta }: ClientLimits): number {
  try {
    return epsilonFromRho(rho, deltaAfterTable(delta, distance, epsilon)).epsilon;
  } catch (error) {
    if (error instanceof BudgetError) return Infinity;
    throw error;
  }
}
