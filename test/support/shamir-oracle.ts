/** Shamir over GF(2^8), the slow way: products bit by bit, polynomials as lists of coefficients. */

/** Product of two polynomials over GF(2), modulo x^8 + x^4 + x^3 + x + 1. */
export function product(a: number, b: number): number {
  let [left, sum] = [a, 0];
  for (let bits = b; bits > 0; bits >>= 1) {
    if (bits & 1) sum ^= left;
    left <<= 1;
    if (left & 0x100) left ^= 0x11b;
  }
  return sum;
}

/** By trying: a · b = 1. */
export function inverse(a: number): number {
  for (let b = 1; b < 256; b++) if (product(a, b) === 1) return b;
  throw new RangeError("0 has no inverse");
}

/** Value at x of the polynomial with these coefficients, lowest first. */
export function valueAt(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((value, c) => product(value, x) ^ c, 0);
}

/** Coefficients, lowest first, of the polynomial through these points. */
export function interpolated(points: readonly (readonly [x: number, y: number])[]): number[] {
  const sum = points.map(() => 0);
  for (const [x, y] of points) {
    let [basis, scale] = [[1], y];
    for (const [other] of points) {
      if (other === x) continue;
      // Times (X - other), and subtraction is addition.
      basis = [...basis, 0].map((_, i) => (basis[i - 1] ?? 0) ^ product(basis[i] ?? 0, other));
      scale = product(scale, inverse(x ^ other));
    }
    for (const [i, b] of basis.entries()) sum[i] = (sum[i] ?? 0) ^ product(b, scale);
  }
  return sum;
}

/** All but the secret, as `splitSecret` draws them: 32 bytes for each power, lowest first. */
export function coefficientsOf(shares: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc(32 * (shares.length - 1));
  for (let i = 0; i < 32; i++) {
    const points = shares.map((share) => [share[32] ?? 0, share[i] ?? 0] as const);
    for (const [power, c] of interpolated(points).entries()) {
      if (power > 0) bytes[32 * (power - 1) + i] = c;
    }
  }
  return bytes;
}
