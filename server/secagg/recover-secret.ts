/**
 * A secret from the shares of its holders. One wrong share makes any secret it is used for another one,
 * so two are rebuilt, of different shares as far as there are more than needed, and must agree.
 */
import { secaggRefusal } from "../../shared/secagg/secagg-refusal.ts";
import { combineShares, SECRET_BYTES, weightsAtZero } from "../../shared/secagg/shares.ts";

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

/** The secret, where the first and the last `threshold` shares agree on it and it is right. */
function agreedSecret(
  shares: readonly HeldShare[],
  { threshold, isRight = () => true }: RecoveryTerms,
  book: WeightBook,
): Buffer | undefined {
  const first = secretOf(shares.slice(0, threshold), book);
  const last = shares.length > threshold ? secretOf(shares.slice(-threshold), book) : first;
  return first.equals(last) && isRight(first) ? first : undefined;
}

function secretOf(shares: readonly HeldShare[], book: WeightBook): Buffer {
  const places = Uint8Array.from(shares, ({ share }) => share[SECRET_BYTES] ?? 0);
  const key = Buffer.from(places).toString("latin1");
  const weights = book.get(key) ?? weightsAtZero([...places]);
  book.set(key, weights);
  return combineShares(
    shares.map(({ share }) => share),
    weights,
  );
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
