/**
 * k-ary randomised response (Warner 1965; Kairouz, Oh & Viswanath 2014, arXiv:1407.1338): the truth
 * with probability e^epsilon / (e^epsilon + k - 1), else one of the others, all alike.
 */

const ROUND_UP = 1 + 1e-12;

/** How one answer of `categories` is drawn. */
export interface ResponseOdds {
  readonly truth: number;
  readonly eachOther: number;
  /** The same, told otherwise: the chance of a uniform draw over *all* categories. */
  readonly resample: number;
}

/** The odds at which one answer costs `epsilon` > 0. */
export function responseOdds(categories: number, epsilon: number): ResponseOdds {
  checkCategories(categories);
  // Divided by e^epsilon, which may overflow.
  const other = Math.exp(-epsilon);
  const total = 1 + (categories - 1) * other;
  return { truth: 1 / total, eachOther: other / total, resample: (categories * other) / total };
}

/** The pure epsilon of one answer that is drawn anew over all categories with chance `resample`. */
export function responseEpsilon(categories: number, resample: number): number {
  checkCategories(categories);
  if (!(resample >= 0 && resample <= 1)) throw new RangeError(`resample ${resample}`);
  const odds = (categories * (1 - resample)) / resample;
  return Math.log1p(odds) * (1 + 8 * Number.EPSILON);
}

/** delta of one answer of pure epsilon `charge` at a smaller `epsilon` ≥ 0; rounded up. */
export function responseDelta(categories: number, charge: number, epsilon: number): number {
  const { truth } = responseOdds(categories, charge);
  return Math.min(1, Math.max(0, -truth * Math.expm1(epsilon - charge) * ROUND_UP));
}

/**
 * RDP of one answer at `order` > 1, rounded up: log(1 + p (e^((a-1)e) - 1)(1 - e^(-a e))) / (a-1),
 * p the chance of the truth; the sum over the answers, written without a difference that cancels.
 */
export function responseRdp(categories: number, epsilon: number, order: number): number {
  if (epsilon === Infinity) return Infinity;
  const share = responseOdds(categories, epsilon).truth * -Math.expm1(-order * epsilon);
  const up = (order - 1) * epsilon;
  const log = up > 30 ? up + Math.log(share) : Math.log1p(share * Math.expm1(up));
  return Math.min(epsilon, (log / (order - 1)) * ROUND_UP);
}

function checkCategories(categories: number): void {
  if (!(Number.isSafeInteger(categories) && categories >= 2)) {
    throw new RangeError(`categories ${categories}: expected a whole number ≥ 2`);
  }
}
