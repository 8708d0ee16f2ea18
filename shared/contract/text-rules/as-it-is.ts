/** Any cell, kept as it is. */
import { z } from "zod";
import type { TextRule } from "./rule.ts";

const schema = z.strictObject({ kind: z.literal("text") });

export const AS_IT_IS = {
  schema,
  keys: [],
  build: () => ({ kind: "text" }),
  check: () => {},
  describe: () => "text as it is",
  isWhole: () => true,
  keep: null,
  shape: () => "any cell",
  coarseness: () => null,
} satisfies TextRule<z.infer<typeof schema>>;
