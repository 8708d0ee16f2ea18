/**
 * An audit by one run (Steinke, Nasr & Jagielski 2023, Privacy auditing with one (1) training run,
 * arXiv:2305.08846, theorem 5.2): m canaries take part by a fair coin each, an auditor who sees what
 * was released guesses some of the coins, and whoever guesses too well refutes the claimed epsilon.
 *
 * The number of guesses must be fixed beforehand, which of the canaries they are for may depend on
 * what was released. A bound above the claimed epsilon is a bug somewhere.
 */
import { type Binomial, logMass, mode, ratioAfter } from "./numeric/binomial.ts";
import { largestSatisfying } from "./numeric/bisect.ts";

/** What came of an audit. */
export interface Audit {
  /** Canaries whose coins were thrown. */
  readonly canaries: number;
  /** Of them, those whose coin was guessed; the auditor abstained from the others. */
  readonly guesses: number;
  /** Guesses that were right. */
  readonly correct: number;
}

// Float error of the sums below is under 1e-11 relative (measured against sums of big integers).
const ROUND_UP = 1 + 1e-10;
/** Smaller bounds are told as 0, and larger ones are known to this relative precision. */
const LEAST_EPSILON = 1e-6;
const PRECISION = 1e-9;
/** A term below this part of a sum ends it. */
const NEGLIGIBLE = 1e-20;

/**
 * Bound on the chance of as many right guesses, or more, if the mechanism is (epsilon, delta)-DP for
 * one canary: with p = 1 / (1 + e^-epsilon), that of as many successes in as many trials of chance p,
 * and, for delta, 2 m delta × the largest mean mass of the i numbers just below. Rounded up.
 *
 * @throws RangeError for counts that are none or out of order, an epsilon that is not ≥ 0 and finite,
 * a delta outside [0, 1)
 */
export function auditPValue(audit: Audit, epsilon: number, delta: number): number {
  check(audit, epsilon, delta);
  const { canaries, guesses, correct } = audit;
  if (correct === 0) return 1;
  const odds = Math.exp(-epsilon);
  const right = { trials: guesses, success: 1 / (1 + odds), failure: odds / (1 + odds) };
  // Where no float64 tells the chance from 1.
  if (right.failure === 0) return 1;
  const pure = Math.exp(logTail(right, correct));
  const impure = 2 * canaries * delta * Math.exp(logLargestMean(right, correct));
  return Math.min(1, (pure + impure) * ROUND_UP);
}

/**
 * The largest epsilon that the audit refutes, rounded down: with a chance of `confidence` at least the
 * mechanism, if (epsilon', delta)-DP at all, has epsilon' above it. 0 if it refutes none.
 *
 * @param confidence in (0, 1); one minus the chance of a false alarm
 * @throws RangeError as `auditPValue`, and for any other confidence
 */
export function auditLowerBound(audit: Audit, delta: number, confidence: number): number {
  const falseAlarm = 1 - confidence;
  if (!(falseAlarm > 0 && falseAlarm < 1)) throw new RangeError(`confidence ${confidence}`);
  const refuted = (epsilon: number) => auditPValue(audit, epsilon, delta) <= falseAlarm;
  if (!refuted(LEAST_EPSILON)) return 0;
  let high = 1;
  while (refuted(high)) high *= 2;
  return largestSatisfying(LEAST_EPSILON, high, PRECISION, refuted);
}

/** log P[X ≥ least], from the largest of its terms outwards. */
function logTail(x: Binomial, least: number): number {
  const largest = Math.max(least, mode(x));
  let sum = 1;
  let term = 1;
  for (let k = largest; term > NEGLIGIBLE * sum; k++) {
    term *= ratioAfter(x, k);
    sum += term;
  }
  term = 1;
  for (let k = largest; k > least && term > NEGLIGIBLE * sum; k--) {
    term /= ratioAfter(x, k - 1);
    sum += term;
  }
  return Math.min(0, logMass(x, largest) + Math.log(sum));
}

/** log of the largest of P[end - i ≤ X < end] / i over all i from 1 to end. */
function logLargestMean(x: Binomial, end: number): number {
  const largest = Math.min(end - 1, mode(x));
  // Masses of largest, …, end - 1, as parts of the first; those that underflow add nothing.
  const parts = [1];
  for (let k = largest, part = 1; k < end - 1; k++) {
    part *= ratioAfter(x, k);
    parts.push(part);
  }
  let [sum, count, best] = [0, 0, 0];
  for (const part of parts.reverse()) {
    sum += part;
    count += 1;
    best = Math.max(best, sum / count);
  }
  // Further down masses fall, and lift the mean as long as they are above it.
  for (let k = largest, part = 1; k > 0; k--) {
    part /= ratioAfter(x, k - 1);
    if (part <= best) break;
    sum += part;
    count += 1;
    best = sum / count;
  }
  return logMass(x, largest) + Math.log(best);
}

function check({ canaries, guesses, correct }: Audit, epsilon: number, delta: number): void {
  const counts = [correct, guesses, canaries];
  const ordered = correct >= 0 && correct <= guesses && guesses <= canaries;
  if (!(ordered && counts.every(Number.isSafeInteger))) {
    throw new RangeError(`${correct} of ${guesses} guesses for ${canaries} canaries`);
  }
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  if (!(delta >= 0 && delta < 1)) throw new RangeError(`delta ${delta}`);
}
