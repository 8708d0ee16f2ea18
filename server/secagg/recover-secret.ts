/**
 * A secret from the shares of its holders. One wrong share makes it another secret; where there are more
 * shares than needed, that shows, and so does whose it is.
 */
import { secaggRefusal } from "../../shared/secagg/secagg-refusal.ts";
import {
  combineShares,
  leadingWeights,
  SECRET_BYTES,
  weightsAtZero,
} from "../../shared/secagg/shares.ts";

export interface HeldShare {
  readonly holder: number;
  /** y[32] ‖ x[1], x already held against the holder's place. */
  readonly share: Buffer;
}

export interface Recovered {
  readonly secret: Buffer;
  /** Holders whose share is not of this secret. */
  readonly liars: readonly number[];
}

export interface RecoveryTerms {
  readonly threshold: number;
  /** Whose secret, for messages. */
  readonly where: string;
  /** What else is known of the secret; absent: nothing. */
  readonly isRight?: (secret: Buffer) => boolean;
}

/** Sets of shares tried in search of those that do not fit: at 100 holders all pairs. */
const MOST_TRIALS = 5_000;

/** Lagrange weights by places: holders are mostly the same for all owners. */
export type WeightBook = Map<string, Uint8Array>;

/**
 * @param shares at least `threshold`, of different holders
 * @throws ProtocolError `secagg.below-threshold` for fewer; `secagg.share-mismatch` where they do not fit
 *   together, and no two of them are to blame
 */
export function recoverSecret(
  shares: readonly HeldShare[],
  terms: RecoveryTerms,
  book: WeightBook = new Map(),
): Recovered {
  const { threshold, where } = terms;
  if (!(shares.length >= threshold)) {
    throw secaggRefusal("below-threshold", where, shares.length, `at least ${threshold} shares`);
  }
  const secret = agreedSecret(shares, terms, book);
  if (secret) return { secret, liars: [] };
  for (const suspects of suspectsAmong(shares)) {
    const others = shares.filter(({ holder }) => !suspects.includes(holder));
    if (!(others.length >= threshold)) break;
    // Just enough shares fit together whatever they are: then something else must say that they are right.
    if (others.length === threshold && !terms.isRight) continue;
    const found = agreedSecret(others, terms, book);
    if (found) return { secret: found, liars: suspects };
  }
  throw secaggRefusal("share-mismatch", where, "shares that do not fit together", "one secret's");
}

/** The secret, where all shares fit together and it is right. */
function agreedSecret(
  shares: readonly HeldShare[],
  { threshold, isRight = () => true }: RecoveryTerms,
  book: WeightBook,
): Buffer | undefined {
  const fits =
    shares.length === threshold || combined(shares, leadingWeights, "leading", book).equals(ZERO);
  const secret = combined(shares.slice(0, threshold), weightsAtZero, "zero", book);
  return fits && isRight(secret) ? secret : undefined;
}

const ZERO = Buffer.alloc(SECRET_BYTES);

function combined(
  held: readonly HeldShare[],
  weightsOf: (places: readonly number[]) => Uint8Array,
  name: string,
  book: WeightBook,
): Buffer {
  const shares = held.map(({ share }) => share);
  const places = shares.map((share) => share[SECRET_BYTES] ?? 0);
  const key = `${name} ${places}`;
  const weights = book.get(key) ?? weightsOf(places);
  book.set(key, weights);
  return combineShares(shares, weights);
}

/** Each holder alone, then each two. */
function* suspectsAmong(shares: readonly HeldShare[]): Generator<readonly number[]> {
  const holders = shares.map(({ holder }) => holder);
  for (const holder of holders) yield [holder];
  let trials = holders.length;
  for (const [i, holder] of holders.entries()) {
    for (const other of holders.slice(i + 1)) {
      if (++trials > MOST_TRIALS) return;
      yield [holder, other];
    }
  }
}
