/** How small an ε may be until it costs accuracy, and how sure so many seeds are of that. */
import type { Random } from "../shared/noise/random.ts";

/** One point of accuracy, and what rounding of shares may add to it. */
const WITHIN = 0.01 + 1e-9;
/** Efron & Tibshirani 1993, section 13.3: percentiles want a thousand and more. */
const RESAMPLES = 2_000;
/** Of fewer, percentiles may cover too little: in simulation 77 % at two seeds, 92 % at three, 97 % at five. */
const FEWEST_SEEDS = 5;
/** Each side of the 95 % interval. */
const TAIL = 0.025;

/** Accuracy by seed at one ε. */
export interface EpsilonRuns {
  /** ε spent; ascending in a list of them. */
  readonly epsilon: number;
  readonly bySeed: ReadonlyMap<number, number>;
}

export interface EnoughEpsilon {
  /** Infinity: at none of those tried. */
  readonly epsilon: number;
  /** 95 %, percentiles over resampled seeds (Efron 1979); null of fewer than five. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Seeds that all of them share with the twin. */
  readonly seeds: number;
}

/**
 * The smallest ε tried from which on the mean accuracy stays within one point of the twin without noise:
 * a smaller one that was lucky between two that were not does not count.
 *
 * @returns null where no seed is in all of them
 */
export function enoughEpsilon(
  runs: readonly EpsilonRuns[],
  baseline: ReadonlyMap<number, number>,
  random: Random,
): EnoughEpsilon | null {
  const seeds = [...baseline.keys()].filter((seed) => runs.every(({ bySeed }) => bySeed.has(seed)));
  if (seeds.length === 0 || runs.length === 0) return null;
  const lost = runs.map(({ bySeed }) =>
    seeds.map((seed) => (baseline.get(seed) ?? Number.NaN) - (bySeed.get(seed) ?? Number.NaN)),
  );
  const smallest = (drawn: readonly number[]) => {
    const tooMuch = lost.findLastIndex((row) => !(meanOf(row, drawn) <= WITHIN));
    return runs[tooMuch + 1]?.epsilon ?? Infinity;
  };
  const all = seeds.map((_, i) => i);
  const interval =
    seeds.length < FEWEST_SEEDS ? null : bootstrapInterval(seeds.length, smallest, random);
  return { epsilon: smallest(all), interval, seeds: seeds.length };
}

/**
 * 95 % by percentiles of a statistic over resamples, each of `n` drawn with replacement of `n`.
 *
 * @param statistic of the numbers of those drawn, 0 to n - 1
 */
export function bootstrapInterval(
  n: number,
  statistic: (drawn: readonly number[]) => number,
  random: Pick<Random, "below">,
  resamples: number = RESAMPLES,
): readonly [low: number, high: number] {
  const values = Array.from({ length: resamples }, () =>
    statistic(Array.from({ length: n }, () => random.below(n))),
  ).sort((a, b) => a - b);
  const at = (rank: number) => values[rank] ?? Number.NaN;
  const outside = Math.floor(TAIL * resamples);
  return [at(outside), at(resamples - 1 - outside)];
}

function meanOf(values: readonly number[], drawn: readonly number[]): number {
  return drawn.reduce((total, i) => total + (values[i] ?? Number.NaN), 0) / drawn.length;
}
