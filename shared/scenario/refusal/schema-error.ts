/** What a schema refuses, in a person's words: the place, what was there, what is due, the likeliest meaning. */
import type { z } from "zod";
import { ScenarioError } from "../../errors.ts";
import { valueAt } from "../../record.ts";
import { calledHere, noteOn } from "./key-help.ts";
import { knownKeys, placesOf } from "./known-keys.ts";
import { nearest } from "./nearest.ts";
import { valueFault } from "./value-fault.ts";

type Issue = z.core.$ZodIssue;

/** @param schema whose keys a mistaken one may have been meant for */
export function schemaError(
  error: z.ZodError,
  raw: unknown,
  file: string,
  schema: z.ZodType,
): ScenarioError {
  const first = likeliest(error.issues);
  const at = first?.path.map(String) ?? [];
  const key = at.findIndex((name, i) => name === "key" && at[i - 2] === "columns");
  if (key >= 0) return keyInScenario(at.slice(0, key + 1), file);
  const issue = first && meant(first);
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === "unrecognized_keys")
    return unknownKey(issue.keys[0] ?? "", path, file, raw, schema);
  if (issue?.code === "invalid_key")
    return new ScenarioError({
      what: "key",
      where: `${file}, ${path.join(".")}`,
      got: path.at(-1) ?? "",
      expected: issue.issues[0]?.message ?? "another name",
      fix: "Rename it; of a column, from: gives the raw name.",
    });
  const value = valueAt(raw, path);
  const near = typeof value === "string" ? nearest(value, optionsOf(issue)) : undefined;
  const fault = valueFault(path, value, issue ? expectation(issue) : "a valid value");
  const more = error.issues.length > 1 ? ` (${error.issues.length - 1} more after this one)` : "";
  return new ScenarioError({
    what: path.join(".") || "the scenario",
    where: file,
    ...fault,
    fix: `${near ? `Did you mean ${near}?` : fault.fix}${more}`,
  });
}

/** The first one; where a key is missing, the unknown key beside it, which may be that one mistyped. */
function likeliest([first, ...others]: readonly Issue[]): Issue | undefined {
  if (first?.code !== "invalid_type") return first;
  const block = first.path.slice(0, -1).join(".");
  const beside = others.find(
    ({ code, path }) => code === "unrecognized_keys" && path.join(".") === block,
  );
  return beside ?? first;
}

/** Where one form alone of several lets the value in and then finds a fault in it, that fault. */
function meant(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const entered = issue.errors.filter((branch) => branch.every(({ path }) => path.length > 0));
  const inner = entered.length === 1 ? likeliest(entered[0] ?? []) : undefined;
  return inner ? meant({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function unknownKey(
  key: string,
  path: readonly string[],
  file: string,
  raw: unknown,
  schema: z.ZodType,
): ScenarioError {
  const known = knownKeys(schema, path, raw);
  return new ScenarioError({
    what: "unknownKey",
    where: `${file}, ${[...path, key].join(".")}`,
    got: key,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : "a key of the scenario format",
    fix: likelyKey(key, path, known, schema),
  });
}

/** A near name in the block, the usual name of another key, the same name in another block. */
function likelyKey(
  key: string,
  path: readonly string[],
  known: readonly string[],
  schema: z.ZodType,
): string {
  const near = nearest(key, known);
  if (near) return `Did you mean ${near}?`;
  const usual = calledHere(key);
  const [only, ...others] = usual ? [usual.split(".")] : placesOf(key, schema);
  if (only === undefined || others.length > 0) return "Remove it.";
  const block = only.slice(0, -1).map((name, i) => (name === "*" ? (path[i] ?? name) : name));
  const [name] = only.slice(-1);
  const note = noteOn(only.join("."));
  const said = note ? ` (${note})` : "";
  if (block.join(".") === path.join(".")) return `Did you mean ${name}${said}?`;
  return `Did you mean ${[...block, name].join(".")}${said}?`;
}

/** Whoever may read the scenario has such a key; its text is not told once more. */
function keyInScenario(path: readonly string[], file: string): ScenarioError {
  return new ScenarioError({
    what: "keyInScenario",
    where: `${file}, ${path.join(".")}`,
    got: "another value",
    expected: "whence the key comes: { env: NAME } or { file: PATH }",
    fix: "Take any key out of the file, and draw a new one.",
  });
}

const KINDS: Readonly<Record<string, string>> = {
  number: "a finite number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "keys and their values",
  record: "keys and their values",
};

/** The schema's own words where it has some; zod's, said plainly, where it has none. */
function expectation(issue: Issue): string {
  const options = optionsOf(issue);
  if (options.length > 0) return options.length > 1 ? `one of ${options.join(", ")}` : `${options}`;
  const { code, message } = issue;
  if (code === "invalid_type" && message.startsWith("Invalid input"))
    return KINDS[issue.expected] ?? issue.expected;
  if (code === "too_small" && message.startsWith("Too small"))
    return bounded(issue.origin, issue.inclusive === false ? ">" : "≥", issue.minimum);
  if (code === "too_big" && message.startsWith("Too big"))
    return bounded(issue.origin, issue.inclusive === false ? "<" : "≤", issue.maximum);
  return message;
}

function bounded(origin: string, sign: string, bound: number | bigint): string {
  if (origin === "array") return `a list of ${sign === "≥" ? "at least" : "at most"} ${bound}`;
  if (origin === "string") return `text, its length ${sign} ${bound}`;
  return `a number ${sign} ${bound}`;
}

/** The values among which one was due; none where that is not the fault. */
function optionsOf(issue: Issue | undefined): readonly string[] {
  if (issue?.code === "invalid_value" && issue.message.startsWith("Invalid"))
    return issue.values.map(String);
  if (issue?.code !== "invalid_union" || !("options" in issue)) return [];
  return Array.isArray(issue.options) ? issue.options.map(String) : [];
}
