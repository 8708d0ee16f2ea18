/**
 * Privacy loss distributions: epsilon and delta of Gaussian steps with Poisson sampling, of any
 * number and mixture, of one unit or of several that vanish together. One step's losses are on a grid (`step.ts`), many are composed by Fourier
 * transform (`spectrum.ts`, `compose.ts`, `tails.ts`; Koskela, Jälkö & Honkela 2020,
 * arXiv:1906.03049), on a grid and in a window chosen for the question (`layout.ts`). Both directions of zeroOut, whose pair is that of
 * add/remove, are followed, and the worse one is told.
 *
 * Nothing here is below the truth: the grid's losses are above the true ones; what is cut off above
 * counts as infinite, and what leaves the window by Chernoff's bound; the rounding of each sum is
 * bounded (Higham 2002) and added. The bound by Rényi divergence holds for the same pair, so the
 * smaller of the two holds as well; it is the answer wherever no grid of a bearable size does better.
 */

import { memoize } from "../../memoize.ts";
import { coinsKey } from "../mechanisms/coin-mixture.ts";
import { coinsCurve } from "../mechanisms/coin-rdp.ts";
import { checkDelta, composedMu, gaussianDelta, gaussianEpsilon } from "../mechanisms/gaussian.ts";
import { composedCurve, epsilonFromRdp, ORDERS, type RdpCurve } from "../mechanisms/rdp.ts";
import { deltaFromRdp } from "../mechanisms/rdp-delta.ts";
import { smallestSatisfying } from "../numeric/bisect.ts";
import { composed, type Factor } from "./compose.ts";
import { LARGEST_EXPONENT, type Layout, layOut, type Question, roomFor } from "./layout.ts";
import type { Part } from "./rough.ts";
import { type Spectrum, spectrum } from "./spectrum.ts";
import { type Directions, tailError } from "./step.ts";
import { type TailSum, tailsOf } from "./tails.ts";

/** Equal steps, each unit taking part in each by a coin of its own. */
export interface SampledSteps {
  /** In (0, 1]; 1 is the full batch. */
  readonly rate: number;
  /** Noise standard deviation ÷ L2 sensitivity, ≥ 0. */
  readonly noiseMultiplier: number;
  /** An integer ≥ 0. */
  readonly count: number;
  /** Units that vanish or appear together, each with a coin of its own; absent: one. */
  readonly coins?: number | undefined;
}

/**
 * Smallest epsilon that the grid or the Rényi orders prove at `delta`, for all `steps` one after
 * another: never below the true one, and seldom above it by more than the larger of 2e-5 and a
 * relative 2e-4 (one in 194 random runs below an epsilon of 100; by 4e-4 then). It is more, up to some
 * hundredths, where a window of 2^19 losses has no room, as for hundred thousands of steps at rates of
 * a millionth, and where the bound on rounding counts, as for deltas below 1e-12 at such rates. So it
 * grows with steps, rate and delta's smallness to within that only: from one round to the next it
 * falls by 1e-4 at most, where the grid is laid out anew. Exact at rate 1; 0 for no steps, Infinity
 * without noise.
 *
 * @throws RangeError for a delta outside (0, 1), a rate outside (0, 1], noise that is not ≥ 0, a
 * count that is no count
 */
export function pldEpsilon(steps: readonly SampledSteps[], delta: number): number {
  checkDelta(delta);
  const { parts, mu } = merged(steps);
  if (parts.length === 0 || mu === Infinity) return gaussianEpsilon(mu, delta);
  const curve = curveOf(parts);
  const { epsilon } = epsilonFromRdp(curve, delta);
  if (epsilon === 0) return 0;
  const composition = compose(parts, { kind: "epsilon", delta });
  const satisfies = (epsilon: number) => deltaAt(composition, epsilon) <= delta;
  if (satisfies(0)) return 0;
  return satisfies(epsilon) ? smallestSatisfying(0, epsilon, 1e-12, satisfies) : epsilon;
}

/**
 * Smallest delta that the grid or the Rényi orders prove at `epsilon` ≥ 0: never below the true
 * one, and usually above it by a percent at most. Exact at rate 1; 0 for no steps, 1 without noise.
 *
 * @throws RangeError as `pldEpsilon`, and for an epsilon that is not ≥ 0 and finite
 */
export function pldDelta(steps: readonly SampledSteps[], epsilon: number): number {
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  const { parts, mu } = merged(steps);
  if (parts.length === 0 || mu === Infinity) return gaussianDelta(mu, epsilon);
  const curve = curveOf(parts);
  const { delta } = deltaFromRdp(curve, epsilon);
  let best = delta;
  // Rényi bounds are above the truth by a factor of 10 to 100, seldom by far more.
  for (let guess = delta / 100; ; guess = best) {
    const question = { kind: "delta", epsilon, delta: guess } as const;
    best = Math.min(best, deltaAt(compose(parts, question), epsilon));
    const off = best / guess;
    // Laid out for a delta that is far off, the grid may be too coarse, or the window too short.
    if (!(off <= 1 / FAR_OFF || off >= FAR_OFF)) return best;
  }
}

const FAR_OFF = 4;

/** Steps of which no two are alike. */
interface Merged {
  /** Empty if all are at rate 1; else those are one of them. */
  readonly parts: readonly Part[];
  /** Of the steps at rate 1: their exact composition. */
  readonly mu: number;
}

// With less noise a step's losses are beyond any grid; with more there are none. Sampled steps count
// as full ones there, which is a bound at any rate.
const LEAST_SAMPLED_NOISE = 0.05;
const MOST_SAMPLED_NOISE = 2 ** 40;

function merged(steps: readonly SampledSteps[]): Merged {
  const unlike = new Map<string, Part>();
  for (const step of steps) {
    const { rate, noiseMultiplier, count, coins = 1 } = step;
    checkSteps(step);
    if (count === 0) continue;
    const fits = noiseMultiplier >= LEAST_SAMPLED_NOISE && noiseMultiplier <= MOST_SAMPLED_NOISE;
    const isFull = !fits || rate === 1;
    const alike = isFull
      ? { rate: 1, noiseMultiplier: noiseMultiplier / coins }
      : { rate, noiseMultiplier, ...(coins > 1 && { coins }) };
    const key = coinsKey(alike);
    unlike.set(key, { ...alike, count: count + (unlike.get(key)?.count ?? 0) });
  }
  // Sorted, so that the order in which they came doesn't show in the last digits.
  const sorted = [...unlike].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
  const mu = composedMu(sorted.filter(({ rate }) => rate === 1));
  const parts = sorted.filter(({ rate }) => rate < 1);
  if (parts.length === 0 || mu === 0) return { parts, mu };
  // Rounded down: less noise is more loss.
  const noiseMultiplier = (1 - 8 * UNIT) / mu;
  return { parts: [...parts, { rate: 1, noiseMultiplier, count: 1 }], mu };
}

function checkSteps({ rate, noiseMultiplier, count, coins = 1 }: SampledSteps): void {
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`rate ${rate}: expected in (0, 1]`);
  if (!(noiseMultiplier >= 0)) throw new RangeError(`noiseMultiplier ${noiseMultiplier}`);
  if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError(`count ${count}`);
  if (!(Number.isSafeInteger(coins) && coins >= 1)) throw new RangeError(`${coins} coins`);
}

const CURVES_KEPT = 64;
const curvesKept = new Map<string, RdpCurve>();

function curveOf(parts: readonly Part[]): RdpCurve {
  const curves = parts.map((part) => ({
    count: part.count,
    curve: memoize(curvesKept, CURVES_KEPT, coinsKey(part), () => coinsCurve(part)),
  }));
  return composedCurve(curves);
}

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
/** Deviations of the farthest tail that a double holds. */
const FARTHEST = 39;

/** The losses of all steps together, ready to be read in each direction. */
type Composition = Directions<ComposedLosses>;

interface ComposedLosses {
  readonly spacing: number;
  readonly tilt: number;
  /** Index of the window's first loss; at and below it nothing is known. */
  readonly lowest: number;
  readonly length: number;
  /** Over the carried masses from loss (lowest + k) × spacing on. */
  readonly tailSum: TailSum;
  /** A carried mass at loss l stands for e^(logMgf - tilt l) times as much. */
  readonly logMgf: number;
  /** Mass of an infinite loss. */
  readonly infinite: number;
  /** Bounds on rounding: of a sum of carried masses, as delta weighs them; of the log of any mass. */
  readonly noise: number;
  readonly logInflation: number;
}

const SPECTRA_KEPT = 6;
const spectraKept = new Map<string, Spectrum>();
const LAYOUTS_KEPT = 8;
const layoutsKept = new Map<string, { readonly layout: Layout | undefined }>();

function compose(parts: readonly Part[], question: Question): Composition | undefined {
  const layout = layoutFor(parts, question);
  if (!layout) return undefined;
  const { tilt, spacing, length } = layout;
  const factors = layout.parts.map(({ losses, key }, i) => ({
    count: parts[i]!.count,
    infinite: { removal: losses.removal.infinite, addition: losses.addition.infinite },
    spectrum: memoize(spectraKept, SPECTRA_KEPT, `${key}/${tilt}/${length}`, () =>
      spectrum(losses, tilt * spacing, length),
    ),
  }));
  const { sum, error } = tailsOf(composed(factors), {
    lowest: layout.lowest,
    tilt: tilt * spacing,
    spacing,
  });
  return {
    removal: readied(layout, factors, "removal", sum.removal, error),
    addition: readied(layout, factors, "addition", sum.addition, error),
  };
}

/** With room for some more steps. */
function layoutFor(parts: readonly Part[], question: Question): Layout | undefined {
  const roomy = parts.map((part) => ({ ...part, count: roomFor(part.count) }));
  return memoize(layoutsKept, LAYOUTS_KEPT, JSON.stringify([roomy, question]), () => {
    // Near order 1 the divergence is order × v / 2, v being the losses' variance.
    const variance = (2 * curveOf(roomy)[0]!) / ORDERS[0]!;
    return { layout: layOut(roomy, variance, question) };
  }).layout;
}

interface LossFactor extends Factor {
  readonly infinite: Directions<number>;
}

function readied(
  { spacing, tilt, lowest, length, whole }: Layout,
  factors: readonly LossFactor[],
  direction: keyof Composition,
  tailSum: TailSum,
  error: number,
): ComposedLosses {
  const sum = (of: (factor: LossFactor) => number) =>
    factors.reduce((total, factor) => total + factor.count * of(factor), 0);
  const logMgf = sum(({ spectrum }) => spectrum.logMgf[direction]);
  const highest = tilt * spacing * (lowest + length);
  // Chernoff's bound on what is above the window. 1.01: the mgf's own rounding, count times.
  const above = whole ? 0 : 1.01 * Math.exp(Math.min(0, logMgf - highest));
  // Tails, and of each step's e^(tilt loss) the exponent; of the mass that others leave.
  const logError = tailError(FARTHEST) + (LARGEST_EXPONENT + 20) * UNIT;
  return {
    spacing,
    tilt,
    lowest,
    length,
    tailSum,
    logMgf,
    infinite: sum(({ infinite }) => infinite[direction]) + above,
    noise: error * weightNorm(tilt, spacing),
    // And the exponents of what is read below.
    logInflation:
      sum(({ spectrum }) => logError + spectrum.logs[direction].centreError) +
      8 * UNIT * (Math.abs(logMgf) + Math.abs(highest) + tilt * spacing * length),
  };
}

/**
 * 2-norm of the weights e^(-tilt x) (1 - e^-x) that delta gives to the carried masses at distances x
 * above epsilon, wherever epsilon lies between two dots: at most twice the largest is lost by that.
 */
function weightNorm(tilt: number, spacing: number): number {
  const series = (rate: number) => 1 / Math.expm1(rate * spacing);
  const onGrid = series(2 * tilt) - 2 * series(2 * tilt + 1) + series(2 * tilt + 2);
  const largest = (tilt / (tilt + 1)) ** tilt / (tilt + 1);
  return Math.sqrt(Math.max(0, onGrid) + 2 * largest ** 2);
}

/** delta at `epsilon` ≥ 0, of the worse direction; 1 where nothing is known. */
function deltaAt(composition: Composition | undefined, epsilon: number): number {
  if (!composition) return 1;
  const { removal, addition } = composition;
  return Math.min(1, Math.max(deltaOf(removal, epsilon), deltaOf(addition, epsilon)));
}

/** The mass of infinite loss, and of any loss l > epsilon the part 1 - e^(epsilon - l). */
function deltaOf(losses: ComposedLosses, epsilon: number): number {
  const { spacing, tilt, lowest, length, tailSum, logMgf, infinite, noise, logInflation } = losses;
  const from = epsilon * (1 - 4 * UNIT);
  const k = Math.ceil(from / spacing) - lowest;
  if (k < 1) return 1;
  // Capped where the noise alone makes delta 1.
  const weight = (loss: number) =>
    Math.exp(Math.min(LARGEST_EXPONENT, logInflation + logMgf - tilt * loss));
  let delta = Math.exp(logInflation) * infinite + noise * weight(from);
  if (k < length) {
    const loss = (lowest + k) * spacing;
    delta += weight(loss) * tailSum(k, Math.exp(from - loss));
  }
  return delta;
}
