/**
 * Interval arithmetic over the functions of formulas (Moore 1966): the tightest bounds that follow
 * from those of the arguments. IEEE operations round monotonically, so the bounds hold in float64.
 */
import { LARGEST_NUMBER } from "./formula.ts";

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

export const INTERVALS: ReadonlyMap<string, IntervalRule> = new Map<string, IntervalRule>([
  ["+", (a, b) => span([a.low + b.low, a.high + b.high], a.integer && b.integer)],
  ["-", (a, b) => span([a.low - b.high, a.high - b.low], a.integer && b.integer)],
  ["*", (a, b) => corners(a, b, (x, y) => x * y, a.integer && b.integer)],
  ["/", (a, b) => (holdsZero(b) ? DIVISOR : corners(a, b, (x, y) => x / y, false))],
  ["negate", (a) => span([-a.high, -a.low], a.integer)],
  ["floor", (a) => whole(Math.floor(a.low), Math.floor(a.high))],
  ["log1p", (a) => (a.low > -1 ? both(a, Math.log1p, false) : LOG_OF_NOTHING)],
  ["clip", clipped],
  ["min", (a, b) => corners(a, b, Math.min, a.integer && b.integer)],
  ["max", (a, b) => corners(a, b, Math.max, a.integer && b.integer)],
  ["div", quotients],
  ...["<", "<=", ">", ">=", "==", "!="].map((name) => [name, () => whole(0, 1)] as const),
]);

function clipped(x: Interval, low: Interval, high: Interval): Interval | string {
  if (low.low !== low.high || high.low !== high.high || !(low.low <= high.low))
    return "two constants, the lower first: clip(x, low, high)";
  const clip = (value: number) => Math.min(Math.max(value, low.low), high.low);
  return both(x, clip, x.integer && low.integer && high.integer);
}

/** A whole divisor that is not 0 is at least 1; any other may take the quotient to its cut-off. */
function quotients(a: Interval, b: Interval, ifZero: Interval): Interval {
  const cut = (x: number) => Math.min(Math.max(x, -LARGEST_NUMBER), LARGEST_NUMBER);
  const reach = b.integer ? Math.max(Math.abs(a.low), Math.abs(a.high)) : LARGEST_NUMBER;
  const { low, high } = holdsZero(b)
    ? span([-cut(reach), cut(reach)], false)
    : corners(a, b, (x, y) => cut(x / y), false);
  return span([low, high, ifZero.low, ifZero.high], false);
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

/** The narrowest interval around some values. */
export function span(values: readonly number[], integer: boolean): Interval {
  return { low: Math.min(...values), high: Math.max(...values), integer };
}

export function whole(low: number, high: number): Interval {
  return { low, high, integer: true };
}

export const ZERO = whole(0, 0);
