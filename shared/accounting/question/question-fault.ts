/** What is wrong with a question about ε or δ, in the words of every other refusal. */
import type { z } from "zod";
import { ScenarioError } from "../../errors.ts";
import { told, toldAt } from "../../record.ts";

const FIX = "See murmur account --help.";

export function refusal(
  what: string,
  where: string,
  got: unknown,
  expected: string,
): ScenarioError {
  return new ScenarioError({ what, where, got: told(got), expected, fix: FIX });
}

/**
 * `raw` as the schema has it.
 *
 * @param keys that the schema knows, for the message
 * @throws ScenarioError naming the first key at fault
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  keys: readonly string[],
  where: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") {
    const path = issue.path.map(String);
    const known = path.length === 0 ? `one of ${keys.join(", ")}` : "a key that belongs there";
    throw refusal("unknownKey", where, [...path, issue.keys[0]].join("."), known);
  }
  const path = issue?.path ?? [];
  const message = issue?.message ?? "a valid value";
  // zod begins with what it is about, and the refusal says "expected" itself.
  const expected = message.replace(/^[A-Z][a-z ]+: expected /, "");
  throw refusal(path.join(".") || "the line", where, toldAt(raw, path), expected);
}
