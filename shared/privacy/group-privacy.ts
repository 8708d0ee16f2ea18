/**
 * What a guarantee against the anonymized table is worth against the raw one. Recoding row by row
 * costs nothing; suppression lets one raw row move others. A run prices them as rows of one unit
 * (raw-spending.ts); where nothing but (ε, δ) is known, group privacy pays for them (Dwork &
 * Roth 2014, section 2.3): of k steps each multiplies by e^epsilon and adds delta.
 */
import { MOST_ROWS, type Unit } from "../accounting/mechanisms/event.ts";
import { exactFraction } from "../noise/exact-fraction.ts";

export interface RawPrice {
  readonly epsilon: number;
  /** Below 1. */
  readonly delta: number;
}

/**
 * How many times as far as one unit of the anonymized table does a unit of the raw one move the sum of
 * clipped rows, under either adjacency; null: any number.
 */
export type RawFactor = number | null;

/** What of a contract decides it. */
interface Anonymity {
  readonly mode: "report" | "suppress" | "mondrian";
  /** Rows of a class, at least. */
  readonly k: number;
  /** Levels are learned from the rows. */
  readonly unsafe: boolean;
}

/**
 * 1 where each row is recoded by itself. Where the unit is a client, its rows move no others than its
 * own. Else, with clip norm C and classes that are suppressed below k:
 *
 * - zeroOut: a row of a class of exactly k takes the k - 1 others with it, or brings them back: k rows
 *   vanish or appear, k C. A row zeroed out moves C: k times as much.
 * - replaceOne: the row leaves one class, whose k - 1 others vanish, and enters another, whose k - 1
 *   others appear. Its own place changes from one value to another, 2 C; theirs by C each: 2 k C. A row
 *   replaced moves 2 C: k times as much. (Not 2 k replaced rows: those would be 4 k C.)
 * - Units that are persons with up to N rows, and classes that count persons: each of a person's N rows
 *   may be in a class of its own, of exactly k persons, and each of the k - 1 others there may have all
 *   its N rows in it. N (k - 1) other persons and itself, that is 1 + N (k - 1) persons' places, N C each
 *   under zeroOut and twice that under replaceOne. (k N rows in all would hold for classes that count
 *   rows: from a class of s ≥ k rows, a of them the person's, with s - a < k, no more than k - 1 + a
 *   vanish. Where they count persons: k = 2, N = 2, the person's rows in classes with two rows of Q and
 *   two of R take four others along, six rows and not four.)
 */
export function rawFactor(
  { mode, k, unsafe }: Anonymity,
  unit: Unit,
  rowsPerPerson = 1,
): RawFactor {
  if (unit === "client") return unsafe ? null : 1;
  if (unsafe || mode === "mondrian") return null;
  if (mode === "report") return 1;
  const factor = 1 + rowsPerPerson * (k - 1);
  return factor * rowsPerPerson <= MOST_ROWS ? factor : null;
}

/** Why, in one line. */
export function rawReason(factor: RawFactor, unit: Unit, rowsPerPerson?: number): string {
  if (factor === 1)
    return unit === "record"
      ? "each row is recoded by itself, none is suppressed"
      : "a client's rows decide of no others than its own";
  if (factor === null) return "rows decide how others are recoded: one may move any number of them";
  if (rowsPerPerson !== undefined)
    return `classes of fewer than k persons are suppressed: one person may move the rows of ${factor} persons, and that many times the rows are paid for`;
  return `classes below k are suppressed: one row may move ${factor} rows, and that many are paid for`;
}

/**
 * (k epsilon, delta (e^(k epsilon) - 1) / (e^epsilon - 1)) for a group of k, both rounded up.
 *
 * @param factor k, a whole number ≥ 1; null: no bound
 * @param epsilon ≥ 0, and @param delta in [0, 1): against the anonymized table
 * @returns null where nothing is promised, a delta of 1 or more among it
 */
export function groupPrivacy(factor: RawFactor, epsilon: number, delta: number): RawPrice | null {
  if (!(factor === null || (Number.isSafeInteger(factor) && factor >= 1)))
    throw new RangeError(`factor ${factor}: expected a whole number ≥ 1`);
  if (!(epsilon >= 0)) throw new RangeError(`epsilon ${epsilon}: expected ≥ 0`);
  if (!(delta >= 0)) throw new RangeError(`delta ${delta}: expected ≥ 0`);
  if (factor === null || delta >= 1) return null;
  if (factor === 1) return { epsilon, delta };
  const grouped = { epsilon: timesUp(factor, epsilon), delta: groupDelta(factor, epsilon, delta) };
  return grouped.epsilon < Infinity && grouped.delta < 1 ? grouped : null;
}

/** Above the float error of the logarithms below, whose sum stays under 1,500: 4e-13 relative. */
const ROUND_UP = 1 + 1e-12;

/** The exact product, or a double above it. */
function timesUp(factor: number, epsilon: number): number {
  const product = factor * epsilon;
  if (product === Infinity) return Infinity;
  const [stated, rounded] = [exactFraction(epsilon), exactFraction(product)];
  const isBelow =
    rounded.numerator * stated.denominator <
    BigInt(factor) * stated.numerator * rounded.denominator;
  return isBelow ? product * (1 + Number.EPSILON) + Number.MIN_VALUE : product;
}

/**
 * The quotient is e^((k-1) epsilon) (1 - e^(-k epsilon)) / (1 - e^-epsilon): no difference that
 * cancels; and in logarithms nothing overflows before it is known to be 1 or more.
 */
function groupDelta(factor: number, epsilon: number, delta: number): number {
  if (delta === 0) return delta;
  const growth = epsilon === 0 ? factor : Math.expm1(-factor * epsilon) / Math.expm1(-epsilon);
  const log = Math.log(delta) + (factor - 1) * epsilon + Math.log(growth);
  return Math.exp(log) * ROUND_UP + Number.MIN_VALUE;
}
