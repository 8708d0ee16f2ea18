/**
 * What the functions of formulas compute, for the interpreter and the compiler alike. Each is total
 * on the arguments that `checkFormula` lets by, and keeps within the bounds of interval.ts exactly.
 */

/** Magnitude at which `div` cuts a quotient off. */
export const LARGEST_QUOTIENT = 1e15;

/** Edges of a `bucket`, and the first argument: what one instruction may take off the stack. */
export const MAX_ARGUMENTS = 64;

type Arity = readonly [fewest: number, most: number];

function arities(names: string, fewest: number, most = fewest): [string, Arity][] {
  return names.split(" ").map((name) => [name, [fewest, most]]);
}

/** Arguments of what a formula may write as name(…). */
export const FUNCTION_ARITY: ReadonlyMap<string, Arity> = new Map([
  ...arities("count", 1, 2),
  ...arities("sum distinct floor log1p abs sqrt ordinal oneHot daysBefore", 1),
  ...arities("mean min max rate", 2),
  ...arities("clip div if", 3),
  ...arities("bucket", 2, MAX_ARGUMENTS),
]);

/** The same of operators; `is` is what column == "label" becomes, the label by its index. */
export const OPERATOR_ARITY: ReadonlyMap<string, Arity> = new Map([
  ...arities("+ - * / ^ < <= > >= == != and or is", 2),
  ...arities("negate not", 1),
]);

export type Scalar = (a: number, b: number, c: number) => number;

/** Applied event by event where an argument is a series. Not 0 is true, as in a filter. */
export const ELEMENTWISE: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
  ["^", power],
  ["negate", (a) => 0 - a],
  ["<", (a, b) => Number(a < b)],
  ["<=", (a, b) => Number(a <= b)],
  [">", (a, b) => Number(a > b)],
  [">=", (a, b) => Number(a >= b)],
  ["==", (a, b) => Number(a === b)],
  ["!=", (a, b) => Number(a !== b)],
  ["is", (index, label) => Number(index === label)],
  ["and", (a, b) => Number(a !== 0 && b !== 0)],
  ["or", (a, b) => Number(a !== 0 || b !== 0)],
  ["not", (a) => Number(a === 0)],
  ["if", (condition, a, b) => (condition !== 0 ? a : b)],
  ["abs", Math.abs],
  ["sqrt", Math.sqrt],
  ["floor", Math.floor],
  ["log1p", Math.log1p],
  ["clip", (x, low, high) => Math.min(Math.max(x, low), high)],
  ["min", (a, b) => Math.min(a, b)],
  ["max", (a, b) => Math.max(a, b)],
  ["div", quotient],
]);

/** They say what a number is taken for, and leave it as it is. */
export const RENAMED: ReadonlySet<string> = new Set(["ordinal", "oneHot", "daysBefore"]);

/**
 * @param values the first `count` are the series'; what lies beyond is another person's
 * @param second the value of an empty log, or the days of a window; Infinity where none is written
 */
export type Reducer = (values: Float64Array, count: number, second: number) => number;

/** Series in, one number out; of a log as a whole the series is its daysBefore. */
export const REDUCERS: ReadonlyMap<string, Reducer> = new Map<string, Reducer>([
  ["count", recent],
  ["rate", (daysBefore, count, days) => recent(daysBefore, count, days) / days],
  ["sum", (values, count) => (count === 0 ? 0 : scaledSum(values, count, 1, count))],
  ["distinct", distinct],
  ["mean", (values, count, empty) => (count === 0 ? empty : scaledSum(values, count, count, 1))],
  ["min", (values, count, empty) => (count === 0 ? empty : least(values, count))],
  ["max", (values, count, empty) => (count === 0 ? empty : greatest(values, count))],
]);

/** By products, which round monotonically; `**` need not. */
function power(x: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= x;
  return result;
}

function quotient(a: number, b: number, ifZero: number): number {
  if (b === 0) return ifZero;
  return Math.min(Math.max(a / b, -LARGEST_QUOTIENT), LARGEST_QUOTIENT);
}

/** Events of the last `days` days: the last instant before the cut-off has daysBefore 0. */
function recent(daysBefore: Float64Array, count: number, days: number): number {
  if (days === Infinity) return count;
  let events = 0;
  for (let i = 0; i < count; i++) if ((daysBefore[i] ?? Infinity) < days) events++;
  return events;
}

/** A scan of those before beats a set, and takes no memory, as long as there are few. */
const FEW = 64;

function distinct(values: Float64Array, count: number): number {
  if (count > FEW) return new Set(values.subarray(0, count)).size;
  let different = 0;
  for (let i = 0; i < count; i++) {
    let j = 0;
    while (j < i && values[j] !== values[i]) j++;
    if (j === i) different++;
  }
  return different;
}

/**
 * The sum ÷ `divisor`, in no case beyond `reach` times the least or the greatest number: additions
 * round, and their sum could leave the interval that the check of a divisor relies on.
 */
function scaledSum(values: Float64Array, count: number, divisor: number, reach: number): number {
  let [total, low, high] = [0, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const x = values[i] ?? 0;
    total += x;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return Math.min(Math.max(total / divisor, reach * low), reach * high);
}

function least(values: Float64Array, count: number): number {
  let low = Infinity;
  for (let i = 0; i < count; i++) low = Math.min(low, values[i] ?? Infinity);
  return low;
}

function greatest(values: Float64Array, count: number): number {
  let high = -Infinity;
  for (let i = 0; i < count; i++) high = Math.max(high, values[i] ?? -Infinity);
  return high;
}
