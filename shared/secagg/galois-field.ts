/**
 * GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1; sums are exclusive ors. (Tables indexed by secrets do
 * not take constant time. Here they may: shares live for one round, and whoever could time them is on the
 * host.)
 */
const POLYNOMIAL = 0x11b;
/** Powers of the generator 3: two periods, so that the sum of two logarithms needs no reduction. */
export const EXP = new Uint8Array(510);
/** Logarithms to the base 3; of 0 there is none. */
export const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  // Times 3, which generates the whole group: (value << 1) + value.
  const doubled = value << 1;
  value ^= doubled & 0x100 ? doubled ^ POLYNOMIAL : doubled;
}

/** a · b. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!;
}

/** a ÷ b, b ≠ 0. */
export function over(a: number, b: number): number {
  return a === 0 ? 0 : EXP[LOG[a]! + 255 - LOG[b]!]!;
}
