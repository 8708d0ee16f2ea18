/**
 * The contract: everything that decides how a row is anonymized and engineered. Public, the same
 * for all clients, flat JSON under the plan hash. Built by the launcher (contract-build.ts); a
 * client that receives one checks it again with `contractSchema` (contract-check.ts), formulas and widths included.
 */
import { z } from "zod";
import { MAX_INSTRUCTIONS } from "./formula.ts";
import { MAX_ARGUMENTS } from "./formula-functions.ts";
import { categories, MAX_LEAVES, type Recoding, recoding } from "./recoding.ts";

const MAX_COLUMNS = 1_000;

const identifier = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/);
const text = z.string().min(1).max(1_000);
const days = z.number().int().min(1).max(1_000_000_000);
const interval = z.tuple([z.number(), z.number()]).readonly();
const labels = z.array(text).min(1).max(MAX_LEAVES).readonly();

const instruction = z.union([
  z.tuple([z.literal("number"), z.number()]).readonly(),
  z.tuple([z.literal("name"), text]).readonly(),
  z.tuple([z.literal("field"), text, text]).readonly(),
  z.tuple([z.literal("call"), text, z.number().int().min(1).max(MAX_ARGUMENTS)]).readonly(),
]);

/** A formula: its text for people, its postfix for the machine. */
const formula = z.strictObject({
  formula: text,
  postfix: z.array(instruction).min(1).max(MAX_INSTRUCTIONS).readonly(),
});

const recoded = { name: identifier, from: text };
const column = z.discriminatedUnion("role", [
  z.strictObject({
    ...recoded,
    role: z.literal("directIdentifier"),
    /** What stands for it in the anonymized table: nothing, or a pseudonym under the client's own key. */
    action: z.enum(["drop", "pseudonym"]),
    /** By which rules two spellings are one. */
    identifier: z.enum(["text", "email", "phone"]),
    /** A pseudonym that only joins rows, and is gone once they are. */
    dropAfterJoin: z.boolean(),
  }),
  z.strictObject({ ...recoded, role: z.literal("drop") }),
  z.strictObject({
    ...recoded,
    role: z.literal("target"),
    /** Labels there may be; null: any. */
    vocabulary: labels.nullable(),
  }),
  z.strictObject({
    ...recoded,
    role: z.enum(["quasiIdentifier", "sensitive", "insensitive"]),
    /** Of several rows of a person, the first before the cut-off; null: a person has one row. */
    take: z.literal("first").nullable(),
    recoding,
    /** Why identifiers that the scanner finds in it may stay; null: they may not. */
    identifiersKnown: text.nullable(),
  }),
  z.strictObject({
    ...recoded,
    role: z.literal("eventLog"),
    time: text,
    /** Milliseconds since 1970 UTC; features see events strictly before it. */
    cutOffMs: z.number().int(),
    maxAgeDays: days,
    maxEvents: days,
    /** Whole days before the cut-off are rounded down to a multiple of it; 1: as they are. */
    truncateDays: z.number().int().min(1).max(366),
    /** null: amounts are not kept. */
    amount: z
      .strictObject({
        clip: interval,
        round: z.number().positive().nullable(),
        /** In its place: to the multiple below, or to the lower end of its band. */
        floor: z.number().positive().optional(),
        bands: z.array(z.number()).min(1).max(1_000).readonly().optional(),
      })
      .nullable(),
    /** null: categories are not kept. */
    category: z.strictObject({ from: text, recoding: categories }).nullable(),
    /** Of an event in a list, what follows its time. */
    listed: z
      .array(z.enum(["amount", "category"]))
      .max(2)
      .readonly(),
    identifiersKnown: text.nullable(),
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
    /** What happens to rows alike fewer than k at their client: nothing; they go; all are recoded anew. */
    mode: z.enum(["report", "suppress", "mondrian"]),
    k: z.number().int().min(2),
    sensitive: z.array(identifier).readonly(),
    /** True: some level was learned from the rows, so that no epsilon holds against the raw table. */
    unsafe: z.boolean(),
  }),
  features: z.array(feature).min(1).max(MAX_COLUMNS).readonly(),
});

export type Contract = z.infer<typeof contractShape>;
/** What anonymization alone reads of one: no features, and perhaps no label. */
export type TableContract = Pick<Contract, "table" | "columns" | "where" | "anonymity"> & {
  readonly target: Contract["target"] | null;
};
export type ContractColumn = Contract["columns"][number];
/** A column that is kept, by its recoding. */
export type RecodedColumn = Extract<ContractColumn, { readonly recoding: Recoding }>;
export type EventLogColumn = Extract<ContractColumn, { role: "eventLog" }>;
export type Feature = z.infer<typeof feature>;
export type ContractFormula = z.infer<typeof formula>;

/** Columns that stay, each at its fixed level. */
export function recodedColumns(columns: readonly ContractColumn[]): RecodedColumn[] {
  return columns.flatMap((column) => ("recoding" in column ? [column] : []));
}

/** Inputs of the model: the widths of all features. */
export function modelInputs(contract: Pick<Contract, "features">): number {
  return contract.features.reduce((inputs, { width }) => inputs + width, 0);
}
