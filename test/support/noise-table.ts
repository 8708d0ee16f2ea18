/**
 * The full table of the rounded Gaussian, an entry at a time: the oracle of shared/noise/rounded-gaussian.ts. It takes
 * another road than the product: erf by its series of positive terms, times e^(-z²) from squarings
 * of a short exponential series, with pi from its digits, on 512 bits.
 */

export const BITS = 512n;
export const ONE = 1n << BITS;
const PI_DIGITS =
  "3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067";
export const PI = (BigInt(PI_DIGITS) << BITS) / 10n ** BigInt(PI_DIGITS.length - 1);

/** ⌊2^places · P[|X| ≤ a]⌋, X = N(0, sigma²) rounded; good for places ≤ 250, a below 14 sigma. */
export function tableEntry(a: number, sigma: number, places = 128n): bigint {
  const numerator = BigInt(2 * a + 1) ** 2n;
  const denominator = 8n * BigInt(sigma) ** 2n;
  // erf z = 2z / sqrt(pi) e^(-z²) · sum of (2z²)^k / (1 · 3 · … (2k + 1))
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term > 0n; k++) {
    term = (term * 2n * numerator) / (denominator * (2n * k + 1n));
    sum += term;
  }
  const factor = integerRoot(((4n * numerator) << (3n * BITS)) / (denominator * PI));
  const shrink = (ONE * ONE) / exponential(numerator, denominator);
  return (((sum * shrink) >> BITS) * factor) >> (2n * BITS - places);
}

/** e^(numerator / denominator), times 2^512. */
export function exponential(numerator: bigint, denominator: bigint): bigint {
  const halvings = 10n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term > 0n; k++) {
    term = (term * numerator) / (denominator * k * 2n ** halvings);
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) >> BITS;
  return sum;
}

/** ⌊sqrt(n)⌋ by halving. */
export function integerRoot(n: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(n.toString(2).length / 2) + 1);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle;
  }
  return low;
}
