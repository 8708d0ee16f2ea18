/** The recodings of text to text, by name: what the rest of the program asks of one it asks here. */
import type { z } from "zod";
import { AS_IT_IS } from "./as-it-is.ts";
import { CODE } from "./code.ts";
import type { TextRule } from "./rule.ts";

/** Its key is the kind in the contract, and the column's `type` in a scenario. */
const RULES = { code: CODE, text: AS_IT_IS } as const;

export const TEXT_SCHEMAS = [CODE.schema, AS_IT_IS.schema] as const;

export type TextRecoding = z.infer<(typeof TEXT_SCHEMAS)[number]>;
export type TextKind = TextRecoding["kind"];

/** Keys of the scenario that one of them reads. */
export const TEXT_KEYS = Object.values(RULES).flatMap(({ keys }) => keys);

export function isTextKind(kind: string): kind is TextKind {
  return Object.hasOwn(RULES, kind);
}

/** True for a column whose values are text: no formula reads it, and a table need not know them beforehand. */
export function isTextRecoding<R extends { readonly kind: string }>(
  recoding: R,
): recoding is R & TextRecoding {
  return isTextKind(recoding.kind);
}

/** The rule of that kind. */
export function textRule(kind: TextKind): TextRule<TextRecoding> {
  // Each is asked about recodings of its own kind alone, which the compiler cannot see.
  return RULES[kind] as unknown as TextRule<TextRecoding>;
}
