/**
 * Float sums to integers and back. A client rounds once, the sum of its clipped records; how fine the
 * grid is, and what its sensitivity allows for, is the plan's (lattice-terms.ts).
 */
import { ProtocolError } from "../errors.ts";

/** A grid for sums over d parameters of units clipped to clipNorm. */
export interface Lattice {
  /** Steps of the grid to one model unit: s. */
  readonly scale: number;
  /** L2 distance, in steps, that no unit moves a client's rounded sum past: Δ_Z, an integer. */
  readonly sensitivity: number;
}

const INT32_MAX = 2 ** 31 - 1;
/** The largest number below a half: 1 is the float64 nearest to it and a half. */
const BELOW_HALF = 0.5 - 2 ** -54;

/**
 * A client's sum in steps of the lattice, each coordinate to the nearest (half goes up): int32[d].
 * Beyond int32 a coordinate stays at the end, which keeps neighbours neighbours; fitsInt32 rules it
 * out for every client that holds no more records than declared.
 *
 * @param sum float64[d], of clipped records
 * @throws ProtocolError `update.non-finite`: whoever calls this has put zeros in before
 */
export function roundToLattice(sum: Float64Array, scale: number): Int32Array {
  const rounded = new Int32Array(sum.length);
  for (let i = 0; i < sum.length; i++) {
    const x = scale * sum[i]!;
    // What Math.round gives, in a third of its time: half of its guesses which way it goes are wrong.
    if (x > -INT32_MAX && x < INT32_MAX && x !== BELOW_HALF) rounded[i] = Math.floor(x + 0.5);
    else rounded[i] = roundedAlone(x, i);
  }
  return rounded;
}

function roundedAlone(x: number, i: number): number {
  if (!Number.isFinite(x)) {
    throw new ProtocolError({
      what: "update.non-finite",
      where: `parameter ${i}`,
      got: "a number that is not finite",
      expected: "a finite sum",
      fix: "Replace the whole update by zeros before it is rounded.",
    });
  }
  return Math.max(-INT32_MAX, Math.min(INT32_MAX, Math.round(x)));
}

// Taken off an update whose rounding came out too long.
const SHORTER = 1 - 2 ** -20;

/**
 * A clipped update in steps of the lattice, its length checked in exact integers: int32[d].
 *
 * @param update float64[d], finite, of L2 norm at most that for which `lattice` was made
 */
export function roundUpdate(update: Float64Array, { scale, sensitivity }: Lattice): Int32Array {
  let shortened = update;
  for (;;) {
    const rounded = roundToLattice(shortened, scale);
    if (squareSum(rounded) <= sensitivity ** 2) return rounded;
    shortened = shorter(shortened);
  }
}

/**
 * Exact while it is below 2^53, as the square of any sensitivity is; from there on it is no smaller than that. By four
 * sums that do not wait for each other.
 */
export function squareSum(steps: Int32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = steps.length - (steps.length % 4);
  for (let i = 0; i < fours; i += 4) {
    a += steps[i]! * steps[i]!;
    b += steps[i + 1]! * steps[i + 1]!;
    c += steps[i + 2]! * steps[i + 2]!;
    d += steps[i + 3]! * steps[i + 3]!;
  }
  for (let i = fours; i < steps.length; i++) a += steps[i]! * steps[i]!;
  return a + b + (c + d);
}

function shorter(update: Float64Array): Float64Array {
  const shortened = new Float64Array(update.length);
  for (let i = 0; i < update.length; i++) shortened[i] = update[i]! * SHORTER;
  return shortened;
}

/** Steps of the lattice in model units: float64[d]. Divide by expectedUnits for the mean. */
export function decode(sum: ArrayLike<number>, scale: number): Float64Array {
  const decoded = new Float64Array(sum.length);
  for (let i = 0; i < decoded.length; i++) decoded[i] = sum[i]! / scale;
  return decoded;
}

/**
 * What no coordinate of the noised sum passes, but with a chance of 2^-40 over all d coordinates
 * (a Gaussian tail, summed over both signs and all coordinates).
 *
 * @param units the most that a round can hold
 * @param noiseStddev of one client's noise, in steps
 * @param clientsAdding how many add such noise
 */
export function largestSum(
  units: number,
  sensitivity: number,
  noiseStddev: number,
  clientsAdding: number,
  parameters: number,
): number {
  const tail = Math.sqrt(2 * (Math.log(2 * parameters) + 40 * Math.LN2));
  return units * sensitivity + tail * Math.sqrt(clientsAdding) * noiseStddev;
}

/** Whether the noised sum of a round decodes rightly; arguments as of largestSum. */
export function fitsInt32(
  units: number,
  sensitivity: number,
  noiseStddev: number,
  clientsAdding: number,
  parameters: number,
): boolean {
  return largestSum(units, sensitivity, noiseStddev, clientsAdding, parameters) <= INT32_MAX;
}
