/**
 * The contract: everything that decides how a row is anonymized and engineered. Public, the same
 * for all clients, flat JSON under the plan hash. Built by the launcher (build.ts); a
 * client that receives one checks it again with `contractSchema` (check.ts), formulas and widths included.
 */
import { z } from "zod";
import { MOST_ROWS } from "../accounting/mechanisms/event.ts";
import type { Shape } from "../model/model-spec.ts";
import { dateFormat } from "../scenario/date-format.ts";
import { feature } from "./feature.ts";
import { categories, type Recoding, recoding } from "./recoding.ts";
import { formula, identifier, interval, labels, MAX_COLUMNS, text } from "./values.ts";

const days = z.number().int().min(1).max(1_000_000_000);

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
    /** How times are written; absent: as ISO 8601 has them. */
    format: dateFormat.optional(),
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
  /**
   * One row a person; `person`: the raw column that no two rows may share, if any. With
   * `rowsPerPerson` rows may share it, and at most so many of each person are used.
   */
  z.strictObject({
    kind: z.literal("people"),
    person: text.nullable(),
    rowsPerPerson: z.number().int().min(1).max(MOST_ROWS).optional(),
  }),
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
  /** One of several: the class's number is its place in the list. */
  z.strictObject({
    kind: z.literal("classes"),
    name: identifier,
    column: identifier,
    classes: z.array(text).min(2).max(256).readonly(),
  }),
  /** A number, in its own units; beyond its bounds it is the nearer one. */
  z.strictObject({
    kind: z.literal("number"),
    name: identifier,
    column: identifier,
    bounds: interval,
  }),
]);

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

/** Columns that stay, each at its fixed level. */
export function recodedColumns(columns: readonly ContractColumn[]): RecodedColumn[] {
  return columns.flatMap((column) => ("recoding" in column ? [column] : []));
}

/** Rows that a person may have; null: one, by name or by line. */
export function rowsPerPersonOf({ table }: Pick<Contract, "table">): number | null {
  return table.kind === "people" ? (table.rowsPerPerson ?? null) : null;
}

/** Names of the classes where the target lists them; null: a positive label, and all else; or a number. */
export function targetClasses(target: Contract["target"]): readonly string[] | null {
  return target.kind === "classes" ? target.classes : null;
}

/** How many labels there are; 0: the target is a number. */
export function labelCount(target: Contract["target"]): number {
  if (target.kind === "number") return 0;
  return targetClasses(target)?.length ?? 2;
}

/** The model's input: an image where that is all there is, else a plain row. */
export function inputShape(contract: Pick<Contract, "features">): Shape {
  const [first, ...others] = contract.features;
  if (first && others.length === 0) {
    if (first.kind === "image") return first.shape;
    if (first.kind === "scatter") return first.outputShape;
  }
  return [1, 1, modelInputs(contract)];
}

/** Inputs of the model: the widths of all features. */
export function modelInputs(contract: Pick<Contract, "features">): number {
  return contract.features.reduce((inputs, { width }) => inputs + width, 0);
}
