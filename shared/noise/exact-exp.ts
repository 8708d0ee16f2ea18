/**
 * e^-x in integer arithmetic: what float64 cannot decide is decided here. Fixed point: a number times
 * 2^bits.
 */

const LARGEST = 2n ** 20n;
const HALVINGS = 32n;
const GUARD = 64n;

/**
 * 2^bits · e^-(numerator / denominator), rounded down: good to less than 2 units.
 *
 * The series runs at x / 2^32, whose power is then squared 32 times, all with 64 more bits. A term is
 * short by less than 2 units of those (each is rounded once, and shrinks the error of the one
 * before), and fewer than 2^8 terms are taken for bits ≤ 2048; the first one left out is below a
 * unit. A squaring of a number in [0, 1] at most doubles its error and adds a unit: 2^32 · (2^9 + 1)
 * in all, below 2^42 units, 2^-22 of the result's.
 *
 * @param numerator of x, which is in [0, 2^20]; denominator > 0
 */
export function expFixed(numerator: bigint, denominator: bigint, bits: bigint): bigint {
  if (!(denominator > 0n && numerator >= 0n && numerator <= LARGEST * denominator)) {
    throw new RangeError(`expFixed: ${numerator} / ${denominator}, expected in [0, ${LARGEST}]`);
  }
  const working = bits + GUARD;
  const one = 1n << working;
  let term = one;
  let sum = one;
  for (let k = 1n; term > 0n; k++) {
    term = (term * numerator) / ((denominator * k) << HALVINGS);
    sum += k % 2n === 0n ? term : -term;
  }
  for (let i = 0n; i < HALVINGS; i++) sum = (sum * sum) >> working;
  return sum >> GUARD;
}
