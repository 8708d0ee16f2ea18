/**
 * A random rotation of updates: signs that a public stream draws, then the Walsh-Hadamard transform. It
 * keeps lengths and spreads each update over all entries, so that no entry of a sum comes near what all
 * units together could reach in one: far more of them fit into 32 bits (Suresh, Yu, Kumar & McMahan
 * 2017, arXiv:1611.00429; Kairouz, Liu & Steinke 2021, section 4).
 */
import { seededRoot, stream } from "./random.ts";

/** What of a plan the rotation depends on. */
export interface RotationTerms {
  /** Entries of an update as it is rounded and sent; rotated, a power of two. */
  readonly parameters: number;
  /** Entries before the rotation, zeros filling up the rest; absent: updates are not rotated. */
  readonly rotatedFrom?: number | undefined;
}

/** The next power of two. */
export function rotatedLength(entries: number): number {
  return 2 ** Math.ceil(Math.log2(entries));
}

/** Entries before any rotation. */
export function entriesBefore({ parameters, rotatedFrom }: RotationTerms): number {
  return rotatedFrom ?? parameters;
}

/** @param update float64[rotatedFrom]. @returns float64[parameters]; the update itself where the plan has no rotation */
export function rotate(
  update: Float64Array,
  { parameters, rotatedFrom }: RotationTerms,
): Float64Array {
  if (rotatedFrom === undefined) return update;
  const turned = new Float64Array(parameters);
  turned.set(update);
  flip(turned);
  transform(turned);
  return turned;
}

/** The inverse. @param sum [parameters]. @returns [rotatedFrom] */
export function rotateBack<Sum extends ArrayLike<number>>(
  sum: Sum,
  { rotatedFrom }: RotationTerms,
): Sum | Float64Array {
  if (rotatedFrom === undefined) return sum;
  const turned = Float64Array.from(sum);
  transform(turned);
  flip(turned);
  return turned.subarray(0, rotatedFrom);
}

/**
 * How many units' whole lengths may meet in one entry of a sum, by more than chance 2^-40 over all
 * entries: of a rotated one few, for each entry is a sum of signs times what it had (Hoeffding), and what
 * clients round it to is off by a half each.
 */
export function unitsInOneEntry({
  population,
  clients,
  sensitivity,
  ...terms
}: RotationTerms & {
  readonly population: number;
  readonly clients: number;
  readonly sensitivity: number;
}): number {
  if (terms.rotatedFrom === undefined) return population;
  const tail = 2 * (Math.log(2 * terms.parameters) + 40 * Math.LN2);
  const share = Math.sqrt(tail / terms.parameters);
  return Math.min(population, population * share + clients / (2 * sensitivity));
}

/** The same for all runs and rounds: it hides nothing, and only no data may have been made for it. */
const SIGNS = seededRoot(0);

/** Turns the sign of half the entries, in place. */
function flip(vector: Float64Array): void {
  const bits = stream(SIGNS, "rotation").bytes(Math.ceil(vector.length / 8));
  for (let i = 0; i < vector.length; i++) {
    if ((bits[i >>> 3]! >>> (i & 7)) & 1) vector[i] = -vector[i]!;
  }
}

/** The orthonormal Walsh-Hadamard transform, its own inverse, in place. */
function transform(vector: Float64Array): void {
  const { length } = vector;
  for (let half = 1; half < length; half *= 2) {
    for (let start = 0; start < length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const [a, b] = [vector[i]!, vector[i + half]!];
        vector[i] = a + b;
        vector[i + half] = a - b;
      }
    }
  }
  const norm = 1 / Math.sqrt(length);
  for (let i = 0; i < length; i++) vector[i] = vector[i]! * norm;
}
