/**
 * Float sums to integers and back. A client rounds once, the sum of its clipped records; what
 * rounding and float addition can add to the distance between neighbours is taken off the scale, so
 * that `sensitivity` bounds that distance in exact integers.
 */
import { BLOCK_SLOTS } from "./engine/engine.ts";
import { ProtocolError, ScenarioError } from "./errors.ts";
import { type PrivacyTerms, rowsOf } from "./privacy-terms.ts";

/** A grid for sums over d parameters of units clipped to clipNorm. */
export interface Lattice {
  /** Steps of the grid to one model unit: s. */
  readonly scale: number;
  /** L2 distance, in steps, that no unit moves a client's rounded sum past: Δ_Z, an integer. */
  readonly sensitivity: number;
}

const SMALLEST_SENSITIVITY = 4096;
// The most of the sensitivity that rounding and float error may take; the rest is signal.
const LARGEST_LOSS = 0.01;
const INT32_MAX = 2 ** 31 - 1;

/** What of a plan its lattice depends on, the clip norm aside. */
export type LatticeTerms = Pick<PrivacyTerms, "unit" | "parameters" | "population" | "rows"> &
  Partial<Pick<PrivacyTerms, "trust" | "clients" | "rotatedFrom">>;

/** The lattice of a round that clips each unit to `clipNorm`. Its sensitivity is the same for any. */
export function latticeFor(terms: LatticeTerms, clipNorm: number): Lattice {
  const { unit, parameters, trust, clients = 0, rotatedFrom } = terms;
  const rows = rowsOf(terms);
  const least = trust === "distributed" ? leastSensitivity(clients, rows) : 0;
  return unit === "record"
    ? recordLattice(parameters, clipNorm, rows, least, rotatedFrom !== undefined)
    : clientLattice(parameters, clipNorm, least);
}

const MANY_CLIENTS = 1_000;
const LARGEST_RAISED = 2 ** 20;

/**
 * What the sensitivity should at least be where each of many clients rounds and noises by itself: where
 * all updates are small and alike their rounding errors add up. A finer lattice makes them small beside
 * the noise.
 *
 * @param units that a round can hold
 */
export function leastSensitivity(clients: number, units: number): number {
  return clients > MANY_CLIENTS ? Math.min(LARGEST_RAISED, Math.floor(2 ** 30 / units)) : 0;
}

/**
 * The lattice of unit `client`: rounding takes a vector no longer than s·clipNorm at most √d/2
 * further. That is all of a client's contribution, so s = (Δ − √d/2) / clipNorm, and Δ is large
 * enough that √d/2 takes at most 1 % of it; the ulp that float64 may add, roundUpdate takes off.
 *
 * @param parameters d, the length of an update
 * @param least that the sensitivity is to be
 */
export function clientLattice(parameters: number, clipNorm: number, least = 0): Lattice {
  const half = Math.sqrt(parameters) / 2;
  const sensitivity = Math.max(SMALLEST_SENSITIVITY, least, Math.ceil(half / LARGEST_LOSS));
  return { scale: (sensitivity - half) / clipNorm, sensitivity };
}

/**
 * The lattice of unit `record`. Two neighbours' sums, at most clipNorm apart, are rounded at most
 * s·clipNorm + √d + e apart, where e = η·s·clipNorm bounds what float addition adds (floatShare).
 * So s = (Δ − √d) / (clipNorm·(1 + η)), and Δ is large enough that √d + e take at most 1 % of it.
 *
 * @param parameters d, the length of a sum
 * @param population at least the rows that a client can hold
 * @param least that the sensitivity is to be
 * @param rotated each sum is rotated before it is rounded
 * @throws ScenarioError where no sensitivity keeps the loss at 1 % (some 50 million records)
 */
export function recordLattice(
  parameters: number,
  clipNorm: number,
  population: number,
  least = 0,
  rotated = false,
): Lattice {
  const share = floatShare(population, rotated ? Math.log2(parameters) + 3 : 0);
  if (!(share < LARGEST_LOSS)) {
    throw new ScenarioError({
      what: "population",
      where: "the lattice of unit record",
      got: population,
      expected: `a float error of less than ${LARGEST_LOSS} of clipNorm, here it may be ${share}`,
      fix: "Declare the population there really is, or spread it over several runs.",
    });
  }
  const root = Math.sqrt(parameters);
  const wanted = Math.ceil(root / (LARGEST_LOSS - share));
  const sensitivity = Math.max(SMALLEST_SENSITIVITY, least, wanted);
  return { scale: (sensitivity - root) / (clipNorm * (1 + share)), sensitivity };
}

/**
 * η: how far, in units of clipNorm, float error can move two neighbouring sums apart. Records sit
 * in slots, so only one block of b float32 additions differs: twice γ_{b+2}·b. Then come the float64
 * additions of all the blocks and the product with the scale (Higham 2002, section 4.2).
 *
 * @param turns of a rotation, each of which rounds every entry once, relative to itself
 */
function floatShare(records: number, turns: number): number {
  const blocks = Math.ceil(records / BLOCK_SLOTS);
  return (
    2 * BLOCK_SLOTS * (BLOCK_SLOTS + 2) * 2 ** -24 + 2 * (blocks + 1 + turns) * records * 2 ** -53
  );
}

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
    if (!Number.isFinite(x)) {
      throw new ProtocolError({
        what: "update.non-finite",
        where: `parameter ${i}`,
        got: "a number that is not finite",
        expected: "a finite sum",
        fix: "Replace the whole update by zeros before it is rounded.",
      });
    }
    rounded[i] = Math.max(-INT32_MAX, Math.min(INT32_MAX, Math.round(x)));
  }
  return rounded;
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
    shortened = shortened.map((x) => x * SHORTER);
  }
}

/** Exact while it is below 2^53, as the square of any sensitivity is. */
function squareSum(steps: Int32Array): number {
  return steps.reduce((sum, q) => sum + q * q, 0);
}

/** Steps of the lattice in model units: float64[d]. Divide by expectedUnits for the mean. */
export function decode(sum: ArrayLike<number>, scale: number): Float64Array {
  return Float64Array.from(sum, (steps) => steps / scale);
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
