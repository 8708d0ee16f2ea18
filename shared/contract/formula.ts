/**
 * A feature's formula as checked postfix: a flat list in plain JSON that travels under the plan
 * hash, and its interpreter. Pure and total once `checkFormula` has passed it; names are looked up
 * in Maps alone, so no text of a scenario reaches a prototype.
 */

/** One step of the stack machine. */
export type Instruction =
  | readonly ["number", number]
  /** A column's recoded value, or a whole event log. */
  | readonly ["name", string]
  /** One field of an event log, one number an event. */
  | readonly ["field", string, string]
  /** Takes that many values off the stack and leaves one. */
  | readonly ["call", string, number];

export type Postfix = readonly Instruction[];

/** Field → float64[events]; all fields of a log have one length, and daysBefore is always there. */
export type EventLog = ReadonlyMap<string, Float64Array>;

/** The one anonymized person that a formula sees. */
export interface FormulaPerson {
  /** Column → its number, or the index of its band or category. */
  readonly values: ReadonlyMap<string, number>;
  readonly logs: ReadonlyMap<string, EventLog>;
}

/** The field that every event log has: whole days before the cut-off. */
export const DAYS_BEFORE = "daysBefore";

/** Magnitude at which `div` cuts a quotient off, and which no cell may exceed. */
export const LARGEST_NUMBER = 1e15;

type Value = number | Float64Array;
type Scalar = (a: number, b: number, c: number) => number;

/** Applied event by event where an argument is a series. */
const ELEMENTWISE: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
  ["negate", (a) => 0 - a],
  ["<", (a, b) => Number(a < b)],
  ["<=", (a, b) => Number(a <= b)],
  [">", (a, b) => Number(a > b)],
  [">=", (a, b) => Number(a >= b)],
  ["==", (a, b) => Number(a === b)],
  ["!=", (a, b) => Number(a !== b)],
  ["floor", Math.floor],
  ["log1p", Math.log1p],
  ["clip", (x, low, high) => Math.min(Math.max(x, low), high)],
  ["min", (a, b) => Math.min(a, b)],
  ["max", (a, b) => Math.max(a, b)],
  ["div", quotient],
  ["ordinal", (index) => index],
  ["oneHot", (index) => index],
]);

/** Series in, one number out; the second argument is the value of an empty log. */
const REDUCERS: ReadonlyMap<string, (series: Float64Array, ifEmpty: number) => number> = new Map([
  ["count", (series: Float64Array) => series.length],
  ["sum", sum],
  ["distinct", (series: Float64Array) => new Set(series).size],
  ["mean", (series: Float64Array, ifEmpty: number) => orElse(series, ifEmpty, mean)],
  ["min", (series: Float64Array, ifEmpty: number) => orElse(series, ifEmpty, least)],
  ["max", (series: Float64Array, ifEmpty: number) => orElse(series, ifEmpty, greatest)],
]);

/**
 * The value of a checked formula for one person: a number, or for `oneHot` the category's index.
 * On an unchecked list it throws or gives nonsense: call `checkFormula` first.
 */
export function runFormula(postfix: Postfix, person: FormulaPerson): number {
  const stack: Value[] = [];
  for (const instruction of postfix) stack.push(step(instruction, stack, person));
  const [result] = stack;
  if (stack.length !== 1 || typeof result !== "number") throw new TypeError("unchecked formula");
  return result;
}

function step(instruction: Instruction, stack: Value[], person: FormulaPerson): Value {
  switch (instruction[0]) {
    case "number":
      return instruction[1];
    case "name":
      return person.values.get(instruction[1]) ?? series(person, instruction[1], DAYS_BEFORE);
    case "field":
      return series(person, instruction[1], instruction[2]);
    case "call":
      return call(instruction[1], stack.splice(-instruction[2]));
  }
}

function series(person: FormulaPerson, log: string, field: string): Float64Array {
  const found = person.logs.get(log)?.get(field);
  if (!found) throw new TypeError(`unchecked formula: no ${log}.${field}`);
  return found;
}

function call(name: string, args: readonly Value[]): Value {
  const [first = NaN, second = NaN, third = NaN] = args;
  const reduce = REDUCERS.get(name);
  if (reduce && typeof first !== "number" && typeof second === "number")
    return reduce(first, second);
  const scalar = ELEMENTWISE.get(name);
  if (!scalar) throw new TypeError(`unchecked formula: no function ${name}`);
  const longest = args.find((arg) => typeof arg !== "number");
  if (typeof longest !== "object") return scalar(at(first, 0), at(second, 0), at(third, 0));
  return longest.map((_, i) => scalar(at(first, i), at(second, i), at(third, i)));
}

function at(value: Value, index: number): number {
  return typeof value === "number" ? value : (value[index] ?? NaN);
}

function quotient(a: number, b: number, ifZero: number): number {
  if (b === 0) return ifZero;
  return Math.min(Math.max(a / b, -LARGEST_NUMBER), LARGEST_NUMBER);
}

function orElse(
  series: Float64Array,
  ifEmpty: number,
  reduce: (series: Float64Array) => number,
): number {
  return series.length === 0 ? ifEmpty : reduce(series);
}

function sum(series: Float64Array): number {
  return series.reduce((total, x) => total + x, 0);
}

function mean(series: Float64Array): number {
  return sum(series) / series.length;
}

function least(series: Float64Array): number {
  return series.reduce((a, b) => Math.min(a, b), Infinity);
}

function greatest(series: Float64Array): number {
  return series.reduce((a, b) => Math.max(a, b), -Infinity);
}
