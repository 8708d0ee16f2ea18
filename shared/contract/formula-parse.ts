/**
 * Formula text → postfix, by mathjs. Its parser only: `evaluate` and the like run what they read,
 * and their blocklist has been escaped before (CVE-2026-41139). What the parser returns is walked
 * against a whitelist. For the launcher: mathjs, which costs 0.35 s, is imported when first needed.
 */
import type { Instruction, Postfix } from "./formula.ts";
import { refuse } from "./formula-check.ts";

const MAX_CHARACTERS = 1_000;
const MAX_BRACKETS = 50;
const MAX_NODES = 200;
const MAX_DEPTH = 30;

/** mathjs's name of an operator → ours. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["add", "+"],
  ["subtract", "-"],
  ["multiply", "*"],
  ["divide", "/"],
  ["unaryMinus", "negate"],
  ["smaller", "<"],
  ["smallerEq", "<="],
  ["larger", ">"],
  ["largerEq", ">="],
  ["equal", "=="],
  ["unequal", "!="],
]);

const ALLOWED = "numbers, columns, log.field, + - * /, comparisons, and the functions of formulas";

/**
 * @param where for messages: "purchases.yaml, features.recency.formula"
 * @throws ScenarioError `expression`; names and types are left to `checkFormula`
 */
export async function parseFormula(text: string, where: string): Promise<Postfix> {
  if (!(text.length <= MAX_CHARACTERS))
    refuse(where, `${text.length} characters`, `at most ${MAX_CHARACTERS}`);
  // The parser recurses at every bracket, and would exhaust the stack before any walk of ours.
  if (deepestBracket(text) > MAX_BRACKETS)
    refuse(where, "deeper brackets", `at most ${MAX_BRACKETS} levels of brackets`);
  const { parse } = await import("mathjs/number");
  const postfix = flatten(parsed(parse, text, where), 1, where);
  if (postfix.length > MAX_NODES) refuse(where, "a longer formula", `at most ${MAX_NODES} parts`);
  return postfix;
}

function deepestBracket(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function parsed(parse: (text: string) => unknown, text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // A SyntaxError of its grammar, or a RangeError of its stack: both are the text's fault.
    const reason = error instanceof Error ? error.message : "it cannot be read";
    return refuse(where, reason, "a formula", "Mend the formula at that place.");
  }
}

/** A node's instructions, arguments before functions. */
function flatten(node: unknown, depth: number, where: string): Instruction[] {
  if (depth > MAX_DEPTH) refuse(where, "a deeper formula", `at most ${MAX_DEPTH} levels`);
  switch (get(node, "type")) {
    case "ParenthesisNode":
      return flatten(get(node, "content"), depth + 1, where);
    case "ConstantNode":
      return [["number", constant(get(node, "value"), where)]];
    case "SymbolNode":
      return [["name", symbol(node, where)]];
    case "AccessorNode":
      return [field(node, where)];
    case "OperatorNode":
      return flattenCall(operator(node, where), node, depth, where);
    case "FunctionNode":
      return flattenCall(symbol(get(node, "fn"), where), node, depth, where);
    default:
      return refuse(where, String(get(node, "type")), ALLOWED);
  }
}

function flattenCall(name: string, node: unknown, depth: number, where: string): Instruction[] {
  const args = get(node, "args");
  if (!Array.isArray(args)) return refuse(where, name, ALLOWED);
  return [...args.flatMap((arg) => flatten(arg, depth + 1, where)), ["call", name, args.length]];
}

function constant(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    return refuse(where, String(value ?? "nothing"), "a finite number");
  return value;
}

function symbol(node: unknown, where: string): string {
  const name = get(node, "name");
  if (get(node, "type") !== "SymbolNode" || typeof name !== "string")
    return refuse(where, String(get(node, "type")), "the name of a function or of a column");
  return name;
}

function operator(node: unknown, where: string): string {
  const [op, fn] = [get(node, "op"), get(node, "fn")];
  const name = typeof fn === "string" ? OPERATORS.get(fn) : undefined;
  // "2 x" and "2(x)" read as products: more often a slip than meant.
  if (get(node, "implicit") === true) return refuse(where, "two terms side by side", "an operator");
  return name ?? refuse(where, String(op), ALLOWED);
}

/** `log.field`, and no other access: not x["y"], not x[1], not x.y.z, not x?.y. */
function field(node: unknown, where: string): Instruction {
  const index = get(node, "index");
  const dimensions = get(index, "dimensions");
  const key = Array.isArray(dimensions) ? get(dimensions[0], "value") : undefined;
  const plain = get(index, "dotNotation") === true && get(node, "optionalChaining") !== true;
  if (!plain || typeof key !== "string") return refuse(where, "an index", "log.field");
  return ["field", symbol(get(node, "object"), where), key];
}

function get(node: unknown, key: string): unknown {
  return typeof node === "object" && node !== null ? Reflect.get(node, key) : undefined;
}
