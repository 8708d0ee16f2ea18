/**
 * Logarithms of a binomial's masses, with full relative accuracy at any count: Loader 2000, Fast and
 * accurate computation of binomial probabilities. Differences of log-gammas would lose a digit for
 * each of the count's.
 */

/** The number of successes in `trials`, each with chance `success`; `failure` is 1 - success. */
export interface Binomial {
  readonly trials: number;
  readonly success: number;
  readonly failure: number;
}

/** log P[X = k], for a whole k from 0 to trials and chances in (0, 1). */
export function logMass({ trials: n, success, failure }: Binomial, k: number): number {
  if (k === 0) return n * logOf(failure, success);
  if (k === n) return n * logOf(success, failure);
  const spread = 0.5 * Math.log(n / (2 * Math.PI * k * (n - k)));
  const stirling = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  return spread + stirling - deviance(k, n * success) - deviance(n - k, n * failure);
}

/** log of a chance, by its complement where it is close to 1. */
function logOf(chance: number, complement: number): number {
  return complement < 0.5 ? Math.log1p(-complement) : Math.log(chance);
}

/** P[X = k + 1] / P[X = k]. */
export function ratioAfter({ trials, success, failure }: Binomial, k: number): number {
  return ((trials - k) / (k + 1)) * (success / failure);
}

/** A whole number at which the mass is largest. */
export function mode({ trials, success }: Binomial): number {
  return Math.min(trials, Math.floor((trials + 1) * success));
}

/** log n! minus Stirling's approximation of it, n ≥ 1. */
function stirlingError(n: number): number {
  if (n <= 15) {
    let logFactorial = 0;
    for (let i = 2; i <= n; i++) logFactorial += Math.log(i);
    return logFactorial - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI);
  }
  // Beyond 15 the next term, 691 / 360360 n^-11, is below 1e-15.
  const s = 1 / n ** 2;
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / n;
}

/** k log(k / mean) + mean - k, by its series where that cancels. */
function deviance(k: number, mean: number): number {
  const v = (k - mean) / (k + mean);
  if (Math.abs(v) > 0.1) return k * Math.log(k / mean) + mean - k;
  // log(k / mean) = 2 artanh v.
  let sum = (k - mean) * v;
  let power = 2 * k * v;
  for (let i = 3; ; i += 2) {
    power *= v * v;
    const next = sum + power / i;
    if (next === sum) return sum;
    sum = next;
  }
}
