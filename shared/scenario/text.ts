/**
 * YAML text → plain values. The text is a stranger's: anchors, tags, duplicate keys and deep nests
 * are refused before anything reads it (yaml keeps an unknown tag's value with a mere warning).
 */
import { isAlias, isNode, isScalar, parseDocument, visit } from "yaml";
import { ScenarioError } from "../errors.ts";
import { isRecord, toldAt } from "../record.ts";
import { faultLine, yamlFault } from "./refusal/yaml-fault.ts";

const MAX_SCENARIO_BYTES = 1 << 20;
const MAX_DEPTH = 32;

/** One `--set key=value`: the dotted path and the value's YAML text. */
export interface Override {
  readonly path: string;
  readonly value: string;
}

/** @throws ScenarioError `yaml…` */
export function parseYaml(text: string, file: string): unknown {
  try {
    return parsed(text, file);
  } catch (error) {
    // Parser, walk and conversion recurse at every level. Brackets are counted beforehand; there are other ways down.
    if (error instanceof RangeError) throw tooDeep(file);
    throw error;
  }
}

function tooDeep(where: string): ScenarioError {
  const expected = `at most ${MAX_DEPTH} levels`;
  const fix = "Flatten it.";
  return new ScenarioError({ what: "yaml.depth", where, got: "a deeper nest", expected, fix });
}

function parsed(text: string, file: string): unknown {
  const refuse = (what: string, got: unknown, expected: string, fix: string): never => {
    throw new ScenarioError({ what, where: file, got, expected, fix });
  };
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES)
    refuse("yaml.size", `${Buffer.byteLength(text)} bytes`, "at most 1 MiB", "Move data to files.");
  // The parser recurses at every bracket, and would exhaust the stack before it told of a depth.
  if (deepestBracket(text) > 8 * MAX_DEPTH) throw tooDeep(file);
  const document = parseDocument(text, {
    schema: "core",
    strict: true,
    uniqueKeys: true,
    merge: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (document.errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) throw tooDeep(file);
  if (fault) {
    const what = fault.code === "TAG_RESOLVE_FAILED" ? "yaml.tag" : "yaml";
    const where = `${file}, line ${faultLine(fault, text)}`;
    throw new ScenarioError({ what, where, ...yamlFault(fault) });
  }
  visit(document, {
    Node: (_, node, path) => {
      if (isAlias(node) || (isNode(node) && "anchor" in node && node.anchor))
        refuse("yaml.alias", "an anchor or alias", "plain values", "Write the value out.");
      if (path.length > 2 * MAX_DEPTH) throw tooDeep(file);
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === "__proto__")
        refuse("unknownKey", "__proto__", "a key of the scenario", "Remove it.");
    },
  });
  return document.toJS({ maxAliasCount: 0 });
}

/** `raw` with each override put in its place, in line; a block may be put in the place of a value, and a value of a block. @throws ScenarioError `--set` */
export function applyOverrides(raw: unknown, overrides: readonly Override[]): unknown {
  const seen = new Set<string>();
  for (const { path, value } of overrides) {
    const bad = (got: string, expected: string): never => {
      const fix = "Write --set key.of.the.file=value, each key once.";
      throw new ScenarioError({ what: "--set", where: `--set ${path}`, got, expected, fix });
    };
    if (seen.has(path)) bad("the key twice", "each key once");
    const lost = [...seen].find((before) => before.startsWith(`${path}.`));
    if (lost !== undefined) bad(`the whole block after ${lost}`, "a block before its keys");
    seen.add(path);
    const keys = path.split(".");
    if (keys.includes("__proto__")) bad("__proto__", "a key of the scenario");
    const last = keys.pop() ?? "";
    const parent = blockAt(raw, keys, path);
    if (last === "") bad("an empty key", "a key of the scenario");
    parent[last] = parseYaml(value, `--set ${path}`);
  }
  return raw;
}

/** The block at the end of the keys, each one on the way put there where it is not. @throws ScenarioError for a value on it */
function blockAt(raw: unknown, keys: readonly string[], path: string): Record<string, unknown> {
  let block = raw;
  for (const [i, key] of keys.entries()) {
    if (!isRecord(block)) throw inTheWay(block, keys.slice(0, i), path);
    if (!Object.hasOwn(block, key)) block[key] = {};
    block = block[key];
  }
  if (!isRecord(block)) throw inTheWay(block, keys, path);
  return block;
}

/** A value has no keys; what stands there, and how a block comes in its place. */
function inTheWay(value: unknown, keys: readonly string[], path: string): ScenarioError {
  const place = keys.join(".");
  const rest = path.slice(place.length + 1);
  const isAuto = place === "training" && value === "auto";
  return new ScenarioError({
    what: "--set",
    where: `--set ${path}`,
    got: place === "" ? "a file without keys" : `a key of ${place}, which is ${toldAt(value, [])}`,
    expected: place === "" ? "a scenario" : `a block of keys at ${place}`,
    fix: isAuto
      ? `Put a block in its place: murmur lint prints what auto comes to, as { rounds: …, … }; write it, changed, as --set "training={ … }", or --set training={} before this for the defaults.`
      : `Put a block in its place first: --set "${place}={ ${rest}: … }".`,
  });
}

function deepestBracket(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const c of text) {
    if (c === "[" || c === "{") deepest = Math.max(deepest, ++depth);
    // Those in texts and comments open nothing: they must not pay for others that do.
    else if (c === "]" || c === "}") depth = Math.max(0, depth - 1);
  }
  return deepest;
}
