/**
 * What a ledger's lines say, and what follows from them alone. A line is canonical JSON that holds
 * the hash of the one before; the first holds the run, the plan, and by what rules its charges are
 * counted, so that `verify` needs nothing else.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { attemptEventsSchema, hashSchema, rulesKeys, runKeys } from "../accounting/event-schema.ts";
import {
  type Adversary,
  type ByAdversary,
  byAdversary,
  COUNT_TASKS,
  MOST_ROWS,
  OTHER_TASKS,
} from "../accounting/mechanisms/event.ts";
import { modelPastSchema, unsampled, unsampledPast } from "../accounting/model-past.ts";
import { BOUNDS_RELEASES } from "../privacy/bounds-terms.ts";
import { type ChainFormat, type ChainLine, lineAfter, readChain } from "./chain.ts";
import { Spending } from "./spending.ts";

const whole = z.number().int().min(0);
const countTask = z.enum(COUNT_TASKS);
const attemptKeys = { round: whole, attempt: whole };

const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("open"),
    ...runKeys,
    ...rulesKeys,
    /** What the run may spend against whoever gets the model; null: nothing was promised. */
    budget: z.number().min(0).nullable(),
    /** Seeded noise protects nobody: epsilon is what secure noise would give. */
    noise: z.enum(["secure", "seeded"]),
    /** Absent where the run starts from no weights that cost anything. */
    past: modelPastSchema.optional(),
    /** With it alone: rows of a person, whom then each run of the past must bound. Absent: a record is a row. */
    rowsPerPerson: z.number().int().min(1).max(MOST_ROWS).optional(),
  }),
  z.strictObject({
    kind: z.literal("charge"),
    ...attemptKeys,
    /** Absent: an update of the model. */
    task: z.enum(OTHER_TASKS).optional(),
    events: attemptEventsSchema,
  }),
  z.strictObject({
    kind: z.literal("release"),
    ...attemptKeys,
    modelHash: hashSchema,
    /** Where released models are averaged: of that average, which is what the run hands out. */
    averagedHash: hashSchema.optional(),
    /** Where the clip norm adapts: the noised sum of the bits, from which the next one follows. */
    bits: z.number().int().optional(),
  }),
  z.strictObject({
    kind: z.literal("counts"),
    ...attemptKeys,
    task: countTask,
    countsHash: hashSchema,
  }),
  /** Histograms as released, and the range of each feature that follows from them: after the last, its bounds. */
  z.strictObject({
    kind: z.literal("bounds"),
    ...attemptKeys,
    release: z.number().int().min(1).max(BOUNDS_RELEASES),
    counts: z.array(z.number().int()),
    ranges: z.array(z.tuple([z.number(), z.number()])),
  }),
  z.strictObject({ kind: z.literal("abort"), ...attemptKeys, reason: z.string().max(200) }),
  /** A last line without its end, which nothing rested on, was cut off before the run went on. */
  z.strictObject({ kind: z.literal("mended"), droppedBytes: whole }),
  /**
   * Cut off, the run went on from its state after line `from`: what was charged since stays charged, and
   * what was released since is nowhere built upon.
   */
  z.strictObject({ kind: z.literal("resumed"), from: whole }),
  z.strictObject({ kind: z.literal("close"), reason: z.string().max(200) }),
]);

/** What one line says, without its place in the chain. */
export type LedgerEntry = z.infer<typeof entrySchema>;
export type OpenEntry = Extract<LedgerEntry, { kind: "open" }>;

/** An entry and its place in the chain. */
export type LedgerLine = ChainLine<LedgerEntry>;

/** What a run's ledger may hold; the chain is bound to its run and plan. */
export const LEDGER_FORMAT: ChainFormat<LedgerEntry> = { schema: entrySchema, genesis };

/** The text of an entry as line `seq` after the line whose hash is `prev` (no line: null). */
export function chainLine(
  seq: number,
  prev: string | null,
  entry: LedgerEntry,
  time?: string,
): LedgerLine {
  const head = prev === null ? undefined : { seq: seq - 1, hash: prev };
  return lineAfter(LEDGER_FORMAT, head, entry, time);
}

/**
 * The lines of a ledger's text.
 *
 * @throws BudgetError `ledger.…` naming the first line that does not follow from the one before
 */
export function readLines(text: string, where: string): LedgerLine[] {
  return readChain(LEDGER_FORMAT, text, where);
}

/** The open line's entry. */
export function openingOf(lines: readonly LedgerLine[]): OpenEntry {
  const entry = lines[0]?.entry;
  if (entry?.kind !== "open") throw new Error("a ledger begins with its open line");
  return entry;
}

/** The lines on which the run's model and counts rest: without those that it was taken back behind. */
export function standingLines(lines: readonly LedgerLine[]): LedgerLine[] {
  const standing: LedgerLine[] = [];
  for (const line of lines) {
    const { entry } = line;
    if (entry.kind === "resumed") while ((standing.at(-1)?.seq ?? 0) > entry.from) standing.pop();
    standing.push(line);
  }
  return standing;
}

/** Of the model that the run hands out; undefined where none was released. */
export function lastRelease(lines: readonly LedgerLine[]) {
  return releasesOf(standingLines(lines)).at(-1);
}

export function releasesOf(lines: readonly LedgerLine[]) {
  return lines.flatMap(({ entry }) => (entry.kind === "release" ? [entry] : []));
}

/** The bounds' releases that stand, in their order. */
export function boundsReleasesOf(lines: readonly LedgerLine[]) {
  return standingLines(lines).flatMap(({ entry }) => (entry.kind === "bounds" ? [entry] : []));
}

/** What the charges of `lines` have spent, recomputed from their events alone. */
export function spendingOf(lines: readonly LedgerLine[]): Spending {
  const spending = new Spending(openingOf(lines));
  for (const { entry } of lines) if (entry.kind === "charge") spending.charge(entry.events);
  return spending;
}

/** Epsilon spent against `adversary`; Infinity where something was released as it is. */
export function spentAgainst(lines: readonly LedgerLine[], adversary: Adversary): number {
  return spendingOf(lines).against(adversary);
}

/** Epsilon spent against each adversary; null where there is no bound. */
export function spentBy(lines: readonly LedgerLine[]): ByAdversary<number | null> {
  return spendingOf(lines).spent;
}

/**
 * The same of a unit that took part in every round, for whom no sampling hid that: its exact
 * composition. null where there is no bound.
 */
export function spentInEveryRound(lines: readonly LedgerLine[]): ByAdversary<number | null> {
  const opening = openingOf(lines);
  const past = unsampledPast(opening.past);
  const spending = new Spending({ ...opening, accountant: "gdp", past });
  for (const { entry } of lines) {
    if (entry.kind !== "charge") continue;
    spending.charge(byAdversary((adversary) => unsampled(entry.events[adversary])));
  }
  return spending.spent;
}

function genesis(entry: LedgerEntry): string {
  const [runId, planHash] = entry.kind === "open" ? [entry.runId, entry.planHash] : ["", ""];
  return createHash("sha256")
    .update("murmur/ledger/v1")
    .update(runId)
    .update(planHash)
    .digest("hex");
}
