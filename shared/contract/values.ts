/** Kinds of value that many parts of a contract have. */
import { z } from "zod";
import { MAX_INSTRUCTIONS } from "./formula/formula.ts";
import { MAX_ARGUMENTS } from "./formula/functions.ts";
import { MAX_LEAVES } from "./recoding.ts";

/** Columns of a table, features of a contract. */
export const MAX_COLUMNS = 1_000;

export const identifier = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/);
export const text = z.string().min(1).max(1_000);
export const interval = z.tuple([z.number(), z.number()]).readonly();
export const labels = z.array(text).min(1).max(MAX_LEAVES).readonly();

const instruction = z.union([
  z.tuple([z.literal("number"), z.number()]).readonly(),
  z.tuple([z.literal("name"), text]).readonly(),
  z.tuple([z.literal("field"), text, text]).readonly(),
  z.tuple([z.literal("call"), text, z.number().int().min(1).max(MAX_ARGUMENTS)]).readonly(),
]);

/** A formula: its text for people, its postfix for the machine. */
export const formula = z.strictObject({
  formula: text,
  postfix: z.array(instruction).min(1).max(MAX_INSTRUCTIONS).readonly(),
});

export type ContractFormula = z.infer<typeof formula>;
