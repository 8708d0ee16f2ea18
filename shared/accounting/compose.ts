/**
 * Events → epsilon or delta, by one accountant. Everything that was released is composed first and
 * converted once: adding up epsilons would overstate, converting apart would understate.
 */
import { BudgetError } from "../errors.ts";
import { type Charge, chargeOf, uncovered } from "./charge.ts";
import { lossDelta, lossEpsilon } from "./losses.ts";
import type { Accountant, MechanismEvent } from "./mechanisms/event.ts";
import { checkDelta, composedMu, gaussianDelta, gaussianEpsilon } from "./mechanisms/gaussian.ts";
import { classicalEpsilonFromRdp, composedCurve, epsilonFromRdp } from "./mechanisms/rdp.ts";
import { classicalDeltaFromRdp, deltaFromRdp } from "./mechanisms/rdp-delta.ts";
import { deltaFromRho, epsilonFromRho } from "./mechanisms/zcdp.ts";
import type { SampledSteps } from "./pld/pld.ts";

/** One event that happened `count` times. */
export interface Repeated {
  readonly event: MechanismEvent;
  /** An integer ≥ 0. */
  readonly count: number;
}

export const CONVERSIONS = ["improved", "classical"] as const;

/** Who accounts, and how Rényi curves are converted: the improved way unless told otherwise. */
export interface Rules {
  readonly accountant: Accountant;
  readonly conversion?: (typeof CONVERSIONS)[number] | undefined;
}

/** With the Rényi order of the bound, if it has one; infinite where pure epsilons just add up. */
export interface SpentEpsilon {
  readonly epsilon: number;
  readonly order?: number;
}

export interface SpentDelta {
  readonly delta: number;
  readonly order?: number;
}

/**
 * Epsilon of all `events` together at `delta`, rounded up; in any order, each chosen before the
 * run. 0 for none; Infinity once anything was released as it is.
 *
 * @throws BudgetError where no theorem of `accountant` covers an event
 * @throws RangeError for a delta outside (0, 1), a noise multiplier below 0, a count that is no count
 */
export function spentEpsilon(
  accountant: Accountant,
  events: readonly Repeated[],
  delta: number,
): number {
  return spendEpsilon({ accountant }, events, delta).epsilon;
}

/** Delta of all `events` together at `epsilon` ≥ 0, rounded up, in [0, 1]; refuses likewise. */
export function spentDelta(
  accountant: Accountant,
  events: readonly Repeated[],
  epsilon: number,
): number {
  return spendDelta({ accountant }, events, epsilon).delta;
}

/** As `spentEpsilon`, by more rules and with the order. */
export function spendEpsilon(
  rules: Rules,
  events: readonly Repeated[],
  delta: number,
): SpentEpsilon {
  checkDelta(delta);
  return compose(rules, events).epsilonAt(delta);
}

/** As `spentDelta`, by more rules and with the order. */
export function spendDelta(rules: Rules, events: readonly Repeated[], epsilon: number): SpentDelta {
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  return compose(rules, events).deltaAt(epsilon);
}

/**
 * What is left of `delta` when noise comes from a table at total variation `distance` from the one
 * accounted for: (epsilon, delta - distance (1 + e^epsilon)) of the exact noise is (epsilon, delta)
 * of the table's, by the triangle inequality on either side. Rounded down.
 *
 * @param distance over all draws of all steps
 * @param epsilon the largest that will be claimed with what is left
 * @throws BudgetError if nothing is left
 */
export function deltaAfterTable(delta: number, distance: number, epsilon: number): number {
  checkDelta(delta);
  if (!(distance >= 0)) throw new RangeError(`distance ${distance}: expected ≥ 0`);
  if (distance === 0) return delta;
  // A few ulps down: delta - 1e-25 rounds to delta.
  const left = (delta - distance * (1 + Math.exp(epsilon))) * (1 - 4 * Number.EPSILON);
  if (left > 0) return left;
  throw new BudgetError({
    what: "delta",
    where: "deltaAfterTable",
    got: delta,
    expected: `more than ${distance * (1 + Math.exp(epsilon))}, the noise table's part of it`,
    fix: "Raise the noise or delta: at such an epsilon the guarantee is empty anyway.",
  });
}

/** All that happened, ready to be asked. */
interface Total {
  readonly epsilonAt: (delta: number) => SpentEpsilon;
  readonly deltaAt: (epsilon: number) => SpentDelta;
}

interface Priced extends Repeated {
  readonly charge: Charge;
}

function compose({ accountant, conversion }: Rules, events: readonly Repeated[]): Total {
  const priced = events.filter(happened).map((one) => ({ ...one, charge: chargeOf(one.event) }));
  for (const { event, charge } of priced) {
    const served = accountantsOf(charge);
    if (!served.includes(accountant)) throw uncovered(event, served.join(", "), accountant);
  }
  switch (accountant) {
    case "gdp": {
      const mu = composedMu(sampledSteps(priced));
      return {
        epsilonAt: (delta) => ({ epsilon: gaussianEpsilon(mu, delta) }),
        deltaAt: (epsilon) => ({ delta: gaussianDelta(mu, epsilon) }),
      };
    }
    case "zcdp": {
      const rho = sum(priced, (charge) => charge.rho);
      return {
        epsilonAt: (delta) => ({ epsilon: epsilonFromRho(rho, delta).epsilon }),
        deltaAt: (epsilon) => ({ delta: deltaFromRho(rho, epsilon) }),
      };
    }
    case "rdp":
      return byRenyi(priced, conversion === "classical");
    case "pld":
      return byLosses(priced);
  }
}

/** Exact for the full batch only: the central limit formula for sampled steps is no bound. */
function accountantsOf({ gaussian, rho, pure }: Charge): Accountant[] {
  const served: Accountant[] = ["rdp"];
  if (gaussian?.rate === 1) served.push("gdp");
  if (gaussian || pure !== undefined) served.push("pld");
  if (rho !== undefined) served.push("zcdp");
  return served;
}

function byRenyi(priced: readonly Priced[], classical: boolean): Total {
  const curve = curveOf(priced);
  const pure = sum(priced, (charge) => charge.pure);
  return {
    epsilonAt: (delta) => {
      const best = classical ? classicalEpsilonFromRdp(curve, delta) : epsilonFromRdp(curve, delta);
      return pure < best.epsilon ? { epsilon: pure, order: Infinity } : best;
    },
    deltaAt: (epsilon) => {
      if (pure <= epsilon) return { delta: 0, order: Infinity };
      return classical ? classicalDeltaFromRdp(curve, epsilon) : deltaFromRdp(curve, epsilon);
    },
  };
}

function byLosses(priced: readonly Priced[]): Total {
  const [only, ...others] = priced;
  const losses = {
    steps: sampledSteps(priced),
    pure: sum(
      priced.filter(({ charge }) => !charge.gaussian),
      (charge) => charge.pure,
    ),
    curve: () => curveOf(priced),
    alone: others.length === 0 && only?.count === 1 ? only.charge.alone : undefined,
  };
  return {
    epsilonAt: (delta) => ({ epsilon: lossEpsilon(losses, delta) }),
    deltaAt: (epsilon) => ({ delta: lossDelta(losses, epsilon) }),
  };
}

function happened({ count }: Repeated): boolean {
  if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError(`count ${count}`);
  return count > 0;
}

function sampledSteps(priced: readonly Priced[]): SampledSteps[] {
  return priced.flatMap(({ charge: { gaussian }, count }) =>
    gaussian ? [{ ...gaussian, count: gaussian.count * count }] : [],
  );
}

function curveOf(priced: readonly Priced[]) {
  return composedCurve(priced.map(({ charge, count }) => ({ curve: charge.curve(), count })));
}

/** Rounded up; Infinity where one event has none of it. */
function sum(priced: readonly Priced[], of: (charge: Charge) => number | undefined): number {
  let total = 0;
  for (const { charge, count } of priced) total += count * (of(charge) ?? Infinity);
  return total * (1 + priced.length * Number.EPSILON);
}
