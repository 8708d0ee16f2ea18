/** A budget → the least noise that keeps it: bisection on the accountant that will charge it. */
import { BudgetError } from "../errors.ts";
import { smallestSatisfying } from "./bisect.ts";
import { spentEpsilon } from "./compose.ts";
import type { Accountant, Sampling } from "./event.ts";

// Relative excess of the noise over the least one. An RDP curve costs a millisecond or more.
const PRECISION = { gdp: 1e-12, rdp: 1e-5 } as const;
// Noise beyond which nothing is learnt from anyone; the search gives up there.
const MOST_NOISE = 2 ** 60;

/**
 * The smallest noise multiplier at which `steps` steps cost at most (epsilon, delta), rounded up:
 * `spentEpsilon` of the result is ≤ epsilon, and a relative 1e-12 (gdp) or 1e-5 (rdp) less noise
 * is too little.
 *
 * @throws BudgetError where no theorem of `accountant` covers the sampling, or no noise suffices
 * @throws RangeError for steps that are no count ≥ 1, or an epsilon that is not finite and > 0
 */
export function calibrateNoise(
  accountant: Accountant,
  sampling: Sampling,
  steps: number,
  epsilon: number,
  delta: number,
): number {
  if (!(epsilon > 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  if (!(Number.isSafeInteger(steps) && steps >= 1)) throw new RangeError(`steps ${steps}`);
  const keeps = (noiseMultiplier: number): boolean => {
    const event = {
      mechanism: "gaussian",
      noiseMultiplier,
      sampling,
      adjacency: "zeroOut",
    } as const;
    return spentEpsilon(accountant, [{ event, count: steps }], delta) <= epsilon;
  };
  let high = 1;
  while (!keeps(high)) {
    high *= 2;
    if (high > MOST_NOISE) throw unreachable(epsilon, steps, delta);
  }
  let low = high / 2;
  while (keeps(low)) {
    high = low;
    low /= 2;
  }
  return smallestSatisfying(low, high, PRECISION[accountant], keeps);
}

function unreachable(epsilon: number, steps: number, delta: number): BudgetError {
  return new BudgetError({
    what: "epsilon",
    where: "calibrateNoise",
    got: epsilon,
    expected: `one that some noise keeps over ${steps} steps at delta ${delta}`,
    fix: "Raise epsilon or delta, or run fewer rounds.",
  });
}
