/**
 * YAML text → plain values. The text is a stranger's: anchors, tags, duplicate keys and deep nests
 * are refused before anything reads it (yaml keeps an unknown tag's value with a mere warning).
 */
import { isAlias, isNode, parse, parseDocument, visit } from "yaml";
import { ScenarioError } from "../errors.ts";

const MAX_SCENARIO_BYTES = 1 << 20;
const MAX_DEPTH = 32;

/** One `--set key=value`: the dotted path and the value's YAML text. */
export interface Override {
  readonly path: string;
  readonly value: string;
}

/** @throws ScenarioError `yaml…` */
export function parseYaml(text: string, file: string): unknown {
  const refuse = (what: string, got: unknown, expected: string, fix: string): never => {
    throw new ScenarioError({ what, where: file, got, expected, fix });
  };
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES)
    refuse("yaml.size", `${Buffer.byteLength(text)} bytes`, "at most 1 MiB", "Move data to files.");
  const document = parseDocument(text, {
    schema: "core",
    strict: true,
    uniqueKeys: true,
    merge: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const what = fault.code === "TAG_RESOLVE_FAILED" ? "yaml.tag" : "yaml";
    const line = fault.linePos?.[0].line ?? 0;
    refuse(what, `line ${line}: ${fault.message.split("\n")[0]}`, "plain YAML", "Mend that line.");
  }
  visit(document, {
    Node: (_, node, path) => {
      if (isAlias(node) || (isNode(node) && "anchor" in node && node.anchor))
        refuse("yaml.alias", "an anchor or alias", "plain values", "Write the value out.");
      if (path.length > 2 * MAX_DEPTH)
        refuse("yaml.depth", "a deeper nest", `at most ${MAX_DEPTH} levels`, "Flatten it.");
    },
  });
  return document.toJS({ maxAliasCount: 0 });
}

/** `raw` with each override put in its place, in line. @throws ScenarioError `--set` */
export function applyOverrides(raw: unknown, overrides: readonly Override[]): unknown {
  const seen = new Set<string>();
  for (const { path, value } of overrides) {
    const bad = (got: string, expected: string): never => {
      const fix = "Write --set key.of.the.file=value, each key once.";
      throw new ScenarioError({ what: "--set", where: `--set ${path}`, got, expected, fix });
    };
    if (seen.has(path)) bad("the key twice", "each key once");
    seen.add(path);
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let parent = raw;
    for (const key of keys) {
      if (!isRecord(parent)) return bad(`no block ${key}`, "a key of the scenario");
      if (!Object.hasOwn(parent, key)) parent[key] = {};
      parent = parent[key];
    }
    if (!isRecord(parent) || last === "" || last === "__proto__")
      return bad("a key inside a value", "a key of the scenario");
    if (isRecord(parent[last])) bad("a value for a whole block", "a key inside that block");
    parent[last] = parse(value, { schema: "core" });
  }
  return raw;
}

/** A mapping of YAML. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
