/**
 * What a group of units moves a sum by, each of them drawn by a coin of its own: by as many sensitivities
 * as coins came up. With K coins of rate q and noise z, P = Σ_j Bin(K, q)(j) N(j, z²) against Q = N(0, z²)
 * is the worst pair for K units that vanish or appear together, in both directions and in any composition
 * (Ganesh 2024, arXiv:2401.10294); K full batches at rate q, noise z / K with one coin, is none.
 *
 * The loss log(P / Q) grows with the output, and is convex in it: P / Q is a sum of e^(j x / z²) with
 * positive weights.
 */
import { logMass } from "../numeric/binomial.ts";

/** Equal coins, and the noise ÷ what one unit moves. */
export interface Coins {
  /** In (0, 1]. */
  readonly rate: number;
  /** > 0. */
  readonly noiseMultiplier: number;
  /** A whole number ≥ 1; absent: 1. */
  readonly coins?: number | undefined;
}

/** P, given that a coin came up, as parts N(mean, z²). */
export interface CoinMixture {
  /** Chance that a coin comes up at all. */
  readonly drawn: number;
  readonly means: readonly number[];
  /** Add up to 1. */
  readonly weights: readonly number[];
  /** log of the parts' density ÷ Q's at output x, (P / Q - 1 + drawn) / drawn. */
  readonly logGrowth: (x: number) => number;
  /** The output of that growth, > 0. @param near where the search begins; any will do */
  readonly outputAt: (growth: number, near: number) => number;
}

/** A name of its own for each. */
export function coinsKey({ rate, noiseMultiplier, coins = 1 }: Coins): string {
  return `${rate}/${noiseMultiplier}${coins === 1 ? "" : `/${coins} coins`}`;
}

// Weights are off by less, a few ulps of logarithms below 700; more chance of more rows is worse.
const ROUND_UP = 1 + 1e-12;

/**
 * The mixture of `coins`, or one that is worse by less than `spare`: parts that are rarer together count
 * as if all coins had come up. One coin is exactly two Gaussians.
 */
export function coinMixture(
  { rate, noiseMultiplier: z, coins = 1 }: Coins,
  spare = 0,
): CoinMixture {
  if (coins === 1) {
    return {
      drawn: rate,
      means: [1],
      weights: [1],
      logGrowth: (x) => (2 * x - 1) / (2 * z ** 2),
      outputAt: (growth) => z ** 2 * Math.log(growth) + 0.5,
    };
  }
  const { means, chances } = parts(rate, coins, spare);
  const drawn = Math.min(
    1,
    chances.reduce((sum, chance) => sum + chance, 0),
  );
  const weights = chances.map((chance) => chance / drawn);
  const shifts = means.map((mean, i) => Math.log(weights[i] ?? 0) - mean ** 2 / (2 * z ** 2));
  const growthAt = (x: number) => summed(means, shifts, x / z ** 2);
  return {
    drawn,
    means,
    weights,
    logGrowth: (x) => growthAt(x).log,
    outputAt: (growth, near) => inverse(growthAt, Math.log(growth), near, z),
  };
}

/** How many coins come up, and its chance; 0 left out. */
function parts(rate: number, coins: number, spare: number) {
  const binomial = { trials: coins, success: rate, failure: 1 - rate };
  const means: number[] = [];
  const chances: number[] = [];
  let rare = 0;
  // From the top, so that what is rare adds up before what is not.
  for (let j = coins; j >= 1; j--) {
    const chance = rate === 1 ? Number(j === coins) : Math.exp(logMass(binomial, j)) * ROUND_UP;
    // A sum that is moved further is worse: what is left over counts as all coins.
    if (means.length === 0 && j > 1 && rare + chance <= spare) rare += chance;
    else if (chance > 0 || j === 1) {
      means.push(j);
      chances.push(chance);
    }
  }
  if (rare > 0) {
    means.unshift(coins);
    chances.unshift(rare);
  }
  return { means: means.reverse(), chances: chances.reverse() };
}

interface Growth {
  readonly log: number;
  /** z² times its derivative: the mean of the means there. */
  readonly slope: number;
}

/** log Σ_j e^(shift_j + mean_j t), and how fast it grows in t. */
function summed(means: readonly number[], shifts: readonly number[], t: number): Growth {
  let largest = -Infinity;
  for (let i = 0; i < means.length; i++) {
    const exponent = (shifts[i] ?? 0) + (means[i] ?? 0) * t;
    if (exponent > largest) largest = exponent;
  }
  let [sum, weighted] = [0, 0];
  for (let i = 0; i < means.length; i++) {
    const mean = means[i] ?? 0;
    const part = Math.exp((shifts[i] ?? 0) + mean * t - largest);
    sum += part;
    weighted += mean * part;
  }
  return { log: largest + Math.log(sum), slope: weighted / sum };
}

/**
 * Newton's steps on a convex, growing function: from any start the first is at or beyond the root, all
 * others fall towards it.
 */
function inverse(growthAt: (x: number) => Growth, log: number, near: number, z: number): number {
  let x = Number.isFinite(near) ? near : 0;
  for (let i = 0; i < 200; i++) {
    const { log: here, slope } = growthAt(x);
    const step = ((here - log) * z ** 2) / slope;
    // What is left is rounding.
    if (Math.abs(here - log) <= 4 * Number.EPSILON * (1 + Math.abs(log))) break;
    if (x - step === x || (i > 0 && step < 0)) break;
    x -= step;
  }
  return x;
}
