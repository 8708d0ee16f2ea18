/**
 * What a postfix formula must satisfy before anything runs it: known names, arity, types, a stack
 * that ends in one value, and an interval for every step, from public bounds alone. A divisor whose
 * interval holds 0 is refused, so nothing that is not finite can come out of a checked formula.
 */
import { ScenarioError } from "../errors.ts";
import { nearest } from "../scenario/nearest.ts";
import type { Instruction, Postfix } from "./formula.ts";
import { INTERVALS, type Interval, span, whole, ZERO } from "./interval.ts";

export type FormulaType =
  | ({ readonly kind: "number" } & Interval)
  /** One number for each of at most `events` events of `log`. */
  | ({ readonly kind: "series"; readonly log: string; readonly events: number } & Interval)
  | { readonly kind: "log"; readonly log: string; readonly events: number }
  /** Indices into `labels`, which have an order. */
  | { readonly kind: "bands"; readonly labels: readonly string[] }
  | { readonly kind: "categories"; readonly labels: readonly string[] }
  | { readonly kind: "oneHot"; readonly labels: readonly string[] };

/** What a name of a formula stands for. */
export type ScopeEntry =
  | Exclude<FormulaType, { kind: "series" | "log" | "oneHot" }>
  | {
      readonly kind: "log";
      readonly events: number;
      readonly fields: ReadonlyMap<string, Interval>;
    }
  | { readonly kind: "forbidden"; readonly why: string };

export type FormulaScope = ReadonlyMap<string, ScopeEntry>;

const MAX_STACK = 50;

const ARITY: ReadonlyMap<string, number> = new Map([
  ...["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="].map((name) => [name, 2] as const),
  ...["count", "sum", "distinct", "floor", "log1p", "ordinal", "oneHot", "negate"].map(
    (name) => [name, 1] as const,
  ),
  ...["mean", "min", "max"].map((name) => [name, 2] as const),
  ...["clip", "div"].map((name) => [name, 3] as const),
]);

/**
 * @param where for messages: "purchases.yaml, features.recency.formula"
 * @returns the type of the result, with its interval or labels
 * @throws ScenarioError `expression`
 */
export function checkFormula(postfix: Postfix, scope: FormulaScope, where: string): FormulaType {
  const stack: FormulaType[] = [];
  for (const instruction of postfix) {
    stack.push(step(instruction, stack, scope, where));
    if (stack.length > MAX_STACK) refuse(where, "a deeper formula", `${MAX_STACK} values at once`);
  }
  const [result] = stack;
  if (!result || stack.length !== 1) return refuse(where, `${stack.length} values`, "one value");
  return result;
}

/** Refuses an expression, in the words that fit any of them. */
export function refuse(where: string, got: string, expected: string, fix = MEND): never {
  throw new ScenarioError({ what: "expression", where, got, expected, fix });
}

const MEND = "Mend the formula.";

function step(
  instruction: Instruction,
  stack: FormulaType[],
  scope: FormulaScope,
  where: string,
): FormulaType {
  switch (instruction[0]) {
    case "number":
      if (!Number.isFinite(instruction[1])) refuse(where, `${instruction[1]}`, "a finite number");
      return numberType(span([instruction[1]], Number.isInteger(instruction[1])));
    case "name":
      return nameType(instruction[1], scope, where);
    case "field":
      return fieldType(instruction[1], instruction[2], scope, where);
    case "call": {
      const [, name, count] = instruction;
      checkArity(name, count, where);
      if (stack.length < count) refuse(where, `${stack.length} values`, `${count} for ${name}`);
      const args = stack.splice(-count);
      return finite(callType(name, args, where), name, args, where);
    }
  }
}

function nameType(name: string, scope: FormulaScope, where: string): FormulaType {
  const entry = scope.get(name);
  if (!entry) return unknownName(name, scope, where);
  if (entry.kind === "forbidden") return refuse(where, name, entry.why, "Take another column.");
  if (entry.kind === "log") return { kind: "log", log: name, events: entry.events };
  return entry;
}

function fieldType(log: string, field: string, scope: FormulaScope, where: string): FormulaType {
  const entry = scope.get(log);
  if (!entry) return unknownName(log, scope, where);
  if (entry.kind !== "log")
    return refuse(where, `${log}.${field}`, "fields of event logs only", `Write ${log} alone.`);
  const interval = entry.fields.get(field);
  const known = [...entry.fields.keys()].map((name) => `${log}.${name}`).join(", ");
  if (!interval)
    return refuse(where, `${log}.${field}`, `one of ${known}`, "Name a field that is kept.");
  return { kind: "series", log, events: entry.events, ...interval };
}

function unknownName(name: string, scope: FormulaScope, where: string): never {
  const known = [...scope].flatMap(([key, { kind }]) => (kind === "forbidden" ? [] : [key]));
  const near = nearest(name, known);
  const fix = near ? `Did you mean ${near}?` : "Use a key of data.columns.";
  return refuse(where, name, `a column: ${known.join(", ")}`, fix);
}

function checkArity(name: string, count: number, where: string): void {
  const arity = ARITY.get(name);
  if (arity === undefined) {
    const functions = [...ARITY.keys()].filter((key) => /^[a-z]/i.test(key) && key !== "negate");
    refuse(where, `${name}()`, `one of ${functions.join(", ")}`, "Use a function of the list.");
  }
  if (count === 1 && ["mean", "min", "max"].includes(name)) {
    const expected = "a second argument, the value for an empty log";
    refuse(where, `${name} of one argument`, expected, `Write ${name}(log.field, 0), say.`);
  }
  if (count !== arity) refuse(where, `${count} arguments`, `${arity} for ${name}`);
}

function callType(name: string, args: readonly FormulaType[], where: string): FormulaType {
  const [first, second] = args;
  if (name === "ordinal" || name === "oneHot") return recodedType(name, first, where);
  if (name === "count" && first?.kind === "log") return numberType(whole(0, first.events));
  if (first?.kind === "series" && second?.kind !== "series") {
    const reduced = reducedInterval(name, first, second);
    if (reduced) return numberType(reduced);
  }
  if (!INTERVALS.has(name)) return refuse(where, got(first), `a field of an event log for ${name}`);
  return elementwiseType(name, args, where);
}

/** Nothing may overflow on the way, even where a later `clip` would hide it. */
function finite(
  type: FormulaType,
  name: string,
  args: readonly FormulaType[],
  where: string,
): FormulaType {
  if (!("low" in type) || (Number.isFinite(type.low) && Number.isFinite(type.high))) return type;
  return refuse(where, `${name} of ${ranges(args)}`, "a result that cannot overflow");
}

function recodedType(
  name: "ordinal" | "oneHot",
  of: FormulaType | undefined,
  where: string,
): FormulaType {
  if (name === "ordinal") {
    if (of?.kind !== "bands")
      return refuse(
        where,
        `ordinal of ${got(of)}`,
        "a column with bands",
        "Take oneHot, or bands.",
      );
    return numberType(whole(0, of.labels.length - 1));
  }
  if (of?.kind !== "bands" && of?.kind !== "categories")
    return refuse(where, `oneHot of ${got(of)}`, "a column with bands or a hierarchy");
  return { kind: "oneHot", labels: of.labels };
}

/** Of a function that takes a series down to one number; undefined: it is none. */
function reducedInterval(
  name: string,
  series: Interval & { readonly events: number },
  ifEmpty: FormulaType | undefined,
): Interval | undefined {
  const { low, high, integer, events } = series;
  if (name === "count" || name === "distinct") return whole(0, events);
  if (name === "sum") return span([0, events * low, events * high], integer);
  if (ifEmpty?.kind !== "number") return undefined;
  const all = [low, high, ifEmpty.low, ifEmpty.high];
  if (name === "mean") return span(all, false);
  if (name === "min" || name === "max") return span(all, integer && ifEmpty.integer);
  return undefined;
}

function elementwiseType(name: string, args: readonly FormulaType[], where: string): FormulaType {
  let log: { readonly log: string; readonly events: number } | undefined;
  const intervals = args.map((arg): Interval => {
    if (arg.kind === "series") {
      if (log && log.log !== arg.log) refuse(where, `${log.log} and ${arg.log}`, "one event log");
      log = arg;
    } else if (arg.kind !== "number") {
      refuse(where, `${got(arg)} in ${name}`, "numbers", hint(arg));
    }
    return arg;
  });
  const [a, b = ZERO, c = ZERO] = intervals;
  const result = INTERVALS.get(name)?.(a ?? ZERO, b, c) ?? "a known function";
  if (typeof result === "string") return refuse(where, `${name} of ${ranges(args)}`, result);
  if (!log) return numberType(result);
  return { kind: "series", log: log.log, events: log.events, ...result };
}

function numberType(interval: Interval): FormulaType {
  return { kind: "number", ...interval };
}

function got(type: FormulaType | undefined): string {
  if (type?.kind === "log") return `the event log ${type.log}`;
  if (type?.kind === "bands") return "a column with bands";
  if (type?.kind === "categories") return "a column of categories";
  if (type?.kind === "series") return `a field of ${type.log}`;
  return type?.kind === "oneHot" ? "a oneHot" : "a number";
}

function hint(type: FormulaType): string {
  if (type.kind === "log") return `Count it, or read ${type.log}.daysBefore.`;
  if (type.kind === "oneHot") return "Let oneHot(column) stand alone.";
  return type.kind === "bands" ? "Write ordinal(column)." : "Write oneHot(column), alone.";
}

function ranges(types: readonly FormulaType[]): string {
  return types
    .map((type) => ("low" in type ? `[${type.low}, ${type.high}]` : got(type)))
    .join(", ");
}
