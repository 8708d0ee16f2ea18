/** Kinds of value that many keys of a scenario have. */
import { z } from "zod";

export const identifier = z.string().regex(/^[a-z][a-zA-Z0-9]{0,63}$/, "a camelCase identifier");
export const count = z.number().int().min(1).max(1_000_000_000);
export const positive = z.number().positive();
export const interval = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, "two numbers, the first below the second");
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD, midnight UTC");
export const formula = z.string().min(1).max(1_000);
