// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Sums over the carried masses from a loss on, which is what delta is. Of a few frequencies, which is
 * all that many steps leave, each sum is summed over them; of many the masses are gone back to, once.
 */
import { type Carried, type Composed, carriedMasses, type Product } from "./compose.ts";
import { halfTurns } from "./spectrum.ts";
import type { Directions } from "./step.ts";

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** A sum over as many frequencies takes less than a 64th of the way back. */
const FEW = 64;

/** Where the window's masses are, and how they fade: all in multiples of the spacing. */
export interface Fading {
  /** Index of the window's first loss. */
  readonly lowest: number;
  /** Of a mass one dot further on, in a sum: e^(-tilt), and e^(-tilt - 1 nat). */
  readonly tilt: number;
  readonly spacing: number;
}

/**
 * Of all masses from index k of the window on, d dots further each, the sum of
 * e^(-tilt d) - part × e^(-(tilt + spacing) d) times the mass, rounded up by its own error.
 */
export type TailSum = (k: number, part: number) => number;

export interface Tails {
  readonly sum: Directions<TailSum>;
  /** Bound on the 2-norm of the masses' error, which the sums do not count. */
  readonly error: number;
}

export function tailsOf(composed: Composed, fading: Fading): Tails {
  const { length, removal, addition } = composed;
  if (FEW * Math.max(removal.frequencies.length, addition.frequencies.length) <= length) {
    return {
      sum: {
        removal: byFrequency(removal, length, fading),
        addition: byFrequency(addition, length, fading),
      },
      error: Math.max(removal.error, addition.error),
    };
  }
  const carried = carriedMasses(composed);
  const sum = (direction: keyof Carried["mass"]) => byMass(carried.mass[direction], fading);
  return { sum: { removal: sum("removal"), addition: sum("addition") }, error: carried.error };
}

/** By both sums from each index on, each from that from the next one on. */
function byMass(carried: Float64Array, { lowest, tilt, spacing }: Fading): TailSum {
  const mass = faded(carried, lowest, Math.exp(-tilt));
  const more = faded(carried, lowest, Math.exp(-tilt - spacing));
  const rounding = 8 * UNIT * mass.length;
  return (k, part) => mass[k]! - part * more[k]! + rounding * mass[k]!;
}

function faded(carried: Float64Array, lowest: number, fade: number): Float64Array {
  const sums = new Float64Array(carried.length + 1);
  for (let k = carried.length - 1; k >= 0; k--) {
    // Below 0 by the transform's error only.
    const mass = Math.max(0, carried[(lowest + k) & (carried.length - 1)]!);
    sums[k] = sums[k + 1]! * fade + mass;
  }
  return sums;
}

/**
 * A geometric series at each frequency. It has no end, as if the window came again and again above
 * itself: of what lies below k that counts e^(-tilt × length) once more, as of what lies below the
 * window.
 */
function byFrequency(
  { frequencies, re, im }: Product,
  length: number,
  { lowest, tilt, spacing }: Fading,
): TailSum {
  const sines = halfTurns(length);
  const mass = overSeries(frequencies, re, im, length, tilt);
  const more = overSeries(frequencies, re, im, length, tilt + spacing);
  const size = mass.size + more.size;
  return (k, part) => {
    const from = (lowest + k) & (length - 1);
    let sum = 0;
    for (let i = 0; i < frequencies.length; i++) {
      // e^(2 pi i turn / length)
      const turn = 2 * ((from * frequencies[i]!) % length);
      const [sine, cosine] = [sines[turn]!, sines[turn + length / 2]!];
      sum +=
        (mass.re[i]! - part * more.re[i]!) * cosine - (mass.im[i]! - part * more.im[i]!) * sine;
    }
    // 32 u: of each term; and of their sum.
    return Math.max(0, sum) + UNIT * (32 + frequencies.length) * size;
  };
}

/** Divides a transform by 1 - e^(-fade + i angle), for both k and -k, and by the length. */
function overSeries(
  frequencies: Int32Array,
  re: Float64Array,
  im: Float64Array,
  length: number,
  fade: number,
) {
  const sines = halfTurns(length);
  const result = { re: new Float64Array(re.length), im: new Float64Array(re.length), size: 0 };
  const [stays, lost] = [Math.exp(-fade), -Math.expm1(-fade)];
  frequencies.forEach((k, i) => {
    const [sine, cosine] = [sines[k]!, sines[k + length / 2]!];
    // 1 - s e^(2ix) = (1 - s) + 2 s sin² x - 2 i s sin x cos x, at x = pi k / length.
    const a = lost + 2 * stays * sine * sine;
    const b = -2 * stays * sine * cosine;
    const twice = (k === 0 || 2 * k === length ? 1 : 2) / (length * (a * a + b * b));
    result.re[i] = twice * (re[i]! * a + im[i]! * b);
    result.im[i] = twice * (im[i]! * a - re[i]! * b);
    result.size += Math.abs(result.re[i]!) + Math.abs(result.im[i]!);
  });
  return result;
}
