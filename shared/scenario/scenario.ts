/** A scenario file → Scenario: every fault is told with its path into the file. */
import { Document } from "yaml";
import type { z } from "zod";
import { ScenarioError } from "../errors.ts";
import { isRecord, toldAt } from "../record.ts";
import { leadsOutside } from "./data-check.ts";
import { nearest } from "./nearest.ts";
import { checkTogether } from "./scenario-check.ts";
import { NOT_YET, type Scenario, scenarioSchema } from "./scenario-schema.ts";
import { applyOverrides, type Override, parseYaml } from "./scenario-text.ts";

/**
 * @param text the scenario file's text
 * @param file its name, for messages only
 * @throws ScenarioError naming the first fault and its place
 */
export function parseScenario(
  text: string,
  file: string,
  overrides: readonly Override[] = [],
): Scenario {
  const raw = applyOverrides(parseYaml(text, file), overrides);
  refuseNotYet(raw, file);
  const result = scenarioSchema.safeParse(raw);
  if (!result.success) throw schemaError(result.error, raw, file);
  checkTogether(result.data, file);
  checkFolder(result.data, file, overrides);
  return freeze(result.data);
}

/** The scenario with every default filled in, as YAML that `parseScenario` takes back. */
export function resolvedYaml(scenario: Scenario): string {
  return new Document(scenario, { aliasDuplicateObjects: false }).toString({ lineWidth: 120 });
}

function refuseNotYet(raw: unknown, file: string): void {
  for (const [pattern, values] of NOT_YET) {
    for (const [path, value] of matches(raw, pattern.split("."))) {
      if (values && !values.includes(value)) continue;
      throw new ScenarioError({
        what: path,
        where: file,
        got: values ? value : "the key",
        expected: "a feature that this version has; this one is not yet built",
        fix: "Leave it out, or choose another value.",
      });
    }
  }
}

/** The [path, value] pairs of `raw` that a pattern with `*` reaches. */
function matches(raw: unknown, [key, ...rest]: readonly string[], at = ""): [string, unknown][] {
  if (key === undefined) return [[at, raw]];
  if (!isRecord(raw)) return [];
  const keys = key === "*" ? Object.keys(raw) : Object.hasOwn(raw, key) ? [key] : [];
  return keys.flatMap((k) => matches(raw[k], rest, at === "" ? k : `${at}.${k}`));
}

/**
 * A file may be a stranger's, and reads nothing outside its own folder but installed packages; whoever
 * types a command may read what they can.
 */
function checkFolder({ data }: Scenario, file: string, overrides: readonly Override[]): void {
  const { folder } = data.source;
  const typed = overrides.some(({ path }) => path === "data.source.folder");
  if (folder === undefined || typed || !leadsOutside(folder)) return;
  throw new ScenarioError({
    what: "path.escape",
    where: `${file}, data.source.folder`,
    got: folder,
    expected: "a folder beside the scenario, or npm:PACKAGE/FOLDER",
    fix: "Name another folder on the command line: --set data.source.folder=FOLDER.",
  });
}

/** @param schema whose keys a mistaken one may have been meant for */
export function schemaError(
  error: z.ZodError,
  raw: unknown,
  file: string,
  schema: z.ZodType = scenarioSchema,
): ScenarioError {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = knownKeys(path, schema);
    const near = nearest(key, known);
    return new ScenarioError({
      what: "unknownKey",
      where: `${file}, ${[...path, key].join(".")}`,
      got: key,
      expected: known.length > 0 ? `one of ${known.join(", ")}` : "a key of the scenario format",
      fix: near ? `Did you mean ${near}?` : "Remove it.",
    });
  }
  if (issue && path.at(-1) === "key" && path.at(-3) === "columns") return keyInScenario(path, file);
  if (issue?.code === "invalid_key")
    return new ScenarioError({
      what: "key",
      where: `${file}, ${path.join(".")}`,
      got: path.at(-1) ?? "",
      expected: issue.issues[0]?.message ?? "another name",
      fix: "Rename it; of a column, from: gives the raw name.",
    });
  const more = error.issues.length > 1 ? ` (${error.issues.length - 1} more after this one)` : "";
  return new ScenarioError({
    what: path.join(".") || "the scenario",
    where: file,
    got: toldAt(raw, path),
    expected: expectation(issue?.message ?? "a valid value"),
    fix: `Mend it in the file or with --set${more}.`,
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

/** zod's words without what the error already says: "Too small: expected number to be >0". */
function expectation(message: string): string {
  const words = message.replace(/^[^:]*: expected /, "").replace(/, received .*$/, "");
  if (words === "number") return "a finite number";
  return words === "int" ? "a whole number" : words.replace(/^number to be /, "a number ");
}

/** The keys that the schema allows at a path, as far as plain objects go. */
function knownKeys(path: readonly string[], root: z.ZodType): string[] {
  let schema: unknown = root;
  for (const key of path) {
    schema = bare(schema);
    if (isRecord(schema) && isRecord(schema.shape)) schema = schema.shape[key];
    else if (isRecord(schema) && "valueType" in schema) schema = schema.valueType;
    else return [];
  }
  schema = bare(schema);
  return isRecord(schema) && isRecord(schema.shape) ? Object.keys(schema.shape) : [];
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

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
