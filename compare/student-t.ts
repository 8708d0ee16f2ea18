/**
 * Student's t distribution by the regularised incomplete beta function, whose continued fraction
 * (NIST DLMF 8.17.22) is evaluated by Lentz's method as Thompson & Barnett (1986) modified it.
 */

/** Relative change at which the fraction has settled. */
const SETTLED = 1e-16;
/** In the place of a 0 that would be divided by. */
const TINY = 1e-300;
const MOST_TERMS = 10_000;

/**
 * P(|T| ≥ |t|) at `freedom` degrees of freedom: the two-sided p-value.
 *
 * @param freedom a whole number ≥ 1
 * @throws RangeError for another
 */
export function twoSidedTail(t: number, freedom: number): number {
  if (!(Number.isInteger(freedom) && freedom >= 1)) throw new RangeError(`freedom ${freedom}`);
  if (t === 0) return 1;
  const square = t * t;
  if (square === Infinity) return 0;
  const total = freedom + square;
  // Of the two, the argument at which the fraction settles fast.
  return freedom / total < (freedom + 2) / (freedom + 5)
    ? lowerBeta(freedom / total, square / total, freedom / 2, 1 / 2, freedom)
    : 1 - lowerBeta(square / total, freedom / total, 1 / 2, freedom / 2, freedom);
}

/** The t > 0 with P(|T| ≥ t) = `tail`, 0 < tail < 1: half-widths of intervals are so many errors. */
export function twoSidedQuantile(tail: number, freedom: number): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`tail ${tail}`);
  let [low, high] = [0, 1];
  while (twoSidedTail(high, freedom) > tail) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) return high;
    if (twoSidedTail(middle, freedom) > tail) low = middle;
    else high = middle;
  }
}

/** I_x(a, b), where one of a and b is 1/2 and the other freedom/2, and y = 1 - x without cancellation. */
function lowerBeta(x: number, y: number, a: number, b: number, freedom: number): number {
  const logFront = a * Math.log(x) + b * Math.log(y) - logBetaOfHalf(freedom);
  return (Math.exp(logFront) / a) * fraction(x, a, b);
}

/** ln B(freedom/2, 1/2), by B(a + 1, b) = B(a, b) a / (a + b) from B(1/2, 1/2) = π or B(1, 1/2) = 2. */
function logBetaOfHalf(freedom: number): number {
  const odd = freedom % 2 === 1;
  let log = Math.log(odd ? Math.PI : 2);
  for (let a = odd ? 0.5 : 1; a < freedom / 2; a += 1) log -= Math.log1p(0.5 / a);
  return log;
}

function fraction(x: number, a: number, b: number): number {
  const nonZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m < MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = product;
    for (const term of [even, odd]) {
      d = 1 / nonZero(1 + term * d);
      c = nonZero(1 + term / c);
      product *= c * d;
    }
    if (Math.abs(product - before) <= SETTLED * Math.abs(product)) return product;
  }
  throw new Error(`the fraction of I_${x}(${a}, ${b}) does not settle`);
}
