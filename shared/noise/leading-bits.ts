/**
 * Search in a table of 128-bit thresholds that is small enough to be there as a whole, by the leading
 * 52 bits, which float64 holds; the leading 12 say where to begin (a guide table, Chen & Asau 1974).
 */

/** A draw v = 2^128 - 1 - U is of magnitude a or less where v ≥ 2^128 - c_a. */
export interface LeadingBits {
  /** ⌊(2^128 - c_a) / 2^76⌋ for each a, and -1 after them: nothing is beyond that magnitude. */
  readonly tails: Float64Array;
  /** Smallest magnitude of any v with these leading 12 bits. */
  readonly starts: Uint16Array;
}

/** What `search` answers where the leading bits of v are those of a threshold. */
export const UNDECIDED = -1;

const PLACES = 128n;
const LEADING = 52;
const GUIDE = 12;

/** @param thresholds c_0, c_1 …: rising, in [0, 2^128], at most 2^16 - 1 */
export function leadingBits(thresholds: readonly bigint[]): LeadingBits {
  const drop = PLACES - BigInt(LEADING);
  const tails = [...thresholds.map((c) => Number(((1n << PLACES) - c) >> drop)), -1];
  const starts = Uint16Array.from({ length: 2 ** GUIDE }, (_, leading) => {
    const largest = (leading + 1) * 2 ** (LEADING - GUIDE) - 1;
    return tails.findIndex((tail) => tail <= largest);
  });
  return { tails: Float64Array.from(tails), starts };
}

/** The smallest magnitude a with U < c_a for the leading 64 bits of v, in two words; or UNDECIDED. */
export function search({ tails, starts }: LeadingBits, high: number, low: number): number {
  const v = high * 2 ** (LEADING - 32) + (low >>> (64 - LEADING));
  let a = starts[high >>> (32 - GUIDE)] ?? 0;
  while (v < (tails[a] ?? -1)) a++;
  return v === tails[a] ? UNDECIDED : a;
}
