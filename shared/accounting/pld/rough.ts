/**
 * A rough epsilon of many steps, and how fast delta falls there: what the choice of a grid needs to
 * know beforehand. Off by a factor of two at times; no bound rests on it.
 */

import { type Coins, coinMixture } from "../mechanisms/coin-mixture.ts";
import { smallestSatisfying } from "../numeric/bisect.ts";
import { normalCdf } from "../numeric/normal.ts";

/** Equal steps whose losses fit a grid: rate in (0, 1], finite noise > 0, count ≥ 1. */
export interface Part extends Coins {
  readonly count: number;
}

export interface Rough {
  readonly epsilon: number;
  /** By how much log delta falls for each nat of epsilon. */
  readonly slope: number;
}

/** Beyond it no grid goes. */
const MOST_EPSILON = 700;

/**
 * Losses add up to about a normal one, or a single step's large one outweighs all others: the
 * one of the two that leaves more above. The normal one alone would take a loss that is rare for one that is
 * steep: by a factor of hundreds at rates near 1e-6.
 *
 * @param variance of the loss of all parts together
 */
export function roughEpsilon(parts: readonly Part[], variance: number, delta: number): Rough {
  const doubleLog = -2 * Math.log(delta);
  const normal = {
    epsilon: variance / 2 + Math.sqrt(variance * doubleLog),
    slope: Math.sqrt(doubleLog / variance),
  };
  const single = singleLoss(parts, delta);
  if (single.epsilon >= normal.epsilon) return single;
  // In between, between the two.
  const slope = single.slope > 0 ? Math.sqrt(single.slope * normal.slope) : normal.slope;
  return { epsilon: normal.epsilon, slope: Math.min(slope, normal.slope) };
}

/** As if delta were the sum of all steps' own. */
function singleLoss(parts: readonly Part[], delta: number): Rough {
  const losses = parts.map((part) => ({ count: part.count, ofStep: removalLoss(part) }));
  const total = (epsilon: number) => {
    let [own, fall] = [0, 0];
    for (const { count, ofStep } of losses) {
      const one = ofStep(epsilon);
      own += count * one.delta;
      fall += count * one.fall;
    }
    return { own, fall };
  };
  const satisfies = (epsilon: number) => total(epsilon).own <= delta;
  if (satisfies(0) || !satisfies(MOST_EPSILON)) return { epsilon: 0, slope: 0 };
  const epsilon = smallestSatisfying(0, MOST_EPSILON, 1e-3, satisfies);
  return { epsilon, slope: total(epsilon).fall / delta };
}

/** delta of one step's removal at epsilon, and minus its derivative: of several draws roughly. */
function removalLoss(part: Part): (epsilon: number) => { delta: number; fall: number } {
  if ((part.coins ?? 1) === 1) return (epsilon) => removalDelta(part, epsilon);
  const { noiseMultiplier: z } = part;
  const { drawn, means, weights, outputAt } = coinMixture(part, 1e-40);
  return (epsilon) => {
    const x = outputAt(Math.expm1(epsilon) / drawn + 1, 0);
    const zero = normalCdf(-x / z);
    const above = means.reduce((sum, mean, i) => {
      return sum + (weights[i] ?? 0) * normalCdf((mean - x) / z);
    }, 0);
    const delta = Math.max(0, drawn * above - (Math.expm1(epsilon) + drawn) * zero);
    return { delta, fall: Math.exp(epsilon) * zero };
  };
}

/** Of one coin, in closed form. */
function removalDelta({ rate, noiseMultiplier: z }: Part, epsilon: number) {
  const exponent =
    epsilon < 1
      ? Math.log1p(Math.expm1(epsilon) / rate)
      : epsilon - Math.log(rate) + Math.log1p((rate - 1) * Math.exp(-epsilon));
  const x = z ** 2 * exponent + 0.5;
  const [zero, one] = [normalCdf(-x / z), normalCdf((1 - x) / z)];
  const delta = Math.max(0, rate * one - (Math.expm1(epsilon) + rate) * zero);
  return { delta, fall: Math.exp(epsilon) * zero };
}
