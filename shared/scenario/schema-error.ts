/** What a schema refuses, in a person's words: the place, what was there, what is due, the likeliest meaning. */
import type { z } from "zod";
import { ScenarioError } from "../errors.ts";
import { isRecord, toldAt } from "../record.ts";
import { nearest } from "./nearest.ts";

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
  const got = toldAt(raw, path);
  const near = typeof got === "string" ? nearest(got, optionsOf(issue)) : undefined;
  const more = error.issues.length > 1 ? ` (${error.issues.length - 1} more after this one)` : "";
  return new ScenarioError({
    what: path.join(".") || "the scenario",
    where: file,
    got,
    expected: issue ? expectation(issue) : "a valid value",
    fix: near ? `Did you mean ${near}?${more}` : `Mend it in the file or with --set${more}.`,
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
  const near = nearest(key, known);
  return new ScenarioError({
    what: "unknownKey",
    where: `${file}, ${[...path, key].join(".")}`,
    got: key,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : "a key of the scenario format",
    fix: near ? `Did you mean ${near}?` : "Remove it.",
  });
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

/** The keys that a schema allows at a path; of several forms, those of the one that `raw` names. */
function knownKeys(schema: unknown, path: readonly string[], raw: unknown): string[] {
  const inner = bare(schema);
  if (!isRecord(inner) || !isRecord(inner.def)) return [];
  if (Array.isArray(inner.def.options)) {
    const { options } = inner.def;
    const forms = options.filter((option: unknown) => !differs(option, inner.def, raw));
    const keys = forms.flatMap((form: unknown) => knownKeys(form, path, raw));
    return [...new Set(keys)];
  }
  const [key, ...rest] = path;
  if (key === undefined) return isRecord(inner.shape) ? Object.keys(inner.shape) : [];
  const value = isRecord(raw) || Array.isArray(raw) ? Reflect.get(raw, key) : undefined;
  if (isRecord(inner.shape)) return knownKeys(inner.shape[key], rest, value);
  return knownKeys(inner.def.valueType ?? inner.def.element, rest, value);
}

/** True of a form of another kind than the one that the value gives itself. */
function differs(form: unknown, def: unknown, raw: unknown): boolean {
  const key =
    isRecord(def) && typeof def.discriminator === "string" ? def.discriminator : undefined;
  if (key === undefined || !isRecord(raw) || !isRecord(form) || !isRecord(form.shape)) return false;
  const literal = bare(form.shape[key]);
  const values = isRecord(literal) && isRecord(literal.def) ? literal.def.values : undefined;
  return Array.isArray(values) && !values.includes(raw[key]);
}

/** A schema without its `optional`, `default` and `prefault` wrappers, and before any transform. */
function bare(schema: unknown): unknown {
  let inner = schema;
  while (isRecord(inner) && isRecord(inner.def)) {
    if ("innerType" in inner.def) inner = inner.def.innerType;
    else if (inner.def.type === "pipe") inner = inner.def.in;
    else break;
  }
  return inner;
}
