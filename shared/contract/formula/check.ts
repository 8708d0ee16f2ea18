/**
 * What a postfix formula must satisfy before anything runs it: known names, arity, types, a stack
 * that ends in one value, and an interval for every step, from public bounds alone. A divisor whose
 * interval holds 0 is refused, so nothing that is not finite can come out of a checked formula.
 */
import { nearest } from "../../scenario/refusal/nearest.ts";
import { callType, checkArity } from "./call.ts";
import { type Instruction, MAX_INSTRUCTIONS, type Postfix } from "./formula.ts";
import { MAX_ARGUMENTS } from "./functions.ts";
import { span } from "./interval.ts";
import { listed, refuse } from "./refusal.ts";
import type { FormulaScope, FormulaType, StackType } from "./types.ts";

const MAX_STACK = 100;
/** Names that are longer than any column's were not mistyped. */
const MAX_MISTYPED = 100;

/**
 * @param where for messages: "purchases.yaml, features.recency.formula"
 * @returns the type of the result, with its interval or labels
 * @throws ScenarioError `expression`, whatever the list holds
 */
export function checkFormula(postfix: Postfix, scope: FormulaScope, where: string): FormulaType {
  if (postfix.length > MAX_INSTRUCTIONS)
    refuse(where, `${postfix.length} steps`, `at most ${MAX_INSTRUCTIONS}`);
  const stack: StackType[] = [];
  for (const instruction of postfix) {
    stack.push(step(instructionOf(instruction, where), stack, scope, where));
    if (stack.length > MAX_STACK) refuse(where, "a deeper formula", `${MAX_STACK} values at once`);
  }
  const [result] = stack;
  if (!result || stack.length !== 1) return refuse(where, `${stack.length} values`, "one value");
  if (result.kind === "date")
    return refuse(where, `the date ${result.column}`, "a number", `Write daysBefore(column).`);
  return result;
}

/** An instruction that came as JSON, its shape checked. */
function instructionOf(value: unknown, where: string): Instruction {
  const [kind, first, second, ...rest]: unknown[] = Array.isArray(value) ? value : [];
  if (kind === "number" && typeof first === "number" && second === undefined) return [kind, first];
  if (rest.length === 0 && typeof first === "string") {
    if (kind === "name" && second === undefined) return [kind, first];
    if (kind === "field" && typeof second === "string") return [kind, first, second];
    if (kind === "call" && typeof second === "number" && isCount(second))
      return [kind, first, second];
  }
  return refuse(where, "another step", "a number, a name, a field or a call");
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MAX_ARGUMENTS;
}

function step(
  instruction: Instruction,
  stack: StackType[],
  scope: FormulaScope,
  where: string,
): StackType {
  switch (instruction[0]) {
    case "number":
      if (!Number.isFinite(instruction[1])) refuse(where, `${instruction[1]}`, "a finite number");
      return { kind: "number", ...span([instruction[1]], Number.isInteger(instruction[1])) };
    case "name":
      return nameType(instruction[1], scope, where);
    case "field":
      return fieldType(instruction[1], instruction[2], scope, where);
    case "call": {
      const [, name, count] = instruction;
      checkArity(name, count, where);
      if (stack.length < count) refuse(where, `${stack.length} values`, `${count} for ${name}`);
      return callType(name, stack.splice(-count), where);
    }
  }
}

function nameType(name: string, scope: FormulaScope, where: string): StackType {
  const entry = scope.get(name);
  if (!entry) return unknownName(name, scope, where);
  switch (entry.kind) {
    case "forbidden":
      return refuse(where, name, entry.why, "Take another column.");
    case "text":
      return refuse(
        where,
        `the text ${name}`,
        "a column of numbers, bands or categories",
        `Declare a vocabulary, bands or a hierarchy for ${name}.`,
      );
    case "log":
      return { kind: "log", log: name, events: entry.events };
    case "date":
      return { kind: "date", column: name, days: span([entry.low, entry.high], true) };
    default:
      return entry;
  }
}

function fieldType(log: string, field: string, scope: FormulaScope, where: string): StackType {
  const entry = scope.get(log);
  if (!entry) return unknownName(log, scope, where);
  if (entry.kind !== "log")
    return refuse(where, `${log}.${field}`, "fields of event logs only", `Write ${log} alone.`);
  const interval = entry.fields.get(field);
  const known = [...entry.fields.keys()].map((name) => `${log}.${name}`);
  if (!interval)
    return refuse(
      where,
      `${log}.${field}`,
      `one of ${listed(known)}`,
      "Name a field that is kept.",
    );
  return { kind: "series", log, events: entry.events, ...interval };
}

function unknownName(name: string, scope: FormulaScope, where: string): never {
  const known = [...scope].flatMap(([key, { kind }]) => (kind === "forbidden" ? [] : [key]));
  const near = name.length <= MAX_MISTYPED ? nearest(name, known) : undefined;
  const fix = near ? `Did you mean ${near}?` : "Use a key of data.columns.";
  return refuse(where, name, `a column: ${listed(known)}`, fix);
}
