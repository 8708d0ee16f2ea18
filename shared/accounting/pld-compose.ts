// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Losses of many steps after one another: their distributions convolved, by Fourier transform, under
 * an exponential tilt (Alghamdi et al. 2023, The saddle-point method in differential privacy). Mass p
 * of loss l is carried as p e^(tilt l) / mgf, mgf being the sum of that: so the masses that decide
 * about delta are the large ones, and the transform's error, which is the same at each loss, is small
 * beside them, however small delta is.
 *
 * Both directions go through one transform, the removal as real and the addition as imaginary part.
 */
import { FFT_ERROR, transform } from "./fft.ts";
import type { Directions, LossMasses } from "./pld-step.ts";

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** Relative error of a complex product: Brent, Percival & Zimmermann 2007, Math. Comp. 76. */
const PRODUCT_ERROR = Math.sqrt(5) * UNIT;
/** A product below e^-NEGLIGIBLE stays 0: that is nothing beside the transform's error. */
const NEGLIGIBLE = 60;

/** What a tilt makes of a distribution of losses, which are counted in multiples of the spacing. */
export interface Moments {
  /** log of the mgf, the mean of e^(tilt loss), over what is finite. */
  readonly logMgf: number;
  /** Mean and variance of the carried losses. */
  readonly mean: number;
  readonly variance: number;
}

/** The transform of one step's carried masses, indices taken modulo the length. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly logMgf: Directions<number>;
  /** 2-norm of what was transformed. */
  readonly norm: number;
}

/** The carried masses of a composition: that of loss i × spacing is at i modulo the length. */
export interface Composed {
  readonly mass: Directions<Float64Array>;
  /** Bound on the 2-norm of either direction's rounding error. */
  readonly error: number;
}

/** @param tilt for a loss of one spacing */
export function moments({ first, mass }: LossMasses, tilt: number): Moments {
  let [mgf, sum, squares] = [0, 0, 0];
  for (let k = 0; k < mass.length; k++) {
    const carried = mass[k]! * Math.exp(tilt * (first + k));
    mgf += carried;
    sum += carried * k;
    squares += carried * k * k;
  }
  const mean = sum / mgf;
  const variance = Math.max(0, squares / mgf - mean ** 2);
  return { logMgf: Math.log(mgf), mean: first + mean, variance };
}

/**
 * @param tilt for a loss of one spacing
 * @param length a power of two; may be less than the step has masses
 */
export function spectrum(losses: Directions<LossMasses>, tilt: number, length: number): Spectrum {
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  const logMgf = {
    removal: carry(losses.removal, tilt, re),
    addition: carry(losses.addition, tilt, im),
  };
  const norm = Math.sqrt(squared(re) + squared(im));
  transform(re, im);
  return { re, im, logMgf, norm };
}

/** Adds the carried masses to `target`, modulo its length; returns the log of their mgf. */
function carry({ first, mass }: LossMasses, tilt: number, target: Float64Array): number {
  const carried = mass.map((mass, k) => mass * Math.exp(tilt * (first + k)));
  const mgf = carried.reduce((sum, mass) => sum + mass, 0);
  carried.forEach((mass, k) => {
    target[(first + k) & (target.length - 1)]! += mass / mgf;
  });
  return Math.log(mgf);
}

/** One of the distributions that are convolved, as often as `count` says. */
export interface Factor {
  readonly spectrum: Spectrum;
  readonly count: number;
}

/**
 * Convolves what `factors` are the transforms of: at least one, of equal lengths, counts below 2^31.
 *
 * Rounding: an error e of a spectrum becomes count × e in the product, no |F| being above 1, and each
 * of `count` products adds its own. In the 2-norm, which a transform keeps but for sqrt n, that is
 * the sum below, once for each direction; the way back adds one more transform.
 */
export function composed(factors: readonly Factor[]): Composed {
  const length = factors[0]?.spectrum.re.length ?? 1;
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  for (let k = 0; 2 * k <= length; k++) multiply(factors, k, (length - k) & (length - 1), re, im);
  transform(im, re);
  const carried = factors.reduce((sum, { spectrum, count }) => sum + count * spectrum.norm, 1);
  // 2.1: two directions, and that |F| can exceed 1 by rounding.
  const error = 2.1 * (Math.log2(length) * FFT_ERROR + PRODUCT_ERROR) * carried;
  return { mass: { removal: re, addition: im }, error };
}

/** Writes 1 / n of the product of all powers at frequency k and at -k, which is `mirrored`. */
function multiply(
  factors: readonly Factor[],
  k: number,
  mirrored: number,
  re: Float64Array,
  im: Float64Array,
): void {
  let [removalRe, removalIm, additionRe, additionIm] = [1, 0, 1, 0];
  for (const { spectrum, count } of factors) {
    // A real sequence has conjugate values at k and -k, which tells its transform from i times one.
    let aRe = (spectrum.re[k]! + spectrum.re[mirrored]!) / 2;
    let aIm = (spectrum.im[k]! - spectrum.im[mirrored]!) / 2;
    let bRe = (spectrum.im[k]! + spectrum.im[mirrored]!) / 2;
    let bIm = (spectrum.re[mirrored]! - spectrum.re[k]!) / 2;
    const largest = Math.max(aRe * aRe + aIm * aIm, bRe * bRe + bIm * bIm);
    if (largest < Math.exp((-2 * NEGLIGIBLE) / count)) return;
    for (let left = count; left > 0; left >>= 1) {
      if (left & 1) {
        const removal = removalRe * aRe - removalIm * aIm;
        removalIm = removalRe * aIm + removalIm * aRe;
        removalRe = removal;
        const addition = additionRe * bRe - additionIm * bIm;
        additionIm = additionRe * bIm + additionIm * bRe;
        additionRe = addition;
      }
      const a = aRe * aRe - aIm * aIm;
      aIm *= 2 * aRe;
      aRe = a;
      const b = bRe * bRe - bIm * bIm;
      bIm *= 2 * bRe;
      bRe = b;
    }
  }
  re[k] = (removalRe - additionIm) / re.length;
  im[k] = (removalIm + additionRe) / re.length;
  re[mirrored] = (removalRe + additionIm) / re.length;
  im[mirrored] = (additionRe - removalIm) / re.length;
}

function squared(numbers: Float64Array): number {
  return numbers.reduce((sum, x) => sum + x * x, 0);
}
