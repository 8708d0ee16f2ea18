/**
 * The one place where mechanism, sampler and adjacency meet a theorem: an event → what it costs, in
 * the currency of each accountant that some theorem serves. What has no theorem has no price and is
 * refused; nothing is approximated.
 *
 * Sampling amplifies for the continuous Gaussian alone: Poisson sampling under zeroOut and
 * addOrRemove (rdp, pld), a fixed size under replaceOne (rdp); else a fixed size counts as all.
 */
import { BudgetError } from "../errors.ts";
import { memoize } from "../memoize.ts";
import { coinsKey } from "./mechanisms/coin-mixture.ts";
import { coinsCurve } from "./mechanisms/coin-rdp.ts";
import {
  type DistributedGaussian,
  distributedGaussianRdp,
  distributedGaussianRho,
  LEAST_SIGMA,
} from "./mechanisms/distributed-gaussian.ts";
import type { MechanismEvent } from "./mechanisms/event.ts";
import { selectionRdp, selectionRho } from "./mechanisms/exponential-mechanism.ts";
import { fixedSizeCurve, knownSampleCurve } from "./mechanisms/fixed-size-rdp.ts";
import { laplaceDelta, laplaceEpsilon, laplaceRdp } from "./mechanisms/laplace.ts";
import { responseDelta, responseRdp } from "./mechanisms/randomized-response.ts";
import { ORDERS, type RdpCurve } from "./mechanisms/rdp.ts";
import { gaussianRho, pureRho } from "./mechanisms/zcdp.ts";
import type { SampledSteps } from "./pld/pld.ts";

/** What one event costs; a currency that no theorem gives is absent. */
export interface Charge {
  /** pld, and at rate 1 gdp. */
  readonly gaussian?: SampledSteps;
  /** rdp. A function: a sampled curve takes milliseconds. */
  readonly curve: () => RdpCurve;
  /** zcdp. */
  readonly rho?: number;
  /** Epsilon at delta 0, where that is finite: RDP at order infinity. */
  readonly pure?: number;
  /** Delta at an epsilon ≥ 0, if this one step is all that was released. */
  readonly alone?: (epsilon: number) => number;
}

type EventOf<Name> = Extract<MechanismEvent, { readonly mechanism: Name }>;

/**
 * @throws BudgetError where no theorem at all covers the event
 * @throws RangeError for a parameter outside its range
 */
export function chargeOf(event: MechanismEvent): Charge {
  switch (event.mechanism) {
    case "gaussian":
      return repeated(gaussian(event), event.steps ?? 1);
    case "discreteGaussian": {
      const rho = gaussianRho(unsampled(event).noiseMultiplier / perClip(event));
      return { rho, curve: () => curve((order) => order * rho) };
    }
    case "distributedDiscreteGaussian":
      return distributed(unsampled(event));
    case "treeAggregation":
      return tree(event);
    case "laplace": {
      const pure = laplaceEpsilon(event.noiseMultiplier / perClip(event));
      return pureCharge(pure, pureRho(pure), laplaceRdp, laplaceDelta);
    }
    case "randomizedResponse":
      return response(event);
    case "exponential": {
      const pure = event.epsilonPerStep * perClip(event);
      // Of all pure mechanisms a response of two answers has the largest delta.
      return pureCharge(pure, selectionRho(pure), selectionRdp, (own, epsilon) =>
        responseDelta(2, own, epsilon),
      );
    }
    case "none":
      return fullBatch(0, 1);
  }
}

/**
 * Sensitivity ÷ that of one row which contributes nothing instead. Another row in its place moves
 * the sum twice as far. So does its removal from a sample of fixed size: some other row comes in.
 *
 * Where the unit moves R = `rows` rows, each of them by at most that, it is R times as much, by the
 * triangle inequality. What R is, and that it is the same factor under both adjacencies, is derived in
 * group-privacy.ts: of k rows that suppression moves when one is replaced, one changes its value, by 2 C,
 * and k - 1 each vanish and appear, by C: 2 C + 2 (k - 1) C = 2 k C.
 */
function perClip(event: Exclude<MechanismEvent, { readonly mechanism: "none" }>): number {
  const { adjacency } = event;
  const rows = "rows" in event ? (event.rows ?? 1) : 1;
  if (!(Number.isSafeInteger(rows) && rows >= 1)) throw new RangeError(`${rows} rows`);
  if (adjacency === "replaceOne") return 2 * rows;
  const fixedSize = "sampling" in event && event.sampling.kind === "fixedSize";
  return adjacency === "addOrRemove" && fixedSize ? 2 * rows : rows;
}

function gaussian(event: EventOf<"gaussian">): Charge {
  const { sampling, adjacency, rows = 1 } = event;
  const noiseMultiplier = event.noiseMultiplier / perClip(event);
  // The theorem is of one row in another's place; more count as all, which needs no secret sample.
  if (sampling.kind === "fixedSize" && adjacency === "replaceOne" && rows === 1) {
    const { size, population, known } = sampling;
    if (known !== undefined) {
      const sample = { noiseMultiplier, size, population, known };
      const key = `fixedSize/${Object.values(sample).join("/")}`;
      return { curve: () => memoize(curves, CURVES_KEPT, key, () => knownSampleCurve(sample)) };
    }
    const step = { noiseMultiplier, fraction: size / population };
    const key = `fixedSize/${step.fraction}/${noiseMultiplier}`;
    return { curve: () => memoize(curves, CURVES_KEPT, key, () => fixedSizeCurve(step)) };
  }
  if (sampling.kind !== "poisson" || sampling.rate === 1) return fullBatch(noiseMultiplier, 1);
  if (adjacency === "replaceOne") throw uncovered(event, "zeroOut or addOrRemove adjacency");
  const { rate, rowsPerCoin = 1 } = sampling;
  const coins = Math.ceil(rows / rowsPerCoin);
  // Sampling never costs more than none.
  if (coins > MOST_COINS) return fullBatch(noiseMultiplier, 1);
  // Of the rows that one coin brings in together. With several coins the sum is moved by as many as come
  // up: rate q with noise z ÷ rows would be no bound.
  const perCoin = coins === 1 ? rows : rowsPerCoin;
  const step = {
    rate,
    noiseMultiplier: event.noiseMultiplier / perCoin,
    ...(coins > 1 && { coins }),
  };
  return {
    gaussian: { ...step, count: 1 },
    curve: () => memoize(curves, CURVES_KEPT, `poisson/${coinsKey(step)}`, () => coinsCurve(step)),
  };
}

/** With more the mixture has too many parts, for an epsilon that is next to that of a full batch. */
const MOST_COINS = 4096;

/**
 * The same event so many times, each chosen in view of those before: adaptive composition, in every
 * currency (Mironov 2017, proposition 1; Bun & Steinke 2016, lemma 1.7; Zhu, Dong & Wang 2022 for losses).
 */
function repeated(once: Charge, steps: number): Charge {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) throw new RangeError(`${steps} steps`);
  if (steps === 1) return once;
  const { gaussian: losses, rho, curve: of } = once;
  return {
    ...(losses && { gaussian: { ...losses, count: steps * losses.count } }),
    ...(rho !== undefined && { rho: steps * rho * (1 + Number.EPSILON) }),
    curve: () => of().map((rdp) => steps * rdp),
  };
}

/** `count` steps on everything: exactly Gaussian, and the same in all currencies. */
function fullBatch(noiseMultiplier: number, count: number): Charge {
  if (!(noiseMultiplier >= 0)) {
    throw new RangeError(`noiseMultiplier ${noiseMultiplier}: expected ≥ 0`);
  }
  return {
    gaussian: { rate: 1, noiseMultiplier, count },
    rho: count * gaussianRho(noiseMultiplier),
    curve: () => curve((order) => (count * order) / (2 * noiseMultiplier ** 2)),
  };
}

function distributed(event: EventOf<"distributedDiscreteGaussian">): Charge {
  const { clients, sigma, dimension, l1Sensitivity } = event;
  if (!(sigma >= LEAST_SIGMA)) {
    if (sigma === 0) return fullBatch(0, 1);
    throw uncovered(event, `sigma of at least ${LEAST_SIGMA} lattice steps, not ${sigma}`);
  }
  const times = perClip(event);
  const sum: DistributedGaussian = {
    clients,
    sigma,
    dimension,
    l2Sensitivity: event.l2Sensitivity * times,
    l1Sensitivity: l1Sensitivity === undefined ? undefined : l1Sensitivity * times,
  };
  return {
    rho: distributedGaussianRho(sum),
    curve: () => curve((order) => distributedGaussianRdp(sum, order)),
  };
}

/**
 * DP-FTRL (Kairouz, McMahan, Song, Thakkar, Thakurta & Xu 2021, arXiv:2103.00039, theorem 4.1): one
 * participation changes one node at each level of one tree, by C each, so the tree is that many full
 * batches; which tree is the adversary's luck. A unit that is added or removed would move all others
 * to other leaves.
 */
function tree(event: EventOf<"treeAggregation">): Charge {
  if (event.adjacency === "addOrRemove") throw uncovered(event, "zeroOut or replaceOne adjacency");
  const levels = event.treeSizes.map(bitLength);
  const depth = levels.reduce((a, b) => Math.max(a, b), 0);
  return fullBatch(event.noiseMultiplier / perClip(event), depth);
}

/** Digits of a whole number in base 2: the levels of a tree that has seen so many steps. */
function bitLength(steps: number): number {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) throw new RangeError(`tree of ${steps} steps`);
  return steps.toString(2).length;
}

/** Each answer is somebody's: whether there is one cannot be hidden, only what it says. */
function response(event: EventOf<"randomizedResponse">): Charge {
  if (event.adjacency === "addOrRemove") throw uncovered(event, "zeroOut or replaceOne adjacency");
  const { categories, epsilonPerStep: pure } = event;
  return pureCharge(
    pure,
    pureRho(pure),
    (own, order) => responseRdp(categories, own, order),
    (own, epsilon) => responseDelta(categories, own, epsilon),
  );
}

function pureCharge(
  pure: number,
  rho: number,
  rdp: (pure: number, order: number) => number,
  delta: (pure: number, epsilon: number) => number,
): Charge {
  if (!(pure >= 0)) throw new RangeError(`epsilon ${pure} of a step: expected ≥ 0`);
  return {
    pure,
    rho,
    curve: () => curve((order) => rdp(pure, order)),
    alone: (epsilon) => delta(pure, epsilon),
  };
}

/** The event itself, if it has a price without the amplification that no theorem gives it. */
function unsampled<E extends EventOf<"discreteGaussian" | "distributedDiscreteGaussian">>(
  event: E,
): E {
  const { sampling, adjacency } = event;
  if (sampling.kind === "full") return event;
  if (sampling.kind === "fixedSize" && adjacency !== "replaceOne") return event;
  throw uncovered(event, "full sampling: no theorem amplifies discrete noise");
}

/** The refusal of an event that `accountant` has no theorem for. */
export function uncovered(
  event: MechanismEvent,
  expected: string,
  accountant = "any accountant",
): BudgetError {
  const sampler = "sampling" in event ? `${event.sampling.kind} sampling of ` : "";
  const neighbours = "adjacency" in event ? ` under ${event.adjacency}` : "";
  return new BudgetError({
    what: "accountant",
    where: event.mechanism,
    got: `${accountant} for ${sampler}${event.mechanism}${neighbours}`,
    expected,
    fix: "No theorem covers this, and an approximation would be no bound: change one of them.",
  });
}

function curve(rdpAt: (order: number) => number): RdpCurve {
  return ORDERS.map(rdpAt);
}

// A run asks for the same few curves after every round; a calibration asks for each once.
const CURVES_KEPT = 64;
const curves = new Map<string, RdpCurve>();
