/**
 * Gaussian integers from a table that is hardly ever looked into: c_a = ⌊2^128 P[|X| ≤ a]⌋ for
 * 0 ≤ a < 14 sigma, and 2^128 at a = 14 sigma. A draw is a uniform 128-bit number U, the magnitude
 * the smallest a with U < c_a, and a fair sign. At sigma = 10^7 the table would have 1.4 · 10^8
 * entries, so it is never built: a quick path decides by the leading 64 bits of U, and where those
 * come too close to a threshold to tell, all 128 meet the threshold itself, computed then.
 *
 * Which X it is, a table says: rounded-gaussian.ts rounds the continuous Gaussian, discrete-gaussian.ts has the
 * discrete one.
 */

import { erfcInverse, normalDensity } from "../accounting/numeric/normal.ts";
import { memoize } from "../memoize.ts";
import { type LeadingBits, search, UNDECIDED } from "./leading-bits.ts";
import type { Random } from "./random.ts";

/** The largest sigma, so that 14 sigma stays below 2^31. */
export const MAX_SIGMA = 2 ** 27;
export const REACH = 14;
export const PLACES = 128n;

/** Which distribution, of which sigma, and how to decide quickly. */
export interface GaussianTable {
  /** Keeps its thresholds apart from those of another distribution of this sigma. */
  readonly name: string;
  readonly sigma: number;
  /** c_a, exactly, for 0 ≤ a < 14 sigma. */
  readonly threshold: (a: number) => bigint;
  /**
   * How the leading 64 bits are turned into a magnitude: by what is there of the whole table, or by the
   * quantile. Then c_a is P[|N(0, 1)| ≤ (a + 1/2) / scale] once it is shifted, in units of a, by
   * `shift` at most (where that a is below 4.91 scale). Data, not a function: called through a value
   * the loop takes 6 % longer.
   */
  readonly quick: LeadingBits | { readonly scale: number; readonly shift: number };
}

/**
 * Fills `out` with draws.
 *
 * Reads from `random`, in 32-bit words: before draws 0, 32, 64 … one word of signs, lowest bit
 * first; for each draw two words of 2^128 - 1 - U, leading one first, and the other two only where
 * the draw needs them. (How many it needs, and how long it takes, depends on the noise.)
 */
export function fillFromTable(
  out: Int32Array,
  table: GaussianTable,
  random: Pick<Random, "uint32">,
): void {
  const p = quantiles();
  const whole = "tails" in table.quick ? table.quick : undefined;
  const quantile = "tails" in table.quick ? NO_QUANTILE : table.quick;
  const { scale } = quantile;
  const margin = marginOf(quantile);
  let signs = 0;
  for (let i = 0; i < out.length; i++) {
    if (i % 32 === 0) signs = random.uint32();
    const high = random.uint32();
    const low = random.uint32();
    let magnitude = whole ? search(whole, high, low) : quickMagnitude(p, high, low, scale, margin);
    if (magnitude === UNDECIDED) {
      magnitude = exactMagnitude([high, low, random.uint32(), random.uint32()], table);
    }
    out[i] = signs & 1 ? -magnitude : magnitude;
    signs >>>= 1;
  }
}

/**
 * Total variation distance between one draw and the distribution that the table stands for, to be
 * charged to delta for every draw: below (14 sigma + 1) 2^-128. It is the sum of what each magnitude
 * lacks in the table: less than 2^-128 below 14 sigma (its mass is the difference of two thresholds,
 * each rounded down by less than that), nothing at 14 sigma, and all of the 2^-145 beyond. (That is
 * P[|N(0, 1)| > 14]. The discrete Gaussian has no more: its sum of e^(-x² / 2 sigma²) over x > 14
 * sigma is below the integral from there, and by Poisson's summation formula its normaliser is above
 * sigma sqrt(2 pi).) The sign is exact.
 *
 * @throws RangeError unless sigma is an integer in [1, 2^27]
 */
export function tableDistance(sigma: number): number {
  checkSigma(sigma);
  return (REACH * sigma + 1) * 2 ** -128;
}

/** @throws RangeError unless sigma is an integer in [1, 2^27] */
export function checkSigma(sigma: number): void {
  if (Number.isInteger(sigma) && sigma >= 1 && sigma <= MAX_SIGMA) return;
  throw new RangeError(`sigma ${sigma}: expected an integer in [1, ${MAX_SIGMA}]`);
}

// The quick path inverts v = 1 - U / 2^128 = P[|N(0, 1)| > x] to x, by one Taylor polynomial in v
// for each 64th of an octave; it covers v ≥ 2^-20, which is x below 4.91.
const OCTAVES = 20;
const PARTS = 64;
// Leaves the leading one and the six bits after it.
const PART_SHIFT = 25;
const DEGREE = 5;
const TERMS = DEGREE + 1;

/**
 * Bound on the quick path's error in x, more than six times the sum of its parts:
 * the polynomial's remainder, at most h^6 / 6! · x^(6) at the interval's far end (all derivatives
 * of the quantile grow with x), 1.6e-14; the 64 bits of U that were not read, 2^-64 / v · x's
 * sensitivity 0.2, 1.1e-14; erfcInverse, 3e-15; the rounding of v, x and scale · x, 3e-15.
 */
const MARGIN = 2 ** -42;
const NO_QUANTILE = { scale: 0, shift: 0 };

/** What scale · x + 1/2 must keep from a whole number to be decided. */
export function marginOf({
  scale,
  shift,
}: {
  readonly scale: number;
  readonly shift: number;
}): number {
  return scale * MARGIN + shift;
}

let polynomials: Float64Array | undefined;

/** Built at the first draw, in some 10 ms: most processes that import this file never draw. */
export function quantiles(): Float64Array {
  polynomials ??= quantilePolynomials();
  return polynomials;
}

// v in [2^-(octave + 1), 2^-octave) times this, from 64-bit integers, is in [PARTS, 2 PARTS).
const scales = Float64Array.from({ length: OCTAVES }, (_, octave) => PARTS * 2 ** (octave - 63));

/** The magnitude for the leading 64 bits of v, or UNDECIDED. */
function quickMagnitude(
  p: Float64Array,
  high: number,
  low: number,
  scale: number,
  margin: number,
): number {
  const octave = Math.clz32(high);
  if (octave >= OCTAVES) return UNDECIDED;
  // From the bits: as a float, the last numbers of a part round up into the next one.
  const part = ((high << octave) >>> PART_SHIFT) - PARTS;
  const t = (high * 2 ** 32 + low) * scales[octave]! - (PARTS + part + 0.5);
  const at = (octave * PARTS + part) * TERMS;
  const tail = p[at + 3]! + t * (p[at + 4]! + t * p[at + 5]!);
  const x = p[at]! + t * (p[at + 1]! + t * (p[at + 2]! + t * tail));
  // Magnitude a is all of [a - 1/2, a + 1/2).
  const y = scale * x + 0.5;
  const magnitude = Math.floor(y);
  const inside = y - magnitude;
  return inside > margin && inside < 1 - margin ? magnitude : UNDECIDED;
}

/**
 * Taylor coefficients of x(v) around the middle of each part, in parts: TERMS a part. With
 * p = 1 - v / 2 they are those of the normal quantile, whose n-th derivative is P_n(x) / phi(x)^n,
 * P_1 = 1, P_(n+1) = P_n' + n x P_n.
 */
function quantilePolynomials(): Float64Array {
  const all = new Float64Array(OCTAVES * PARTS * TERMS);
  for (let octave = 0; octave < OCTAVES; octave++) {
    for (let part = 0; part < PARTS; part++) {
      const width = 2 ** -(octave + 1) / PARTS;
      const x = Math.SQRT2 * erfcInverse((PARTS + part + 0.5) * width);
      const s = -width / 2 / normalDensity(x);
      const derivatives = [
        x,
        1,
        x,
        1 + 2 * x ** 2,
        x * (7 + 6 * x ** 2),
        7 + 46 * x ** 2 + 24 * x ** 4,
      ];
      let factor = 1;
      derivatives.forEach((derivative, n) => {
        if (n > 0) factor *= s / n;
        all[(octave * PARTS + part) * TERMS + n] = derivative * factor;
      });
    }
  }
  return all;
}

/** The smallest a with U < c_a, by the thresholds themselves. */
function exactMagnitude(words: readonly number[], table: GaussianTable): number {
  const v = words.reduce((bits, word) => (bits << 32n) + BigInt(word), 0n);
  const u = (1n << PLACES) - 1n - v;
  const last = REACH * table.sigma;
  const x = Math.SQRT2 * erfcInverse((Number(v) + 1) * 2 ** -128);
  const guess = Math.min(last, Math.round(table.sigma * x));
  // The guess is right but for a draw near a threshold; else all is searched.
  let below = guess > 0 && u >= thresholdOf(table, guess - 1) ? guess - 1 : -1;
  let above = u < thresholdOf(table, guess) ? guess : last;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (u < thresholdOf(table, middle)) above = middle;
    else below = middle;
  }
  return above;
}

// Small tables are asked for the same few entries again and again; large ones hardly ever.
const THRESHOLDS_KEPT = 4096;
const thresholds = new Map<string, bigint>();

function thresholdOf(table: GaussianTable, a: number): bigint {
  if (a >= REACH * table.sigma) return 1n << PLACES;
  const key = `${table.name}/${table.sigma}/${a}`;
  return memoize(thresholds, THRESHOLDS_KEPT, key, () => table.threshold(a));
}
