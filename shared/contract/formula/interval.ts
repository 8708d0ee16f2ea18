/**
 * Interval arithmetic over the functions of formulas (Moore 1966): the tightest bounds that follow
 * from those of the arguments. IEEE operations round monotonically, so the bounds hold in float64.
 */
import { ELEMENTWISE, LARGEST_QUOTIENT } from "./functions.ts";

/** Every value lies in [low, high]; `integer`: and is whole. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly integer: boolean;
}

/** The result's interval, or what the arguments should have been. */
type IntervalRule = (a: Interval, b: Interval, c: Interval) => Interval | string;

const DIVISOR = "a divisor that cannot be 0; write div(a, b, valueIfZero)";
const LOG_OF_NOTHING = "an argument above -1";
const ROOT_OF_LESS = "an argument that cannot be below 0; clip it first";
const EXPONENT = "a constant exponent, a whole number from 0 to 8";
const MAX_EXPONENT = 8;

export const INTERVALS: ReadonlyMap<string, IntervalRule> = new Map<string, IntervalRule>([
  ["+", (a, b) => span([a.low + b.low, a.high + b.high], a.integer && b.integer)],
  ["-", (a, b) => span([a.low - b.high, a.high - b.low], a.integer && b.integer)],
  ["*", (a, b) => corners(a, b, (x, y) => x * y, a.integer && b.integer)],
  ["/", (a, b) => (holdsZero(b) ? DIVISOR : corners(a, b, (x, y) => x / y, false))],
  ["^", raised],
  ["negate", (a) => span([-a.high, -a.low], a.integer)],
  ["abs", (a) => folded(a, Math.abs, a.integer)],
  ["floor", (a) => whole(Math.floor(a.low), Math.floor(a.high))],
  ["log1p", (a) => (a.low > -1 ? outward(both(a, Math.log1p, false)) : LOG_OF_NOTHING)],
  ["sqrt", (a) => (a.low >= 0 ? both(a, Math.sqrt, false) : ROOT_OF_LESS)],
  ["clip", clipped],
  ["min", (a, b) => corners(a, b, Math.min, a.integer && b.integer)],
  ["max", (a, b) => corners(a, b, Math.max, a.integer && b.integer)],
  ["div", quotients],
  ["if", (_, a, b) => span([a.low, a.high, b.low, b.high], a.integer && b.integer)],
  ...["<", "<=", ">", ">=", "==", "!=", "and", "or", "not"].map(
    (name) => [name, () => whole(0, 1)] as const,
  ),
]);

function clipped(x: Interval, low: Interval, high: Interval): Interval | string {
  if (!isConstant(low) || !isConstant(high) || !(low.low <= high.low))
    return "two constants, the lower first: clip(x, low, high)";
  const clip = (value: number) => Math.min(Math.max(value, low.low), high.low);
  return both(x, clip, x.integer && low.integer && high.integer);
}

/** A whole divisor that is not 0 is at least 1; any other may take the quotient to its cut-off. */
function quotients(a: Interval, b: Interval, ifZero: Interval): Interval {
  const cut = (x: number) => Math.min(Math.max(x, -LARGEST_QUOTIENT), LARGEST_QUOTIENT);
  const reach = b.integer ? Math.max(Math.abs(a.low), Math.abs(a.high)) : LARGEST_QUOTIENT;
  const { low, high } = holdsZero(b)
    ? span([-cut(reach), cut(reach)], false)
    : corners(a, b, (x, y) => cut(x / y), false);
  return span([low, high, ifZero.low, ifZero.high], false);
}

function raised(x: Interval, exponent: Interval): Interval | string {
  const { low: n, integer } = exponent;
  if (!(isConstant(exponent) && integer && n >= 0 && n <= MAX_EXPONENT)) return EXPONENT;
  const power = (value: number) => ELEMENTWISE.get("^")?.(value, n, NaN) ?? NaN;
  return n % 2 === 0 ? folded(x, power, x.integer) : both(x, power, x.integer);
}

function holdsZero({ low, high }: Interval): boolean {
  return !(low > 0 || high < 0);
}

/** Of a function that is monotone in each argument. */
function corners(
  a: Interval,
  b: Interval,
  f: (x: number, y: number) => number,
  integer: boolean,
): Interval {
  const values = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
  return span(values, integer);
}

/** Of a monotone function of one argument. */
function both({ low, high }: Interval, f: (x: number) => number, integer: boolean): Interval {
  return span([f(low), f(high)], integer);
}

/** Of a function that falls up to 0 and rises from there. */
function folded(x: Interval, f: (x: number) => number, integer: boolean): Interval {
  return span([f(x.low), f(x.high), ...(holdsZero(x) ? [f(0)] : [])], integer);
}

/** Two units in the last place wider: log1p errs by less than one, so it need not be monotone. */
function outward({ low, high, integer }: Interval): Interval {
  const slack = (x: number) => 2 * Number.EPSILON * Math.abs(x);
  return { low: low - slack(low), high: high + slack(high), integer };
}

export function isConstant({ low, high }: Interval): boolean {
  return low === high;
}

/** The narrowest interval around some values. */
export function span(values: readonly number[], integer: boolean): Interval {
  // + 0 turns -0 into 0: bounds travel as JSON, which has but one zero.
  return { low: Math.min(...values) + 0, high: Math.max(...values) + 0, integer };
}

export function whole(low: number, high: number): Interval {
  return { low, high, integer: true };
}

export const ZERO = whole(0, 0);
