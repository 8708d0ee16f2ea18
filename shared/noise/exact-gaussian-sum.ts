/**
 * The distribution function of the discrete Gaussian (Canonne, Kamath & Steinke 2020), P(x) in
 * proportion to e^(-x² / 2 sigma²) over the integers, in integer arithmetic with proven error bounds.
 * Fixed point throughout: a number times 2^bits, rounded down.
 */
import { erfFloor, piFixed, squareRoot } from "./exact-erf.ts";
import { expFixed } from "./exact-exp.ts";

/** From here on `gaussianSumFloor` holds; below, the sums are short. */
export const LEAST_SMOOTH = 64;

/** Bound on what both sums below are off by, in units of 2^-bits. */
const ERROR_UNITS = 1n << 32n;

/**
 * ⌊2^places · P[|X| ≤ a]⌋, exactly, for a < 14 sigma: 0.03 ms near 0, 0.3 ms far out.
 *
 * @param sigma integer ≥ 64
 */
export function gaussianSumFloor(a: number, sigma: number, places: bigint): bigint {
  if (!(sigma >= LEAST_SMOOTH)) throw new RangeError(`sigma ${sigma}: expected ≥ ${LEAST_SMOOTH}`);
  return settled(places, (bits) => smooth(a, BigInt(sigma), bits));
}

/**
 * The same for every a < `count` at once, by adding up the terms.
 *
 * @param sigma integer in [1, 64]
 */
export function gaussianSumFloors(count: number, sigma: number, places: bigint): bigint[] {
  if (!(sigma >= 1 && sigma <= LEAST_SMOOTH)) {
    throw new RangeError(`sigma ${sigma}: expected in [1, ${LEAST_SMOOTH}]`);
  }
  for (let bits = places + 64n; ; bits += 128n) {
    const sums = partialSums(BigInt(sigma), count, bits).slice(0, count);
    const floors = sums.map((sum) => floorOf(sum, bits - places));
    if (floors.every((floor) => floor !== undefined)) return floors;
  }
}

/** The floor of what `at` knows to ERROR_UNITS, with as many bits as that takes. */
function settled(places: bigint, at: (bits: bigint) => bigint): bigint {
  for (let bits = places + 64n; ; bits += 128n) {
    const floor = floorOf(at(bits), bits - places);
    if (floor !== undefined) return floor;
  }
}

/** ⌊x / 2^extra⌋, if it is the same for all that `x` may stand for. */
function floorOf(x: bigint, extra: bigint): bigint | undefined {
  const low = (x - ERROR_UNITS) >> extra;
  return low === (x + ERROR_UNITS) >> extra ? low : undefined;
}

/**
 * P[|X| ≤ a] for a < `count` at least, each the sum of its terms over the sum of all.
 *
 * A term is good to 2 units, and there are fewer than 2^13 of each sign for bits ≤ 2048. The first
 * one left out is below 3 units and beyond 16 sigma, where terms fall by e^(-16 / sigma) each, so that
 * all of those are below 2^5. A sum is thus good to 2^16 units, and the quotient of two, of which
 * the lower one is at least 1, to 2^18.
 */
function partialSums(sigma: bigint, count: number, bits: bigint): bigint[] {
  const sums = [1n << bits];
  let sum = 1n << bits;
  for (let k = 1n; ; k++) {
    const term = expFixed(k * k, 2n * sigma * sigma, bits);
    if (term === 0n && k >= count) break;
    sum += 2n * term;
    sums.push(sum);
  }
  return sums.map((part) => (part << bits) / sum);
}

/**
 * P[|X| ≤ a] by the Euler-Maclaurin formula for midpoints. With f(x) = e^(-x² / 2 sigma²) and
 * b = a + 1/2, the sum of f over |x| ≤ a is
 *
 *     integral of f from -b to b  +  sum over j = 1 … m of c_j · 2 f^(2j-1)(b)  +  R,
 *
 * where c_j = B_2j(1/2) / (2j)!, the coefficients of (x/2) / sinh(x/2), and |R| is at most
 * |B_2m| / (2m)! < 4 / (2 pi)^2m times the integral of |f^(2m)|. Now f^(n) = (-1)^n He_n(x / sigma)
 * sigma^-n f, and by Cauchy and Schwarz the integral of |He_n(t)| e^(-t²/2) is at most
 * sqrt(2 pi n!). The whole is divided by the normaliser, which by Poisson's formula is sigma sqrt(2 pi)
 * (1 + 2 e^(-2 pi² sigma²) + …): for sigma ≥ 64 that is sigma sqrt(2 pi) to 2^-116000. So
 *
 *     P = erf(b / (sigma sqrt 2)) - sqrt(2 / pi) / sigma · e^(-b² / 2 sigma²) · sum of c_j h_(2j-1)
 *
 * with h_n = He_n(b / sigma) / sigma^n, and R is below 4 sqrt((2m)!) / (6 sigma)^2m.
 */
function smooth(a: number, sigma: bigint, bits: bigint): bigint {
  const odd = BigInt(2 * a + 1);
  const eight = 8n * sigma * sigma;
  const steps = stepsFor(sigma, bits);
  const c = midpointCoefficients(steps, bits);
  // h_n is g / (2 sigma²)^n, and g a whole number: g' = (2a + 1) g - 4 n sigma² (the g before).
  let [before, g, power] = [1n, odd, 2n * sigma * sigma];
  let sum = 0n;
  for (let n = 1n; n < 2n * BigInt(steps); n++) {
    if (n % 2n === 1n) sum += ((c[Number(n + 1n) / 2] ?? 0n) * g) / power;
    [before, g] = [g, odd * g - 4n * n * sigma * sigma * before];
    power *= 2n * sigma * sigma;
  }
  const shrink = expFixed(odd * odd, eight, bits);
  const front = squareRoot((2n << (3n * bits)) / (piFixed(bits) * sigma * sigma));
  return erfFloor(odd * odd, eight, bits) - ((((sum * shrink) >> bits) * front) >> bits);
}

/** The least m with R below 2^-bits. */
function stepsFor(sigma: bigint, bits: bigint): number {
  const ratio = (6n * sigma) ** 4n;
  let [m, left, right] = [0, 16n << (2n * bits), 1n];
  while (left >= right) {
    m += 1;
    left *= BigInt(2 * m) * BigInt(2 * m - 1);
    right *= ratio;
  }
  return m;
}

/** c_0 … c_m, by dividing 1 by sinh(x/2) / (x/2), whose coefficients are 1 / (4^i (2i + 1)!). */
function midpointCoefficients(m: number, bits: bigint): bigint[] {
  const c = [1n << bits];
  for (let j = 1; j <= m; j++) {
    let sum = 0n;
    let divisor = 1n;
    for (let i = 1; i <= j; i++) {
      divisor *= 4n * BigInt(2 * i) * BigInt(2 * i + 1);
      sum -= (c[j - i] ?? 0n) / divisor;
    }
    c.push(sum);
  }
  return c;
}
