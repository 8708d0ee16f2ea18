/**
 * The lattice of a plan. What rounding and float addition can add to the distance between neighbours is
 * taken off the scale, so that `sensitivity` bounds that distance in exact integers.
 */
import { BLOCK_SLOTS } from "../engine/core/engine.ts";
import { ScenarioError } from "../errors.ts";
import type { Lattice } from "../noise/lattice.ts";
import { type PrivacyTerms, rowsOf } from "./terms.ts";

const SMALLEST_SENSITIVITY = 4096;
// The most of the sensitivity that rounding and float error may take; the rest is signal.
const LARGEST_LOSS = 0.01;

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
