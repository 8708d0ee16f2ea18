/**
 * Shamir's secret sharing, byte by byte over GF(2^8): any 32 bytes are a secret. A share is
 * y[32] ‖ x[1], x from 1 to 255.
 */
import { EXP, LOG, over, times } from "./galois-field.ts";

export const SECRET_BYTES = 32;
export const SHARE_BYTES = SECRET_BYTES + 1;
/** Places that a share can have. */
const MOST_HOLDERS = 255;

/**
 * Shares of `secret` at `places`, any `threshold` of which give it back; fewer say nothing about it.
 *
 * @param places distinct, 1 to 255
 * @param random fresh bytes, (threshold - 1) · 32 of them
 */
export function splitSecret(
  secret: Uint8Array,
  threshold: number,
  places: readonly number[],
  random: (bytes: number) => Uint8Array,
): Buffer[] {
  checkPlaces(places);
  if (secret.length !== SECRET_BYTES) throw new RangeError(`a secret of ${secret.length} bytes`);
  if (!(threshold >= 1)) throw new RangeError(`threshold ${threshold}`);
  const coefficients = random((threshold - 1) * SECRET_BYTES);
  const shares = places.map((x) => {
    const share = Buffer.alloc(SHARE_BYTES);
    // Horner's rule, from the highest coefficient down to the secret.
    for (let degree = threshold - 2; degree >= 0; degree--) {
      const at = degree * SECRET_BYTES;
      for (let i = 0; i < SECRET_BYTES; i++) {
        share[i] = times(share[i]! ^ coefficients[at + i]!, x);
      }
    }
    for (let i = 0; i < SECRET_BYTES; i++) share[i] = share[i]! ^ secret[i]!;
    share[SECRET_BYTES] = x;
    return share;
  });
  coefficients.fill(0);
  return shares;
}

/** Lagrange weights at 0 of distinct places: the same for all secrets whose holders these are. */
export function weightsAtZero(places: readonly number[]): Uint8Array {
  checkPlaces(places);
  return Uint8Array.from(places, (x) =>
    places.reduce(
      (weight, other) => (other === x ? weight : over(times(weight, other), x ^ other)),
      1,
    ),
  );
}

/**
 * Weights of the highest coefficient of the polynomial through all places. Of more shares than the
 * threshold it is zero, as no secret's polynomial goes that high.
 */
export function leadingWeights(places: readonly number[]): Uint8Array {
  checkPlaces(places);
  return Uint8Array.from(places, (x) =>
    places.reduce((weight, other) => (other === x ? weight : over(weight, x ^ other)), 1),
  );
}

/** The shares' values, weighted and added: the secret, by its weights. Each at its weight's place. */
export function combineShares(shares: readonly Uint8Array[], weights: Uint8Array): Buffer {
  const secret = Buffer.alloc(SECRET_BYTES);
  for (let j = 0; j < weights.length; j++) {
    const share = shares[j]!;
    const log = LOG[weights[j]!]!;
    for (let i = 0; i < SECRET_BYTES; i++) {
      const y = share[i]!;
      // No weight is 0: places are distinct and not 0.
      if (y !== 0) secret[i] = secret[i]! ^ EXP[LOG[y]! + log]!;
    }
  }
  return secret;
}

function checkPlaces(places: readonly number[]): void {
  const fits = places.every((x) => Number.isInteger(x) && x >= 1 && x <= MOST_HOLDERS);
  if (fits && new Set(places).size === places.length) return;
  throw new RangeError(`places ${places}: expected distinct integers from 1 to ${MOST_HOLDERS}`);
}
