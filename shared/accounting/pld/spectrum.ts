// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * One step's losses under an exponential tilt (Alghamdi et al. 2023, The saddle-point method in
 * differential privacy), and their Fourier transform. Mass p of loss l is carried as p e^(tilt l) / mgf,
 * mgf being the sum of that: so the masses that decide about delta are the large ones, and the
 * transform's error, which is the same at each loss, is small beside them, however small delta is.
 */

import { memoize } from "../../memoize.ts";
import { FFT_ERROR, transform } from "../numeric/fft.ts";
import type { Directions, LossMasses } from "./step.ts";

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** Dots on either side of the largest mass that are not left to the transform, if all else is rare. */
const NEAR = 16;
const RARE = 2 ** -6;

/** What a tilt makes of a distribution of losses, which are counted in multiples of the spacing. */
export interface Moments {
  /** log of the mgf, the mean of e^(tilt loss), over what is finite. */
  readonly logMgf: number;
  /** Mean and variance of the carried losses. */
  readonly mean: number;
  readonly variance: number;
}

/**
 * The transform F of one step's carried masses, by its logarithm at the frequencies 0, …, length / 2:
 * those beyond are conjugate. Indices are taken modulo the length, from `centre` on.
 */
export interface Spectrum {
  readonly length: number;
  readonly logMgf: Directions<number>;
  readonly logs: Directions<LogSpectrum>;
}

interface LogSpectrum {
  /** Index of the largest mass, which the phases are relative to, modulo the length. */
  readonly centre: number;
  /** Relative error of that mass, which is taken to be what the others leave of 1. */
  readonly centreError: number;
  readonly logModulus: Float64Array;
  readonly phase: Float64Array;
  /** log of the most that |F| can be, and the error of F as a part of that. */
  readonly logMost: Float64Array;
  readonly error: Float64Array;
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
 * @param length a power of two ≥ 2; may be less than the step has masses
 */
export function spectrum(losses: Directions<LossMasses>, tilt: number, length: number): Spectrum {
  const removal = carry(losses.removal, tilt, length);
  const addition = carry(losses.addition, tilt, length);
  // No |F| is off by more than all masses are together, at any frequency; 40 u: of what is added.
  const restError =
    (Math.log2(length) * FFT_ERROR + 40 * UNIT) * 1.01 * (removal.far + addition.far);
  transform(removal.rest, addition.rest);
  separate(removal.rest, addition.rest);
  const logs = {
    removal: logSpectrum(removal, removal.rest, restError),
    addition: logSpectrum(addition, addition.rest, restError),
  };
  return { length, logMgf: { removal: removal.logMgf, addition: addition.logMgf }, logs };
}

/**
 * Tells the transform of one real sequence from that of i times another, as each has conjugate values
 * at k and -k: the real parts of either at k, and the imaginary ones at length - k.
 */
function separate(one: Float64Array, other: Float64Array): void {
  const length = one.length;
  for (let k = 1; 2 * k < length; k++) {
    const re = one[k]!;
    const im = other[k]!;
    const mirroredRe = one[length - k]!;
    const mirroredIm = other[length - k]!;
    one[k] = (re + mirroredRe) / 2;
    one[length - k] = (im - mirroredIm) / 2;
    other[k] = (im + mirroredIm) / 2;
    other[length - k] = (mirroredRe - re) / 2;
  }
}

/** Carried masses: those nearest to the largest apart from the rest. */
interface Carried {
  readonly logMgf: number;
  readonly centre: number;
  /** How far to both sides of the centre `near` goes: at width + d is the mass of loss centre + d. */
  readonly width: number;
  readonly near: Float64Array;
  /** All others, at their loss minus centre, modulo the length; in the end, their transform. */
  readonly rest: Float64Array;
  /** Sum of the rest. */
  readonly far: number;
}

function carry({ first, mass }: LossMasses, tilt: number, length: number): Carried {
  const carried = new Float64Array(mass.length);
  let largest = 0;
  for (let k = 0; k < mass.length; k++) {
    carried[k] = mass[k]! * Math.exp(tilt * (first + k));
    if (carried[k]! > carried[largest]!) largest = k;
  }
  const mgf = exactSum(carried);
  const near = carried.subarray(Math.max(0, largest - NEAR), largest + NEAR + 1);
  const beyond = mgf - exactSum(near);
  const width = beyond < RARE * mgf ? NEAR : 0;
  const [inside, rest] = [new Float64Array(2 * width + 1), new Float64Array(length)];
  for (let k = 0; k < carried.length; k++) {
    const away = k - largest;
    const share = carried[k]! / mgf;
    if (Math.abs(away) <= width) inside[width + away] = share;
    else rest[away & (length - 1)]! += share;
  }
  const centre = (first + largest) & (length - 1);
  return { logMgf: Math.log(mgf), centre, width, near: inside, rest, far: exactSum(rest) };
}

/**
 * Sum of numbers ≥ 0, off by 2 u of it: with what each addition loses (Neumaier 1974). Loops here
 * make no objects: before they are compiled these would cost more than all sums.
 */
function exactSum(numbers: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (let k = 0; k < numbers.length; k++) {
    const x = numbers[k]!;
    const before = sum;
    sum += x;
    lost += x > before ? x - sum + before : before - sum + x;
  }
  return sum + lost;
}

/**
 * log F by F - 1, the sum of all masses times e^(-i angle) - 1: each term is rounded relative to
 * itself. Where losses are rare, and steps many, F is next to 1 wherever its power counts, and an
 * error of 1e-16 of F, instead of F - 1, would be raised to more than the deltas that are asked for.
 */
function logSpectrum(carried: Carried, rest: Float64Array, restError: number): LogSpectrum {
  const { centre, width, near } = carried;
  const size = rest.length / 2 + 1;
  const logs = {
    centre,
    // 8 u: of the sums, and of the divisions by them.
    centreError: (8 * UNIT) / near[width]!,
    logModulus: new Float64Array(size),
    phase: new Float64Array(size),
    logMost: new Float64Array(size),
    error: new Float64Array(size),
  };
  const sines = halfTurns(rest.length);
  for (let k = 0; k < size; k++) addLog(logs, k, carried, rest, restError, sines);
  return logs;
}

/** Of one frequency: a function of its own, so that it is compiled before the first loop ends. */
function addLog(
  logs: LogSpectrum,
  k: number,
  { width, near, far }: Carried,
  rest: Float64Array,
  restError: number,
  sines: Float64Array,
): void {
  const length = rest.length;
  let re = rest[k]! - far;
  let im = k === 0 || 2 * k === length ? 0 : rest[length - k]!;
  let moved = 0;
  for (let d = 1; d <= width; d++) {
    // e^(-2i x) - 1 = -2 sin² x - 2i sin x cos x, at x = pi d k / length.
    const turn = (d * k) & (length - 1);
    const sine = sines[turn]!;
    const up = near[width + d]!;
    const down = near[width - d]!;
    re -= 2 * sine * sine * (up + down);
    im -= 2 * sine * sines[turn + length / 2]! * (up - down);
    moved += 2 * Math.abs(sine) * (up + down);
  }
  const excess = Math.sqrt(re * re + im * im);
  const modulus = Math.sqrt((1 + re) * (1 + re) + im * im);
  logs.logModulus[k] =
    excess < 0.5 ? Math.log1p(2 * re + re * re + im * im) / 2 : Math.log(modulus);
  logs.phase[k] = Math.atan2(im, 1 + re);
  // 32 u: of the terms above, and of their sum. 24 u: of the logarithm, and of its products with a count.
  const off = restError + UNIT * (32 * moved + 24 * excess);
  logs.logMost[k] = Math.log(modulus + off);
  logs.error[k] = off / (modulus + off);
}

const sinesKept = new Map<number, Float64Array>();
const SINES_KEPT = 4;

/** sin(pi m / length) for 0 ≤ m < 5 length / 2; cosines are half a length on. */
export function halfTurns(length: number): Float64Array {
  return memoize(sinesKept, SINES_KEPT, length, () => {
    const sines = new Float64Array(2.5 * length);
    for (let m = 0; m <= length / 2; m++) {
      const sine = Math.sin((Math.PI * m) / length);
      sines[m] = sine;
      sines[length - m] = sine;
    }
    for (let m = length; m < sines.length; m++) sines[m] = -sines[m - length]!;
    return sines;
  });
}
