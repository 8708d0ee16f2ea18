/**
 * The discrete Gaussian's masses and full table by the definition, term after term: the oracle of
 * shared/noise/exact-gaussian-sum.ts. e^(-x² / 2 sigma²) is one over the series of positive terms of
 * noise-table.ts, on 512 bits.
 */
import { BITS, exponential, integerRoot, ONE, PI } from "./noise-table.ts";

/** 2^512 e^(-x² / 2 sigma²), to a unit. */
function weight(x: number, sigma: number): bigint {
  return (ONE * ONE) / exponential(BigInt(x) ** 2n, 2n * BigInt(sigma) ** 2n);
}

const tables = new Map<number, readonly bigint[]>();

/** 2^512 P[|X| ≤ a] for all a below 14 sigma. */
function table(sigma: number): readonly bigint[] {
  const known = tables.get(sigma);
  if (known) return known;
  const sums: bigint[] = [];
  let sum = -ONE;
  // At 30 sigma a weight is below 2^-640.
  for (let a = 0; a < 30 * sigma; a++) {
    sum += 2n * weight(a, sigma);
    sums.push(sum);
  }
  const made = sums.slice(0, 14 * sigma).map((part) => (part << BITS) / sum);
  tables.set(sigma, made);
  return made;
}

/** ⌊2^places · P[|X| ≤ a]⌋ for a below 14 sigma; quick for sigma up to some hundred. */
export function discreteTableEntry(a: number, sigma: number, places = 128n): bigint {
  const entry = table(sigma)[a];
  if (entry === undefined) throw new RangeError(`entry ${a} of the table at sigma ${sigma}`);
  return entry >> (BITS - places);
}

/**
 * 2^512 P[from < |X| ≤ to], 0 ≤ from, to some 2^-500, for sigma ≥ 5: its normaliser is
 * sigma sqrt(2 pi) to 1 in 2^700 (Poisson's summation formula).
 */
export function discreteMassBetween(from: number, to: number, sigma: number): bigint {
  const normaliser = integerRoot((2n * PI * BigInt(sigma) ** 2n) << BITS);
  let sum = 0n;
  for (let a = from + 1; a <= to; a++) sum += 2n * weight(a, sigma);
  return (sum << BITS) / normaliser;
}
