// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Losses of many steps after one another: their distributions convolved, by a product of powers of
 * their transforms (Koskela, Jälkö & Honkela 2020, arXiv:1906.03049).
 */
import { FFT_ERROR, transform } from "../numeric/fft.ts";
import type { Spectrum } from "./spectrum.ts";
import type { Directions } from "./step.ts";

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** A product below e^-NEGLIGIBLE stays 0: that is nothing beside the transform's error. */
const NEGLIGIBLE = 60;

/** One of the distributions that are convolved, as often as `count` says. */
export interface Factor {
  readonly spectrum: Spectrum;
  readonly count: number;
}

/** The transform of a composition. */
export type Composed = Directions<Product> & { readonly length: number };

/** Transform at those frequencies up to length / 2 at which it is not next to nothing. */
export interface Product {
  readonly frequencies: Int32Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /**
   * Mass at loss `centre`, modulo the length, that is left out of the transform: 1 where the transform
   * is large everywhere, as few or rare losses leave it, or 0. What is next to 1 can't hide the rest.
   */
  readonly atom: number;
  readonly centre: number;
  /** Bound on the 2-norm of what its error makes of the masses. */
  readonly error: number;
}

/** The carried masses of a composition: that of loss i × spacing is at i modulo the length. */
export interface Carried {
  readonly mass: Directions<Float64Array>;
  /** Bound on the 2-norm of either direction's rounding error. */
  readonly error: number;
}

/**
 * Convolves what `factors` are the transforms of: at least one, of equal lengths, counts below 2^31.
 *
 * Rounding: an error e of F becomes at most count × e × (|F| + e)^(count - 1) of its power, at each
 * frequency, and in the 2-norm, which a transform keeps but for sqrt n, the root of their squares' sum.
 */
export function composed(factors: readonly Factor[]): Composed {
  const length = factors[0]?.spectrum.length ?? 2;
  return {
    length,
    removal: product(factors, "removal", length),
    addition: product(factors, "addition", length),
  };
}

function product(
  factors: readonly Factor[],
  direction: keyof Directions<unknown>,
  length: number,
): Product {
  const size = length / 2 + 1;
  const logMost = new Float64Array(size);
  for (const { spectrum, count } of factors)
    addTimes(logMost, count, spectrum.logs[direction].logMost);
  const frequencies = indicesAbove(logMost, -NEGLIGIBLE);
  // Below 2^20 each, so that products are exact.
  const centre = factors.reduce((sum, { spectrum, count }) => {
    return (sum + (count % length) * spectrum.logs[direction].centre) % length;
  }, 0);
  const atom = frequencies.length === size ? 1 : 0;
  const re = new Float64Array(frequencies.length);
  const im = new Float64Array(frequencies.length);
  // What is left out is below e^-NEGLIGIBLE each.
  let errors = length * Math.exp(-2 * NEGLIGIBLE);
  frequencies.forEach((k, i) => {
    let [off, logModulus, phase] = [0, 0, 0];
    for (const { spectrum, count } of factors) {
      const logs = spectrum.logs[direction];
      off += count * logs.error[k]!;
      logModulus += count * logs.logModulus[k]!;
      phase += count * logs.phase[k]!;
    }
    const modulus = Math.exp(logModulus);
    const half = Math.sin(phase / 2);
    // e^(log modulus + i phase), less 1 where the atom is.
    const real =
      atom * Math.expm1(logModulus) * Math.cos(phase) -
      atom * 2 * half * half +
      (1 - atom) * modulus * Math.cos(phase);
    const imaginary = modulus * Math.sin(phase);
    const turn = (-2 * Math.PI * ((centre * k) % length)) / length;
    const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
    re[i] = real * cosine - imaginary * sine;
    im[i] = real * sine + imaginary * cosine;
    // 16 u: of the exponential, and of the sines and cosines.
    const rounding = 16 * UNIT * (Math.abs(real) + Math.abs(imaginary));
    errors += 2 * (off * Math.exp(logMost[k]!) + rounding) ** 2;
  });
  return { frequencies, re, im, centre, atom, error: 1.01 * Math.sqrt(errors / length) };
}

function addTimes(sum: Float64Array, count: number, logs: Float64Array): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += count * logs[k]!;
}

function indicesAbove(numbers: Float64Array, least: number): Int32Array {
  const indices = new Int32Array(numbers.length);
  let found = 0;
  for (let k = 0; k < numbers.length; k++) if (numbers[k]! >= least) indices[found++] = k;
  return indices.slice(0, found);
}

/** Goes back to the masses of both directions, the removal as real and the addition as imaginary part. */
export function carriedMasses({ length, removal, addition }: Composed): Carried {
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  let squares = 0;
  removal.frequencies.forEach((k, i) => {
    const mirrored = (length - k) & (length - 1);
    const [real, imaginary] = [removal.re[i]! / length, removal.im[i]! / length];
    re[k] = real;
    im[k] = imaginary;
    re[mirrored] = real;
    im[mirrored] = -imaginary;
    squares += 2 * (real * real + imaginary * imaginary);
  });
  addition.frequencies.forEach((k, i) => {
    const mirrored = (length - k) & (length - 1);
    const [real, imaginary] = [addition.re[i]! / length, addition.im[i]! / length];
    re[k]! -= imaginary;
    im[k]! += real;
    // Its own mirror image, where it is real.
    if (mirrored !== k) {
      re[mirrored]! += imaginary;
      im[mirrored]! += real;
    }
    squares += 2 * (real * real + imaginary * imaginary);
  });
  transform(im, re);
  re[removal.centre]! += removal.atom;
  im[addition.centre]! += addition.atom;
  const back = (Math.log2(length) * FFT_ERROR + 2 * UNIT) * Math.sqrt(squares * length);
  const error = Math.max(removal.error, addition.error) + 1.01 * back;
  return { mass: { removal: re, addition: im }, error };
}
