/**
 * A secret from the shares of its holders. One wrong share makes it another secret; where there are more
 * shares than needed, that shows, and so does whose it is.
 */
import { secaggRefusal } from "../../shared/secagg/refusal.ts";
import { combineShares, SECRET_BYTES, weightsAtZero } from "../../shared/secagg/shares.ts";
import { bentPlaces, parityRows, syndromesOf } from "./reed-solomon.ts";

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

/** What follows from the places of some shares. */
interface Weights {
  /** Of the first `threshold` of them, at 0. */
  readonly atZero: Uint8Array;
  /** Of all. */
  readonly parity: readonly Uint8Array[];
}

/** By places: holders are mostly the same for all owners. */
export type WeightBook = Map<string, Weights>;

/** Of so many holders at most each two are left out as well: 496 pairs, some 30 ms. */
const MOST_PAIRED = 32;

/**
 * @param shares at least `threshold`, of different holders
 * @throws ProtocolError `secagg.below-threshold` for fewer; `secagg.share-mismatch` where they do not fit
 *   together, and it does not show whose fault that is
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
  for (const suspected of suspects(shares, terms, book)) {
    // Of sets that are as likely only one may do: nobody is blamed by chance.
    const fitting = suspected.flatMap((liars) => {
      const found = without(liars, shares, terms, book);
      return found ? [{ secret: found, liars }] : [];
    });
    const [only, another] = fitting;
    if (another) break;
    if (only) return only;
  }
  throw secaggRefusal("share-mismatch", where, "shares that do not fit together", "one secret's");
}

/** Sets of holders, likelier ones first: whom decoding names; each alone; each two. */
function* suspects(
  shares: readonly HeldShare[],
  { threshold }: RecoveryTerms,
  book: WeightBook,
): Generator<readonly (readonly number[])[]> {
  const places = shares.map(placeOf);
  const { parity } = weightsOf(places, threshold, book);
  const bent = bentPlaces(syndromesOf(shares.map(bytesOf), parity), places);
  const holders = shares.map(({ holder }) => holder);
  if (bent) yield [holders.filter((_, i) => bent.includes(places[i] ?? 0))];
  yield holders.map((holder) => [holder]);
  if (holders.length <= MOST_PAIRED) {
    yield holders.flatMap((one, i) => holders.slice(i + 1).map((other) => [one, other]));
  }
}

/** The secret by the shares of all others, if that can be told. */
function without(
  liars: readonly number[],
  shares: readonly HeldShare[],
  terms: RecoveryTerms,
  book: WeightBook,
): Buffer | undefined {
  const others = shares.filter(({ holder }) => !liars.includes(holder));
  // Just enough shares fit together whatever they are: then something else must say that they are right.
  const least = terms.isRight ? terms.threshold : terms.threshold + 1;
  return others.length >= least ? agreedSecret(others, terms, book) : undefined;
}

/** The secret, where all shares lie on one polynomial and it is right. */
function agreedSecret(
  shares: readonly HeldShare[],
  { threshold, isRight = () => true }: RecoveryTerms,
  book: WeightBook,
): Buffer | undefined {
  const { atZero, parity } = weightsOf(shares.map(placeOf), threshold, book);
  const values = shares.map(bytesOf);
  if (!parity.every((row) => combineShares(values, row).equals(ZERO))) return undefined;
  const secret = combineShares(values, atZero);
  return isRight(secret) ? secret : undefined;
}

const ZERO = Buffer.alloc(SECRET_BYTES);

function weightsOf(places: readonly number[], threshold: number, book: WeightBook): Weights {
  const key = String(places);
  const known = book.get(key);
  if (known) return known;
  const atZero = weightsAtZero(places.slice(0, threshold));
  const weights = { atZero, parity: parityRows(places, threshold) };
  book.set(key, weights);
  return weights;
}

const bytesOf = ({ share }: HeldShare) => share;
const placeOf = ({ share }: HeldShare) => share[SECRET_BYTES] ?? 0;
