/**
 * Formula text → postfix, by mathjs. Its parser only: `evaluate` and the like run what they read,
 * and their blocklist has been escaped before (CVE-2026-41139). What the parser returns is walked
 * against a whitelist. For the launcher, and for a client that joins and holds a text against what is
 * computed: mathjs is imported when first needed.
 */
import { nearest } from "../../scenario/refusal/nearest.ts";
import { checkArity } from "./call.ts";
import { checkFormula } from "./check.ts";
import type { Instruction, Postfix } from "./formula.ts";
import { OPERATOR_ARITY } from "./functions.ts";
import { listed, refuse } from "./refusal.ts";
import type { FormulaScope } from "./types.ts";

const MAX_CHARACTERS = 1_000;
const MAX_BRACKETS = 50;
const MAX_NODES = 200;
const MAX_DEPTH = 30;
const MAX_LABEL = 100;

/** mathjs's name of an operator → ours. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["add", "+"],
  ["subtract", "-"],
  ["multiply", "*"],
  ["divide", "/"],
  ["pow", "^"],
  ["unaryMinus", "negate"],
  ["smaller", "<"],
  ["smallerEq", "<="],
  ["larger", ">"],
  ["largerEq", ">="],
  ["equal", "=="],
  ["unequal", "!="],
  ["and", "and"],
  ["or", "or"],
  ["not", "not"],
]);

const ALLOWED =
  "numbers, columns, log.field, + - * / ^, comparisons, and, or, not, and the functions of formulas";

/** What a formula is read against. */
interface Reading {
  readonly where: string;
  readonly scope: FormulaScope;
}

/**
 * @param where for messages: "purchases.yaml, features.recency.formula"
 * @param scope where the labels of column == "label" are looked up; postfix holds their indices
 * @throws ScenarioError `expression`; all other names and types are left to `checkFormula`
 */
export async function parseFormula(
  text: string,
  where: string,
  scope: FormulaScope = new Map(),
): Promise<Postfix> {
  if (!(text.length <= MAX_CHARACTERS))
    refuse(where, `${text.length} characters`, `at most ${MAX_CHARACTERS}`);
  // The parser recurses at every bracket, and would exhaust the stack before any walk of ours.
  if (deepestBracket(text) > MAX_BRACKETS)
    refuse(where, "deeper brackets", `at most ${MAX_BRACKETS} levels of brackets`);
  const { parse } = await import("./grammar.ts");
  const postfix = flatten(parsed(parse, text, where), 1, { where, scope });
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
function flatten(node: unknown, depth: number, reading: Reading): Instruction[] {
  const { where } = reading;
  if (depth > MAX_DEPTH) refuse(where, "a deeper formula", `at most ${MAX_DEPTH} levels`);
  switch (get(node, "type")) {
    case "ParenthesisNode":
      return flatten(get(node, "content"), depth + 1, reading);
    case "ConstantNode":
      return [["number", constant(get(node, "value"), where)]];
    case "SymbolNode":
      return [["name", symbol(node, where)]];
    case "AccessorNode":
      return [field(node, where)];
    case "OperatorNode": {
      const name = operator(node, where);
      return labelTest(name, node, reading) ?? flattenCall(name, node, depth, reading);
    }
    case "FunctionNode":
      return flattenCall(functionName(node, where), node, depth, reading);
    default:
      return refuse(where, String(get(node, "type")), ALLOWED);
  }
}

function flattenCall(name: string, node: unknown, depth: number, reading: Reading): Instruction[] {
  const args = operands(node);
  // A step of no argument would not pass for one.
  if (args.length === 0) checkArity(name, 0, reading.where);
  return [...args.flatMap((arg) => flatten(arg, depth + 1, reading)), ["call", name, args.length]];
}

/** column == "label", or != or the other way round; undefined: neither side is a text. */
function labelTest(name: string, node: unknown, reading: Reading): Instruction[] | undefined {
  const args = operands(node);
  const at = args.findIndex((arg) => typeof get(arg, "value") === "string");
  const text = get(args[at], "value");
  if (typeof text !== "string") return undefined;
  const { where, scope } = reading;
  if (name !== "==" && name !== "!=")
    return refuse(where, `a text beside ${name}`, 'column == "label", or !=');
  const column = symbol(args[1 - at], where);
  const index = labelIndex(column, text, where, scope);
  const test: Instruction[] = [
    ["name", column],
    ["number", index],
    ["call", "is", 2],
  ];
  return name === "==" ? test : [...test, ["call", "not", 1]];
}

function labelIndex(column: string, text: string, where: string, scope: FormulaScope): number {
  const type = checkFormula([["name", column]], scope, where);
  if (type.kind !== "bands" && type.kind !== "categories")
    return refuse(where, `a label beside ${column}`, "a column with bands or categories");
  const index = type.labels.indexOf(text);
  if (index >= 0) return index;
  const near = text.length <= MAX_LABEL ? nearest(text, type.labels) : undefined;
  const fix = near === undefined ? "Take a label of the list." : `Did you mean "${near}"?`;
  return refuse(where, `the label ${text}`, `one of ${listed(type.labels)}`, fix);
}

function constant(value: unknown, where: string): number {
  if (typeof value === "string") return refuse(where, "a text", 'a text only in column == "label"');
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

/** Operators have one spelling: a and b, not and(a, b). */
function functionName(node: unknown, where: string): string {
  const name = symbol(get(node, "fn"), where);
  if (OPERATOR_ARITY.has(name)) return refuse(where, `${name}()`, "an operator, between its sides");
  return name;
}

function operator(node: unknown, where: string): string {
  const [op, fn] = [get(node, "op"), get(node, "fn")];
  const name = typeof fn === "string" ? OPERATORS.get(fn) : undefined;
  // "2 x" and "2(x)" read as products: more often a slip than meant.
  if (get(node, "implicit") === true) return refuse(where, "two terms side by side", "an operator");
  // mathjs takes the 3% of 2 + 3% for 3% of 2.
  if (get(node, "isPercentage") === true) return refuse(where, "a percentage", "a number");
  // It binds tighter than they do: "not a > b" reads as (not a) > b, which is rarely meant.
  if (!LOGICAL.has(String(op)) && operands(node).some((arg) => get(arg, "fn") === "not"))
    return refuse(where, `not beside ${op}`, "brackets: not (a > b)");
  return name ?? refuse(where, String(op), ALLOWED);
}

const LOGICAL: ReadonlySet<string> = new Set(["and", "or", "not"]);

function operands(node: unknown): readonly unknown[] {
  const args = get(node, "args");
  return Array.isArray(args) ? args : [];
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
