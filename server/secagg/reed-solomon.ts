/**
 * Which shares are bent. The shares of one secret are, byte by byte, a codeword of a generalized
 * Reed–Solomon code: of r shares more than the threshold any r / 2 bent ones are found for sure (Massey,
 * "Shift-register synthesis and BCH decoding", 1969).
 */
import { over, times } from "../../shared/secagg/galois-field.ts";
import { combineShares, leadingWeights, SECRET_BYTES } from "../../shared/secagg/shares.ts";

/**
 * Rows of weights, one for each share above the threshold: by each of them the shares of any secret add up
 * to zero, and nothing else does by all of them. Row l has the leading coefficient of x^l times the
 * polynomial, whose degree is still below the number of shares less one.
 *
 * @param places of the shares, distinct, 1 to 255
 */
export function parityRows(places: readonly number[], threshold: number): readonly Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let row = leadingWeights(places); rows.length < places.length - threshold; ) {
    rows.push(row);
    row = row.map((weight, i) => times(weight, places[i] ?? 0));
  }
  return rows;
}

/** Their sums by each row, 32 bytes each: all zero where the shares lie on one polynomial. */
export function syndromesOf(
  shares: readonly Uint8Array[],
  rows: readonly Uint8Array[],
): readonly Buffer[] {
  return rows.map((row) => combineShares(shares, row));
}

/** @returns places whose share is bent in any byte; undefined: in some byte more than can be found */
export function bentPlaces(
  syndromes: readonly Buffer[],
  places: readonly number[],
): readonly number[] | undefined {
  const bent = new Set<number>();
  for (let byte = 0; byte < SECRET_BYTES; byte++) {
    const found = bentInByte(
      syndromes.map((sum) => sum[byte] ?? 0),
      places,
    );
    if (found === undefined) return undefined;
    for (const place of found) bent.add(place);
  }
  return [...bent];
}

function bentInByte(sums: readonly number[], places: readonly number[]) {
  if (sums.every((sum) => sum === 0)) return [];
  const { locator, count } = shortestRegister(sums);
  if (2 * count > sums.length) return undefined;
  // Its roots are the inverses of the places: x^count · locator(1 / x) is zero at them.
  const found = places.filter((x) => {
    let value = 0;
    for (let i = 0; i <= count; i++) value = times(value, x) ^ (locator[i] ?? 0);
    return value === 0;
  });
  return found.length === count ? found : undefined;
}

/**
 * The shortest linear recurrence that makes these sums (Berlekamp and Massey): with as many as half as many
 * places bent as there are sums, its polynomial, lowest coefficient first, has their inverses as roots.
 */
function shortestRegister(sums: readonly number[]): { locator: readonly number[]; count: number } {
  let [locator, before]: [number[], number[]] = [[1], [1]];
  let [count, shift, last] = [0, 1, 1];
  for (const [n, sum] of sums.entries()) {
    let gap = sum;
    for (let i = 1; i <= count; i++) gap ^= times(locator[i] ?? 0, sums[n - i] ?? 0);
    if (gap === 0) {
      shift += 1;
      continue;
    }
    const mended = minus(locator, over(gap, last), before, shift);
    if (2 * count <= n) {
      [before, count, last, shift] = [locator, n + 1 - count, gap, 1];
    } else shift += 1;
    locator = mended;
  }
  return { locator, count };
}

/** a − factor · z^shift · b. */
function minus(a: readonly number[], factor: number, b: readonly number[], shift: number) {
  const length = Math.max(a.length, b.length + shift);
  return Array.from(
    { length },
    (_, i) => (a[i] ?? 0) ^ (i < shift ? 0 : times(factor, b[i - shift] ?? 0)),
  );
}
