/**
 * Checked postfix → the text that it stands for, in one spelling: every operator that is part of another
 * stands in brackets, so that no reader needs to know which binds tighter. `parseFormula` reads it back
 * to the same postfix.
 */

import type { Instruction, Postfix } from "./formula.ts";
import { OPERATOR_ARITY } from "./functions.ts";
import type { FormulaScope } from "./types.ts";

interface Part {
  readonly text: string;
  /** It has an operator outside all brackets. */
  readonly open: boolean;
}

/**
 * @param postfix as `checkFormula` takes it
 * @param scope where a label's index becomes its text
 */
export function formulaText(postfix: Postfix, scope: FormulaScope): string {
  const stack: Part[] = [];
  for (const instruction of postfix) stack.push(partOf(instruction, stack, scope));
  const [whole] = stack;
  if (!whole || stack.length !== 1) throw new TypeError("unchecked formula: not one value");
  return whole.text;
}

function partOf(instruction: Instruction, stack: Part[], scope: FormulaScope): Part {
  switch (instruction[0]) {
    case "number":
      return { text: String(instruction[1]), open: instruction[1] < 0 };
    case "name":
      return { text: instruction[1], open: false };
    case "field":
      return { text: `${instruction[1]}.${instruction[2]}`, open: false };
    case "call": {
      const [, name, count] = instruction;
      return callOf(name, stack.splice(-count), scope);
    }
  }
}

function callOf(name: string, args: readonly Part[], scope: FormulaScope): Part {
  const [first = NOTHING, second = NOTHING] = args;
  if (name === "is")
    return { text: `${first.text} == ${labelOf(first, second, scope)}`, open: true };
  if (name === "not") return { text: `not ${closed(first)}`, open: true };
  if (name === "negate") return { text: `-${closed(first)}`, open: true };
  if (OPERATOR_ARITY.has(name))
    return { text: `${closed(first)} ${name} ${closed(second)}`, open: true };
  return { text: `${name}(${args.map(({ text }) => text).join(", ")})`, open: false };
}

const NOTHING: Part = { text: "", open: false };

function closed({ text, open }: Part): string {
  return open ? `(${text})` : text;
}

function labelOf(column: Part, index: Part, scope: FormulaScope): string {
  const entry = scope.get(column.text);
  const labels = entry && "labels" in entry ? entry.labels : [];
  return JSON.stringify(labels[Number(index.text)] ?? "");
}
