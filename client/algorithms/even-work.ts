/**
 * Work that does not follow a sample. Where ε counts on nobody's seeing which records a client drew, the
 * time of its answer may not say how many these were: as many rows are worked on in every round, those
 * that were not drawn for nothing.
 */

/** More are drawn with a chance below 2^-60 a round; then, and only then, the time tells. */
const LOG_RARE = -60 * Math.LN2;

/**
 * Rows on which a client works in each round: no more are drawn but for chance.
 *
 * Chernoff: a sum of independent numbers within [0, together], of mean μ, is B or more with a chance of at
 * most exp(−(B ln(B/μ) − B + μ) / together) for B > μ.
 *
 * @param slots of the client
 * @param rate at which each is drawn
 * @param together rows that one coin decides of, at most
 * @returns whole, at most `slots`
 */
export function evenWork(slots: number, rate: number, together = 1): number {
  const mean = slots * rate;
  const logChance = (rows: number) => -(rows * Math.log(rows / mean) - rows + mean) / together;
  let [low, high] = [Math.ceil(mean), slots];
  if (low >= high || logChance(high) > LOG_RARE) return slots;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (logChance(middle) <= LOG_RARE) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * uint8[slots], 1 where a row is worked on for nothing: so many, from the first, of those that are not in
 * the round.
 */
export function spareRows(taken: Uint8Array, work: number): Uint8Array {
  const spare = new Uint8Array(taken.length);
  let left = work;
  for (const one of taken) left -= one;
  for (let slot = 0; slot < taken.length && left > 0; slot++) {
    if (taken[slot] !== 0) continue;
    spare[slot] = 1;
    left -= 1;
  }
  return spare;
}
