// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * The privacy loss of one Gaussian step with Poisson sampling, on a grid: connect-the-dots
 * (Doroshenko, Ghazi, Kamath, Kumar & Manurangsi 2022, arXiv:2207.04380).
 *
 * With rate q and noise multiplier z, P = (1 - q) N(0, z²) + q N(1, z²) is the output with the unit,
 * and Q = N(0, z²) the one without; of several units with a coin each, P has more parts (`coin-mixture`). The loss at x is log(P(x) / Q(x)), which grows with x; `removal`
 * of the unit is P against Q, `addition` Q against P.
 *
 * What lies between two dots of the grid is divided among them such that its P-mass and its Q-mass
 * both stay what they are. Under Q that only spreads the ratio P / Q around its mean, so every delta,
 * the mean of a convex function of the ratio, grows: at each epsilon, in both directions, and in
 * any composition. Rounding is paid for where it happens: what it may have taken from the higher of
 * two dots is moved there, so that the mass from any dot on, times 1 + tailError, is the true one at
 * least.
 */

import { type CoinMixture, type Coins, coinMixture } from "../mechanisms/coin-mixture.ts";
import { largestSatisfying } from "../numeric/bisect.ts";
import { erfcInverse, normalCdf } from "../numeric/normal.ts";

/** Masses of the losses first, first + 1, … in multiples of the grid's spacing. */
export interface LossMasses {
  readonly first: number;
  readonly mass: Float64Array;
  /** Mass of what was cut off above, which counts as an infinite loss. */
  readonly infinite: number;
}

/** A value for each direction. */
export interface Directions<T> {
  readonly removal: T;
  readonly addition: T;
}

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** The grid ends there, in nats: e^700 is near the largest double. */
const MOST_LOSS = 700;

/** Parts of the mixture that are rarer, of what may be cut off, count as the worst of them. */
const RARE = 1 / 16;

/**
 * One step's losses.
 *
 * @param step rate in (0, 1], noise finite and > 0
 * @param spacing in nats; of few bits, so that its multiples are exact
 * @param cut about how much mass may be cut off, in [1e-280, 1/2]
 */
export function stepLosses(step: Coins, spacing: number, cut: number): Directions<LossMasses> {
  const z = step.noiseMultiplier;
  const mixture = coinMixture(step, RARE * cut);
  const { least, most } = lossRange(step, cut);
  const first = Math.floor(least / spacing);
  const last = Math.max(first + 1, Math.ceil(most / spacing));
  const removal = new Float64Array(last - first + 1);
  const addition = new Float64Array(last - first + 1);
  let low = dotAt(first, mixture, z, spacing, -z);
  // Losses below the first dot are raised to it. For the addition they are the highest: cut off.
  const below = massBelow(low, mixture);
  removal[0] = mixed(mixture.drawn, below);
  for (let k = 0; first + k < last; k++) {
    const high = dotAt(first + k + 1, mixture, z, spacing, low.output);
    const { up, stays, down, rests } = divided(low, high, mixture, spacing);
    removal[k]! += stays;
    removal[k + 1] = up;
    addition[last - first - k]! += down;
    addition[last - first - k - 1] = rests;
    low = high;
  }
  const above = massAbove(low, mixture);
  addition[0]! += above.zero;
  return {
    removal: { first, mass: removal, infinite: mixed(mixture.drawn, above) },
    addition: { first: -last, mass: addition, infinite: below.zero },
  };
}

/** Divides what lies between two dots: P's mass into `up` and `stays`, Q's into `down` and `rests`. */
function divided(low: Dot, high: Dot, { drawn: rate, weights }: CoinMixture, spacing: number) {
  const zero = massBetween(low.zero, high.zero);
  const one = weighted(weights, (i) => massBetween(pointOf(low, i), pointOf(high, i)));
  const mass = mixed(rate, { zero, one });
  const wide = -Math.expm1(-spacing);
  // Of the tails; of their products, and of `growth`, by 4 u of the ratio.
  const blur =
    weighted(weights, (i) => pointOf(low, i).error + pointOf(high, i).error) +
    (weights.length - 1) * UNIT * one +
    (low.zero.error + high.zero.error) * Math.max(Math.abs(low.growth), high.growth);
  const rounding = rate * blur + 4 * UNIT * (mass + 2 * zero * high.ratio);
  // (m - n e^l) / (1 - e^-spacing) of P's mass m and Q's n, where e^l = 1 - q + q growth.
  const up = clamped((rate * (one - zero * low.growth) + rounding) / wide, mass);
  // (n - m e^-l) / (1 - e^-spacing), l being the higher loss.
  const down = clamped((rate * (zero * high.growth - one) + rounding) / (wide * high.ratio), zero);
  return { up, stays: mass - up, down, rests: zero - down };
}

/** The losses between which all but a mass of about `cut` lies, at either end. */
export function lossRange(step: Coins, cut: number): { least: number; most: number } {
  const { rate, noiseMultiplier } = step;
  const mixture = coinMixture(step, RARE * cut);
  const deviations = (mass: number) => Math.SQRT2 * erfcInverse(Math.min(1, 2 * mass));
  // Above, P's second Gaussian counts, and what the first one, e^(x / z + 1 / 2z²) times as thin x
  // deviations from the second one's mean, has at least as far out.
  const nearest = deviations(cut / rate);
  const thin = Math.exp(-nearest / noiseMultiplier - 0.5 / noiseMultiplier ** 2);
  const highest =
    (step.coins ?? 1) === 1
      ? 1 + deviations(cut / (rate + (1 - rate) * thin)) * noiseMultiplier
      : highestOutput(mixture, noiseMultiplier, cut);
  const lowest = -deviations(cut) * noiseMultiplier;
  const within = (loss: number) => Math.min(MOST_LOSS, Math.max(-MOST_LOSS, loss));
  return {
    least: within(lossAt(lowest, mixture)),
    most: within(lossAt(highest, mixture)),
  };
}

/** The output above which about `cut` of P's mass lies, the parts' that are rarer than it aside. */
function highestOutput({ drawn, means, weights }: CoinMixture, z: number, cut: number): number {
  const above = (x: number) =>
    weighted(weights, (i) => normalCdf(((means[i] ?? 0) - x) / z)) * drawn +
    (1 - drawn) * normalCdf(-x / z);
  const lowest = 0;
  const farthest = Math.max(...means) + 39 * z;
  return above(lowest) > cut ? largestSatisfying(lowest, farthest, 1e-6, (x) => above(x) > cut) : z;
}

/**
 * Bound on the relative error of a tail that begins `deviations` from the mean: 18 u of `normalCdf`,
 * and 3 u of its argument, which count as often as the argument's square says.
 */
export function tailError(deviations: number): number {
  return (20 + 4 * deviations ** 2) * UNIT;
}

function lossAt(x: number, { drawn: rate, logGrowth }: CoinMixture): number {
  const exponent = logGrowth(x);
  if (exponent <= 30) return Math.log1p(rate * Math.expm1(exponent));
  return Math.log(rate) + exponent + Math.log1p((1 / rate - 1) * Math.exp(-exponent));
}

/** A point as N(0, 1) sees it. */
interface Point {
  /** Deviations from the mean. */
  readonly at: number;
  /** Mass beyond it, on the side away from the mean, and a bound on its error. */
  readonly tail: number;
  readonly error: number;
}

/** A loss of the grid. */
interface Dot {
  /** e^loss. */
  readonly ratio: number;
  /** e^((2x - 1) / 2z²) at its output x, or the mean of such; none there is has this loss where it is ≤ 0. */
  readonly growth: number;
  readonly output: number;
  /** Its output, for N(0, z²) and for each N(mean, z²). */
  readonly zero: Point;
  readonly parts: readonly Point[];
}

function dotAt(
  index: number,
  { drawn: rate, means, outputAt }: CoinMixture,
  z: number,
  spacing: number,
  near: number,
): Dot {
  const loss = index * spacing;
  const ratio = Math.exp(loss);
  // (e^loss - (1 - q)) / q, off by 4 u of e^loss / q, by the form that doesn't round 1 - q. A dot that
  // is thereby misplaced among the outputs misplaces a product of two such errors, nothing beside blur.
  const growth = rate < 0.5 ? Math.expm1(loss) / rate + 1 : (ratio - (1 - rate)) / rate;
  const x = growth > 0 ? outputAt(growth, near) : -Infinity;
  const parts = means.map((mean) => point((x - mean) / z));
  return { ratio, growth, output: x, zero: point(x / z), parts };
}

function pointOf({ parts }: Dot, i: number): Point {
  return parts[i] ?? NOWHERE;
}

function weighted(weights: readonly number[], of: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * of(i);
  return sum;
}

const NOWHERE: Point = { at: -Infinity, tail: 0, error: 0 };

function point(at: number): Point {
  if (at === -Infinity) return NOWHERE;
  const tail = normalCdf(-Math.abs(at));
  return { at, tail, error: tail * tailError(at) };
}

/** From the tails, so that what is far out stays exact, and sums of neighbours telescope. */
function massBetween(low: Point, high: Point): number {
  if (high.at <= 0) return high.tail - low.tail;
  if (low.at >= 0) return low.tail - high.tail;
  return 1 - low.tail - high.tail;
}

function massBelow(dot: Dot, { weights }: CoinMixture): Masses {
  const below = ({ at, tail }: Point) => (at < 0 ? tail : 1 - tail);
  return { zero: below(dot.zero), one: weighted(weights, (i) => below(pointOf(dot, i))) };
}

function massAbove(dot: Dot, { weights }: CoinMixture): Masses {
  const above = ({ at, tail }: Point) => (at < 0 ? 1 - tail : tail);
  return { zero: above(dot.zero), one: weighted(weights, (i) => above(pointOf(dot, i))) };
}

/** Of N(0, z²) and of the parts N(mean, z²). */
interface Masses {
  readonly zero: number;
  readonly one: number;
}

/** P's mass. */
function mixed(rate: number, { zero, one }: Masses): number {
  return rate * one + (1 - rate) * zero;
}

function clamped(mass: number, most: number): number {
  return Math.min(most, Math.max(0, mass));
}
