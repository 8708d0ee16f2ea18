/**
 * How fine a grid, how strong a tilt, how wide a window: what decides how long the composition takes
 * and how far above the truth it ends. None of it can make it end below.
 *
 * Every choice is from a coarse scale (powers of two or 16, fourth roots of two), so that the next
 * round, which asks nearly the same, finds grids and transforms kept.
 */
import { remembered } from "./kept.ts";
import { type Moments, moments } from "./pld-compose.ts";
import { type Directions, type LossMasses, lossRange, stepLosses } from "./pld-step.ts";

/** Equal steps whose losses fit a grid: rate in (0, 1], finite noise > 0, count ≥ 1. */
export interface Part {
  readonly rate: number;
  readonly noiseMultiplier: number;
  readonly count: number;
}

/** What is asked: the epsilon at a delta, or the delta at an epsilon, beside a rough value of it. */
export type Question =
  | { readonly kind: "epsilon"; readonly delta: number }
  | { readonly kind: "delta"; readonly epsilon: number; readonly delta: number };

export interface Layout {
  /** Distance of two losses of the grid, in nats; a power of two. */
  readonly spacing: number;
  /** Of a loss of one nat. */
  readonly tilt: number;
  /** log of the mean of e^(tilt loss) in a removal, over all steps. */
  readonly logMgf: number;
  /** The window: losses lowest, …, lowest + length - 1, in multiples of the spacing. */
  readonly lowest: number;
  readonly length: number;
  /** Whether the window holds all losses. */
  readonly whole: boolean;
  readonly parts: readonly GridPart[];
}

export interface GridPart {
  readonly losses: Directions<LossMasses>;
  readonly count: number;
  /** Names the losses. */
  readonly key: string;
}

/** Excess of epsilon over the truth that the spacing aims at: the larger of the two. */
const EXCESS = 2e-5;
const RELATIVE_EXCESS = 2e-4;
/** Dots that cost less than a millisecond: spent even where fewer would do. */
const FREE_DOTS = 2 ** 12;
/** Most dots of a step or of a window; the spacing grows instead, and the excess with it. */
const MOST_DOTS = 2 ** 18;
/** What is cut off the steps' losses above, as a part of delta; what leaves the window, as another. */
const CUT = 2 ** -14;
/** With less the tails of the grid underflow. */
const LEAST_CUT = 1e-270;
/** With more the bound on the transform's error says nothing. */
const MOST_STEPS = 2 ** 26;
/** e^LARGEST_EXPONENT is well within a double. */
export const LARGEST_EXPONENT = 600;

// Tilts are counted in fourth roots of two: from 1e-3 to 2e5.
const LEAST_TILT = -40;
const MOST_TILT = 70;
/** Tilts to choose from, below the first that carries the mean beyond the answer. */
const LESS = [0, 1, 2, 3, 4, 5];
/** Tilts, above one, by which Chernoff's bound on what it carries beyond a loss is taken. */
const MORE = [1, 2, 4];
/** By about e^USUAL Chernoff's bound is above delta where the tilt is right. */
const USUAL = 3;
/** By e^LOOSEST it may be: that still leaves one step's rounding far below delta. */
const LOOSEST = 23;
/** Standard deviations of the carried losses that the window goes below their mean. */
const BELOW = 4;
/** Carried mass that may come in again above epsilon: e^-OUTSIDE. */
const OUTSIDE = 10;

/**
 * Lays out the grid for an answer; undefined where none fits: too many steps, too large losses, too
 * small a delta.
 *
 * @param parts at least one, count ≥ 1
 * @param variance of the loss of all parts together, roughly
 */
export function layOut(
  parts: readonly Part[],
  variance: number,
  question: Question,
): Layout | undefined {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const cutAtMost = (CUT * question.delta) / total;
  if (!(total <= MOST_STEPS && cutAtMost >= 16 * LEAST_CUT)) return undefined;
  const cut = 16 ** Math.floor(Math.log2(cutAtMost) / 4);
  let spacing = spacingFor(parts, total, variance, question, cut);
  let onGrid = gridParts(parts, spacing, cut);
  const lost = onGrid.reduce((sum, { losses, count }) => sum + count * losses.removal.infinite, 0);
  // Where a step's losses go beyond any grid.
  if (!(lost < question.delta)) return undefined;
  let layout = shortestWindow(onGrid, spacing, question);
  while (layout.length > MOST_DOTS) {
    spacing *= layout.length / MOST_DOTS;
    onGrid = gridParts(parts, spacing, cut);
    layout = shortestWindow(onGrid, spacing, question);
  }
  return layout;
}

/**
 * A spacing h adds at most h² / 6, in the mean, to the variance of a step's loss, and so
 * total × h² × (1 + t) / 12 to epsilon, t being the slope of log 1 / delta there; that of the normal
 * distribution with this variance is used, which is steeper than what a few large losses make.
 */
function spacingFor(
  parts: readonly Part[],
  total: number,
  variance: number,
  { delta }: Question,
  cut: number,
): number {
  const doubleLog = -2 * Math.log(delta);
  const epsilon = variance / 2 + Math.sqrt(variance * doubleLog);
  const slope = Math.sqrt(doubleLog / variance);
  const excess = Math.max(EXCESS, RELATIVE_EXCESS * epsilon);
  const accurate = Math.sqrt((12 * excess) / (total * (1 + slope)));
  const ranges = parts.map(({ rate, noiseMultiplier }) => {
    const { least, most } = lossRange(rate, noiseMultiplier, cut);
    return most - least;
  });
  const range = Math.max(
    ...ranges,
    Math.min(total * Math.max(...ranges), 10 * Math.sqrt(variance)),
  );
  const spacing = Math.max(Math.min(accurate, range / FREE_DOTS), range / MOST_DOTS);
  return 2 ** Math.floor(Math.log2(spacing));
}

const stepsKept = new Map<string, Directions<LossMasses>>();
const STEPS_KEPT = 16;

function gridParts(parts: readonly Part[], spacing: number, cut: number): GridPart[] {
  return parts.map(({ rate, noiseMultiplier, count }) => {
    const key = `${rate}/${noiseMultiplier}/${spacing}/${cut}`;
    const losses = remembered(stepsKept, STEPS_KEPT, key, () =>
      stepLosses(rate, noiseMultiplier, spacing, cut),
    );
    return { losses, count, key };
  });
}

/**
 * The shortest window, of those of the tilt that carries the mean just beyond the answer and of a few
 * smaller ones: where large losses are rare, a tilt carries next to none of them or too many. But
 * Chernoff's bound must not be so loose that rounding, which is counted in it, comes near delta.
 */
function shortestWindow(parts: readonly GridPart[], spacing: number, question: Question): Layout {
  const beyond = tiltBeyond(parts, spacing, question.delta);
  const windows = LESS.map((less) => {
    // Of an epsilon that is asked for all that is known is that the mean isn't above it, or is.
    const least = less === 0 ? 0 : Infinity;
    const asked = question.kind === "delta" ? question.epsilon / spacing : least;
    return windowAt(parts, spacing, question.delta, asked, beyond - less);
  });
  const logDelta = Math.log(question.delta);
  const epsilons = windows.map(({ tilt, logMgf }) => (logMgf - logDelta) / tilt);
  const epsilon = question.kind === "delta" ? question.epsilon : Math.min(...epsilons);
  const looseness = ({ tilt, logMgf }: Layout) => logMgf - tilt * epsilon - logDelta;
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const allowed = Math.max(
    LOOSEST - Math.log(total),
    windows.reduce((least, one) => Math.min(least, looseness(one)), Infinity),
  );
  const tight = windows.filter((one) => looseness(one) <= allowed);
  return tight.reduce((best, one) => (one.length < best.length ? one : best));
}

/**
 * The window of a tilt. It goes from below epsilon to where Chernoff's bound is CUT of delta. What
 * lies outside comes in again at the other end. From above it should come in below epsilon, where it
 * isn't counted; from below it counts e^(-tilt × length) of itself. Nothing does if all losses fit.
 */
function windowAt(
  parts: readonly GridPart[],
  spacing: number,
  delta: number,
  asked: number,
  step: number,
): Layout {
  const tilt = tiltAt(step) * spacing;
  const { mean, variance, logMgf } = momentsOf(parts, spacing, step);
  const deviation = Math.sqrt(variance);
  const logCut = Math.log(CUT * delta);
  // The loss beyond which little carried mass is, by Chernoff again.
  const farthest = MORE.map((more) => {
    const further = momentsOf(parts, spacing, step + more);
    return (further.logMgf - logMgf + OUTSIDE) / (tiltAt(step + more) * spacing - tilt);
  });
  const lowest = Math.floor(Math.min(mean - BELOW * deviation, asked)) - 1;
  const wanted = Math.max(
    (logMgf - logCut) / tilt - lowest,
    Math.min(...farthest) - Math.min(asked, mean - (BELOW / 2) * deviation),
    -logCut / tilt,
  );
  const sum = (of: (part: GridPart) => number) =>
    parts.reduce((total, part) => total + part.count * of(part), 0);
  const least = sum(({ losses }) => smallest(losses)) - 1;
  const most = sum(({ losses }) => largest(losses));
  const all = most - least + 1;
  const whole = wanted >= all;
  const length = 2 ** Math.ceil(Math.log2(Math.max(2, Math.min(wanted, all))));
  const window = { lowest: whole ? least : lowest, length, whole };
  return { spacing, tilt: tiltAt(step), logMgf, ...window, parts };
}

/** The least tilt that carries the mean beyond where Chernoff's bound is as usual above delta. */
function tiltBeyond(parts: readonly GridPart[], spacing: number, delta: number): number {
  const exponent = Math.max(1, -Math.log(delta) - USUAL);
  const most = Math.max(...parts.map(({ losses }) => largest(losses))) * spacing;
  const steepest = Math.floor(4 * Math.log2(LARGEST_EXPONENT / most)) - Math.max(...MORE);
  let [low, high] = [LEAST_TILT, Math.max(LEAST_TILT + 1, Math.min(MOST_TILT, steepest))];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const { mean, logMgf } = momentsOf(parts, spacing, middle);
    if (tiltAt(middle) * mean * spacing - logMgf >= exponent) high = middle;
    else low = middle;
  }
  return high;
}

function tiltAt(step: number): number {
  return 2 ** (step / 4);
}

const momentsKept = new Map<string, Moments>();
const MOMENTS_KEPT = 1024;

/** Of all parts together, as carried by the tilt. */
function momentsOf(parts: readonly GridPart[], spacing: number, step: number): Moments {
  let [logMgf, mean, variance] = [0, 0, 0];
  for (const { losses, count, key } of parts) {
    const one = remembered(momentsKept, MOMENTS_KEPT, `${key}/${step}`, () =>
      moments(losses.removal, tiltAt(step) * spacing),
    );
    logMgf += count * one.logMgf;
    mean += count * one.mean;
    variance += count * one.variance;
  }
  return { logMgf, mean, variance };
}

/** The smallest loss of either direction. */
function smallest({ removal, addition }: Directions<LossMasses>): number {
  return Math.min(removal.first, addition.first);
}

/** The largest finite loss of either direction. */
function largest({ removal, addition }: Directions<LossMasses>): number {
  return Math.max(removal.first + removal.mass.length, addition.first + addition.mass.length) - 1;
}
