/**
 * The contract: everything that decides how a row is anonymized and engineered. Public, the same
 * for all clients, flat JSON under the plan hash. Built by the launcher (contract-build.ts); a
 * client that receives one checks it again with `contractSchema` (contract-check.ts), formulas and widths included.
 */
import { z } from "zod";

const MAX_COLUMNS = 1_000;
const MAX_LEAVES = 100_000;
const MAX_INSTRUCTIONS = 400;

const identifier = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/);
const text = z.string().min(1).max(1_000);
const days = z.number().int().min(1).max(1_000_000_000);
const interval = z.tuple([z.number(), z.number()]).readonly();
const labels = z.array(text).min(1).max(MAX_LEAVES).readonly();

const instruction = z.union([
  z.tuple([z.literal("number"), z.number()]).readonly(),
  z.tuple([z.literal("name"), text]).readonly(),
  z.tuple([z.literal("field"), text, text]).readonly(),
  z.tuple([z.literal("call"), text, z.number().int().min(1).max(3)]).readonly(),
]);

/** A formula: its text for people, its postfix for the machine. */
const formula = z.strictObject({
  formula: text,
  postfix: z.array(instruction).min(1).max(MAX_INSTRUCTIONS).readonly(),
});

/** Half-open bands between inner edges, the first and the last open-ended; value: the index. */
const bands = z.strictObject({
  kind: z.literal("bands"),
  integer: z.boolean(),
  bounds: interval.nullable(),
  edges: z.array(z.number()).min(1).max(MAX_COLUMNS).readonly(),
  labels,
});

/** A number kept as it is, refused outside its bounds. */
const number = z.strictObject({
  kind: z.literal("number"),
  integer: z.boolean(),
  bounds: interval,
});

/** A hierarchy at its fixed level; value: the index in `labels`, which end in other and missing. */
const categories = z.strictObject({
  kind: z.literal("categories"),
  normalise: z.array(z.enum(["nfc", "trim", "collapseSpaces", "caseFold"])).readonly(),
  /** Each leaf, normalised, with the index of its value. */
  leaves: z
    .array(z.tuple([z.string(), z.number().int().min(0)]).readonly())
    .min(1)
    .max(MAX_LEAVES)
    .readonly(),
  labels,
  unseen: z.enum(["other", "error"]),
});

const recoding = z.discriminatedUnion("kind", [bands, number, categories]);

const named = { name: identifier, from: text };
const column = z.discriminatedUnion("role", [
  z.strictObject({ ...named, role: z.literal("directIdentifier") }),
  z.strictObject({ ...named, role: z.literal("drop") }),
  z.strictObject({ ...named, role: z.literal("target") }),
  z.strictObject({
    ...named,
    role: z.literal("quasiIdentifier"),
    /** Of several rows of a person, the first before the cut-off; null: a person has one row. */
    take: z.literal("first").nullable(),
    recoding,
  }),
  z.strictObject({
    ...named,
    role: z.literal("eventLog"),
    time: text,
    /** Milliseconds since 1970 UTC; features see events strictly before it. */
    cutOffMs: z.number().int(),
    maxAgeDays: days,
    maxEvents: days,
    /** null: amounts are not kept. */
    amount: z.strictObject({ clip: interval, round: z.number().positive().nullable() }).nullable(),
  }),
]);

const table = z.discriminatedUnion("kind", [
  /** One row a person; `person`: the raw column that no two rows may share, if any. */
  z.strictObject({ kind: z.literal("people"), person: text.nullable() }),
  /** One row an event, joined to persons on the raw column `person`. */
  z.strictObject({
    kind: z.literal("events"),
    person: text,
    log: identifier,
    time: text,
    fields: z.array(identifier).max(MAX_COLUMNS).readonly(),
    /** Rows for which it is 0 are no events. It reads that row's fields only. */
    where: formula.nullable(),
  }),
]);

const target = z.discriminatedUnion("kind", [
  /** Positive: any event in [cutOff, cutOff + withinDays). */
  z.strictObject({
    kind: z.literal("event"),
    name: identifier,
    log: identifier,
    withinDays: days,
  }),
  /** Positive: the cell equals `positive`; as numbers where both are. */
  z.strictObject({
    kind: z.literal("column"),
    name: identifier,
    column: identifier,
    positive: z.union([z.string(), z.number()]),
  }),
]);

const feature = z.strictObject({
  name: identifier,
  ...formula.shape,
  /** A scaled number, or one 0/1 input a label. */
  kind: z.enum(["number", "oneHot"]),
  /** A number is clipped to these before it is scaled to [-1, 1]; null for oneHot. */
  bounds: interval.nullable(),
  scale: z.enum(["linear", "log"]),
  /** Model inputs, and the name of each. */
  width: z.number().int().min(1),
  labels,
});

/** The shapes alone; `contractSchema` is what a client must use. */
export const contractShape = z.strictObject({
  table,
  columns: z.array(column).min(1).max(MAX_COLUMNS).readonly(),
  /** Persons for whom it is 0 are not in the population. It reads what features read. */
  where: formula.nullable(),
  target,
  anonymity: z.strictObject({
    mode: z.literal("report"),
    k: z.number().int().min(2),
    sensitive: z.array(identifier).readonly(),
  }),
  features: z.array(feature).min(1).max(MAX_COLUMNS).readonly(),
});

export type Contract = z.infer<typeof contractShape>;
export type ContractColumn = Contract["columns"][number];
export type QuasiIdentifier = Extract<ContractColumn, { role: "quasiIdentifier" }>;
export type EventLogColumn = Extract<ContractColumn, { role: "eventLog" }>;
export type Recoding = z.infer<typeof recoding>;
export type Feature = z.infer<typeof feature>;
export type ContractFormula = z.infer<typeof formula>;

/** Inputs of the model: the widths of all features. */
export function modelInputs(contract: Contract): number {
  return contract.features.reduce((inputs, { width }) => inputs + width, 0);
}
