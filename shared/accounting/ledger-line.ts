/**
 * What a ledger's lines say, and what follows from them alone. A line is canonical JSON that holds
 * the hash of the one before; the first holds the run, the plan, and by what rules its charges are
 * counted, so that `verify` needs nothing else.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { BudgetError } from "../errors.ts";
import { type Repeated, spentEpsilon } from "./compose.ts";
import {
  ACCOUNTANTS,
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PrivacyEvent,
} from "./event.ts";

/** How a plan or a ledger line says that units were sampled. */
export const samplingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("full") }),
  z.strictObject({ kind: z.literal("poisson"), rate: z.number().gt(0).max(1) }),
  z.strictObject({
    kind: z.literal("fixedSize"),
    size: z.number().int().min(1),
    population: z.number().int().min(1),
  }),
]);
const adjacency = z.enum(["zeroOut", "replaceOne"]);
const event = z.discriminatedUnion("mechanism", [
  z.strictObject({
    mechanism: z.literal("gaussian"),
    noiseMultiplier: z.number().positive(),
    sampling: samplingSchema,
    adjacency,
  }),
  z.strictObject({ mechanism: z.literal("none") }),
]);
const whole = z.number().int().min(0);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const attemptKeys = { round: whole, attempt: whole };

const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("open"),
    runId: z.string().regex(/^[0-9a-f]{32}$/),
    planHash: hex,
    unit: z.enum(["record", "client"]),
    adjacency,
    accountant: z.enum(ACCOUNTANTS),
    delta: z.number().gt(0).lt(1),
    /** What is left of delta for the accountant once the noise table's distance is taken off. */
    chargedDelta: z.number().gt(0).lt(1),
    /** What the run may spend against whoever gets the model; null: nothing was promised. */
    budget: z.number().min(0).nullable(),
    /** Seeded noise protects nobody: epsilon is what secure noise would give. */
    noise: z.enum(["secure", "seeded"]),
  }),
  z.strictObject({
    kind: z.literal("charge"),
    ...attemptKeys,
    events: z.strictObject({ modelRecipients: event, otherClients: event, coordinator: event }),
  }),
  z.strictObject({ kind: z.literal("release"), ...attemptKeys, modelHash: hex }),
  z.strictObject({ kind: z.literal("abort"), ...attemptKeys, reason: z.string().max(200) }),
  z.strictObject({ kind: z.literal("close"), reason: z.string().max(200) }),
]);

/** What one line says, without its place in the chain. */
export type LedgerEntry = z.infer<typeof entrySchema>;
export type OpenEntry = Extract<LedgerEntry, { kind: "open" }>;

/** An entry and its place in the chain. */
export interface LedgerLine {
  readonly v: 1;
  readonly seq: number;
  readonly prev: string;
  readonly entry: LedgerEntry;
  /** Informative, absent under seeded noise, where two runs must write the same bytes. */
  readonly time?: string | undefined;
  readonly hash: string;
}

/** The text of an entry as line `seq` after the line whose hash is `prev` (no line: null). */
export function chainLine(
  seq: number,
  prev: string | null,
  entry: LedgerEntry,
  time?: string,
): LedgerLine {
  const before = prev ?? genesis(entry);
  const body = canonicalJson({ v: 1, seq, prev: before, time, ...entry });
  return { v: 1, seq, prev: before, entry, time, hash: lineHash(before, body) };
}

/**
 * The lines of a ledger's text.
 *
 * @throws BudgetError `ledger.…` naming the first line that does not follow from the one before
 */
export function readLines(text: string, where: string): LedgerLine[] {
  const lines: LedgerLine[] = [];
  const texts = text.split("\n");
  const damaged = (what: string, got: string, expected: string): never => {
    throw new BudgetError({
      what: `ledger.${what}`,
      where: `${where}, line ${lines.length + 1}`,
      got,
      expected,
      fix: "Trust nothing that this run claims after the line before it.",
    });
  };
  if (texts.pop() !== "") damaged("torn", "a last line without its end", "whole lines");
  for (const one of texts) {
    const parsed = parseLine(one);
    if (!parsed) return damaged("line", "text that is no ledger line", "a ledger line");
    const { seq, prev, entry, time, hash } = parsed;
    const tip = lines.at(-1);
    if ((entry.kind === "open") !== (tip === undefined))
      damaged("order", `kind ${entry.kind}`, "open first, and once");
    const due = chainLine(lines.length, tip?.hash ?? null, entry, time);
    if (seq !== due.seq) damaged("seq", `seq ${seq}`, `seq ${due.seq}`);
    if (prev !== due.prev)
      damaged("chain", `prev ${prev.slice(0, 12)}…`, `${due.prev.slice(0, 12)}…`);
    if (hash !== due.hash || lineText(due) !== one)
      damaged("hash", `hash ${hash.slice(0, 12)}…`, `${due.hash.slice(0, 12)}…`);
    lines.push(due);
  }
  if (lines.length === 0) damaged("empty", "no line", "an open line");
  return lines;
}

/** The open line's entry. */
export function openingOf(lines: readonly LedgerLine[]): OpenEntry {
  const entry = lines[0]?.entry;
  if (entry?.kind !== "open") throw new Error("a ledger begins with its open line");
  return entry;
}

/**
 * Epsilon spent against `adversary` by the charges of `lines`, and by `extra` ones; Infinity where
 * something was released as it is. Recomputed from the events alone.
 */
export function spentAgainst(
  lines: readonly LedgerLine[],
  adversary: Adversary,
  extra: readonly PrivacyEvent[] = [],
): number {
  const charged = chargesOf(lines, adversary);
  const opening = openingOf(lines);
  return spentEpsilon(opening.accountant, tally([...charged, ...extra]), opening.chargedDelta);
}

/** Epsilon spent against each adversary; null where there is no bound. */
export function spentBy(lines: readonly LedgerLine[]): ByAdversary<number | null> {
  return byAdversary((adversary) => {
    const epsilon = spentAgainst(lines, adversary);
    return Number.isFinite(epsilon) ? epsilon : null;
  });
}

/**
 * The same of a unit that took part in every round, for whom no sampling hid that: its exact
 * composition. null where there is no bound.
 */
export function spentInEveryRound(lines: readonly LedgerLine[]): ByAdversary<number | null> {
  const { chargedDelta } = openingOf(lines);
  return byAdversary((adversary) => {
    const unsampled = chargesOf(lines, adversary).map((event) =>
      event.mechanism === "gaussian" ? { ...event, sampling: { kind: "full" } as const } : event,
    );
    const epsilon = spentEpsilon("gdp", tally(unsampled), chargedDelta);
    return Number.isFinite(epsilon) ? epsilon : null;
  });
}

function chargesOf(lines: readonly LedgerLine[], adversary: Adversary): PrivacyEvent[] {
  return lines.flatMap(({ entry }) => (entry.kind === "charge" ? [entry.events[adversary]] : []));
}

/** Equal events counted together: composition is then one multiplication, not a sum that drifts. */
function tally(events: readonly PrivacyEvent[]): Repeated[] {
  const groups = new Map<string, { event: PrivacyEvent; count: number }>();
  for (const one of events) {
    const key = canonicalJson(one);
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { event: one, count: 1 });
  }
  return [...groups.values()];
}

/** A line as it stands in the file, without its end. */
export function lineText({ entry, ...place }: LedgerLine): string {
  return canonicalJson({ ...place, ...entry });
}

const placeSchema = z.object({
  v: z.literal(1),
  seq: whole,
  prev: hex,
  time: z.string().max(40).optional(),
  hash: hex,
});

function parseLine(text: string): LedgerLine | undefined {
  try {
    const raw: unknown = JSON.parse(text);
    const place = placeSchema.parse(raw);
    const { v: _v, seq: _s, prev: _p, time: _t, hash: _h, ...rest } = z.looseObject({}).parse(raw);
    return { ...place, entry: entrySchema.parse(rest) };
  } catch {
    return undefined;
  }
}

function lineHash(prev: string, body: string): string {
  return createHash("sha256").update(prev).update(body).digest("hex");
}

/** What stands before the first line: it binds the chain to its run and plan. */
function genesis(entry: LedgerEntry): string {
  const [runId, planHash] = entry.kind === "open" ? [entry.runId, entry.planHash] : ["", ""];
  return createHash("sha256")
    .update("murmur/ledger/v1")
    .update(runId)
    .update(planHash)
    .digest("hex");
}
