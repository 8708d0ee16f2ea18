/**
 * What a program hands to the library's functions: looked at first, so that a wrong argument is refused by its name
 * and never met somewhere inside.
 */
import { z } from "zod";
import { ScenarioError } from "./errors.ts";
import { isRecord } from "./record.ts";

/** Of options, by name: what each may be. Each may be left out. */
const KINDS = {
  /** No path holds a NUL. */
  text: z.string().refine((text) => !text.includes("\0")),
  number: z.number(),
  flag: z.boolean(),
  object: z.record(z.string(), z.unknown()),
  function: z.custom((value) => typeof value === "function"),
  signal: z.instanceof(AbortSignal),
  list: z.custom(Array.isArray),
  /** Another check looks at it. */
  any: z.unknown(),
} as const;

const SPOKEN: Readonly<Record<keyof typeof KINDS, string>> = {
  text: "text",
  number: "a number",
  flag: "true or false",
  object: "an object",
  function: "a function",
  signal: "an AbortSignal",
  list: "a list",
  any: "a value",
};

export type OptionKinds = Readonly<Record<string, keyof typeof KINDS>>;

/**
 * @param where the function, for the message
 * @throws ScenarioError `argument` for an option of another kind, or one that the function does not have
 */
export function requireOptions(given: unknown, kinds: OptionKinds, where: string): void {
  const names = Object.keys(kinds);
  requireObject(given, "options", where, `an object of ${names.join(", ")}`);
  const odd = Object.keys(given).find((name) => !names.includes(name));
  if (odd !== undefined)
    throw argumentError(where, odd, "an option of that name", names.join(", "));
  for (const [name, kind] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, name);
    if (value === undefined || KINDS[kind].safeParse(value).success) continue;
    throw argumentError(where, name, kindOf(value), SPOKEN[kind]);
  }
}

/** @throws ScenarioError `argument` unless it is text without a NUL, which no path holds */
export function requireText(value: unknown, name: string, where: string): asserts value is string {
  if (KINDS.text.safeParse(value).success) return;
  throw argumentError(where, name, kindOf(value), "the path of a file or folder");
}

/** @throws ScenarioError `argument` unless it is an object, neither null nor a list */
export function requireObject(
  value: unknown,
  name: string,
  where: string,
  expected = "an object",
): asserts value is object {
  if (isRecord(value)) return;
  throw argumentError(where, name, kindOf(value), expected);
}

/** @throws ScenarioError `argument` unless it is a list */
export function requireList(
  value: unknown,
  name: string,
  where: string,
  expected = "a list",
): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw argumentError(where, name, kindOf(value), expected);
}

/**
 * As JSON has it.
 *
 * @throws ScenarioError `argument` for what JSON cannot hold: a circle, a bigint, a function, or an object that does
 *   not let itself be read
 */
export function jsonOf(value: unknown, name: string, where: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Its own toJSON or getter threw, or it holds itself.
  }
  if (text !== undefined) return text;
  const got = typeof value === "object" ? "what JSON cannot hold" : kindOf(value);
  throw argumentError(where, name, got, "values that JSON can hold");
}

/** Never the value itself, which may be a row. */
function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value.includes("\0") ? "text with a NUL in it" : "text";
  if (Number.isNaN(value)) return "NaN";
  return `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`;
}

/** Of an argument of that name: what was given, in words that do not quote it, and what is expected. */
export function argumentError(
  where: string,
  name: string,
  got: string,
  expected: string,
): ScenarioError {
  return new ScenarioError({
    what: "argument",
    where: `${where}, ${name}`,
    got,
    expected,
    fix: "docs/library.md shows each function at work.",
  });
}
