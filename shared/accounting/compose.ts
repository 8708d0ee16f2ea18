/**
 * Events → epsilon, by the accountant that the plan names. Everything that was released is composed
 * first and converted once: adding up epsilons would overstate, converting apart would understate.
 */
import { BudgetError } from "../errors.ts";
import type { Accountant, PrivacyEvent } from "./event.ts";
import { checkDelta, composedMu, gaussianEpsilon } from "./gaussian.ts";
import { composedCurve, epsilonFromRdp, type RdpCurve, sampledGaussianCurve } from "./rdp.ts";

/** One event that happened `count` times. */
export interface Repeated {
  readonly event: PrivacyEvent;
  /** An integer ≥ 0. */
  readonly count: number;
}

type GaussianEvent = Extract<PrivacyEvent, { mechanism: "gaussian" }>;
type RepeatedGaussian = { readonly event: GaussianEvent; readonly count: number };

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
  checkDelta(delta);
  const gaussians: RepeatedGaussian[] = [];
  let bare = false;
  for (const { event, count } of events) {
    if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError(`count ${count}`);
    if (count === 0) continue;
    if (event.mechanism === "none") bare = true;
    else gaussians.push({ event: covered(event, accountant), count });
  }
  if (bare) return Infinity;
  if (gaussians.length === 0) return 0;
  return accountant === "gdp" ? exactly(gaussians, delta) : byRenyi(gaussians, delta);
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

function covered(event: GaussianEvent, accountant: Accountant): GaussianEvent {
  if (!(event.noiseMultiplier >= 0)) {
    throw new RangeError(`noiseMultiplier ${event.noiseMultiplier}: expected ≥ 0`);
  }
  if (accountant === "rdp" || event.sampling.kind === "full") return event;
  throw new BudgetError({
    what: "accountant",
    where: "spentEpsilon",
    got: `gdp for ${event.sampling.kind} sampling`,
    expected: "full sampling: the central limit formula for sampled steps is no bound",
    fix: "Account sampled steps by rdp.",
  });
}

function exactly(gaussians: readonly RepeatedGaussian[], delta: number): number {
  const steps = gaussians.map(({ event, count }) => ({
    noiseMultiplier: event.noiseMultiplier,
    count,
  }));
  return gaussianEpsilon(composedMu(steps), delta);
}

function byRenyi(gaussians: readonly RepeatedGaussian[], delta: number): number {
  const parts = gaussians.map(({ event, count }) => ({ curve: curveOf(event), count }));
  return epsilonFromRdp(composedCurve(parts), delta).epsilon;
}

// A run asks for the same few curves after every round; a calibration asks for each once.
const CURVES_KEPT = 64;
const curves = new Map<string, RdpCurve>();

/** The event's curve, computed once while it is among the last CURVES_KEPT new ones. */
function curveOf({ noiseMultiplier, sampling }: GaussianEvent): RdpCurve {
  const rate = sampling.kind === "poisson" ? sampling.rate : 1;
  const key = `${rate}/${noiseMultiplier}`;
  const known = curves.get(key);
  if (known) return known;
  const curve = sampledGaussianCurve(rate, noiseMultiplier);
  const oldest = curves.keys().next();
  if (curves.size >= CURVES_KEPT && !oldest.done) curves.delete(oldest.value);
  curves.set(key, curve);
  return curve;
}
