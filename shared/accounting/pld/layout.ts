/**
 * How fine a grid, how strong a tilt, how wide a window: what decides how long the composition takes
 * and how far above the truth it ends. None of it can make it end below.
 *
 * Every choice is from a coarse scale, and made for counts rounded up to one (`roomFor`), so that the
 * next rounds, which ask nearly the same, find grid and transform kept, and their epsilons differ by
 * what the rounds cost, not by how grids happen to fall.
 */
import { type GridPart, gridParts, largest, momentsOf, smallest, tiltAt } from "./parts.ts";
import { type Part, type Rough, roughEpsilon } from "./rough.ts";
import { lossRange } from "./step.ts";

/** What is asked: the epsilon at a delta, or the delta at an epsilon, beside a rough value of it. */
export type Question =
  | { readonly kind: "epsilon"; readonly delta: number }
  | { readonly kind: "delta"; readonly epsilon: number; readonly delta: number };

export interface Layout {
  /** Distance of two losses of the grid, in nats; has SPACING_BITS bits. */
  readonly spacing: number;
  /** Of a loss of one nat. */
  readonly tilt: number;
  /** log of the mean of e^(tilt loss) in a removal, over all steps that there is room for. */
  readonly logMgf: number;
  /** The window: losses lowest, …, lowest + length - 1, in multiples of the spacing. */
  readonly lowest: number;
  readonly length: number;
  /** Losses that it must have at least: the length is the next power of two. */
  readonly needed: number;
  /** Whether the window holds all losses. */
  readonly whole: boolean;
  readonly parts: readonly GridPart[];
}

/** Excess of epsilon over the truth that the spacing aims at: the larger of the two. */
const EXCESS = 1e-5;
const RELATIVE_EXCESS = 1e-4;
const SPACING_BITS = 4;
/** Dots that cost less than a millisecond: spent even where fewer would do. */
const FREE_DOTS = 2 ** 12;
/** Most dots of a step or of a window; the spacing grows instead, and the excess with it. */
const MOST_DOTS = 2 ** 19;
/** By how much more it grows, of which rounding to few bits takes an eighth at most. */
const STRETCHED = 1.2;
/** What is cut off the steps' losses above, as a part of delta; what leaves the window, as another. */
const CUT = 2 ** -16;
/** With less the tails of the grid underflow. */
const LEAST_CUT = 1e-270;
/** With more the bound on the transform's error says nothing. */
const MOST_STEPS = 2 ** 26;
/** e^LARGEST_EXPONENT is well within a double. */
export const LARGEST_EXPONENT = 600;

// From 1e-3 to 2e5.
const LEAST_TILT = -40;
const MOST_TILT = 70;
/** Tilts to choose from, below the first that carries the mean beyond the answer. */
const LESS = [0, 1, 2, 3, 4, 5];
/** Tilts, above one, by which Chernoff's bound on what it carries beyond a loss is taken. */
const MORE = [1, 2, 3, 4, 6, 8];
/** Of them as many have a finite mgf in any case. */
const SURELY_MORE = 4;
/** By about e^USUAL Chernoff's bound is above delta where the tilt is right. */
const USUAL = 3;
/** By e^LOOSEST it may be: that still leaves one step's rounding far below delta. */
const LOOSEST = 23;
/** And by e^LOOSER more than it must, for a shorter window. */
const LOOSER = 2;
/** Standard deviations of the carried losses that the window goes below their mean. */
const BELOW = 4;
/** Carried mass that may come in again above epsilon: e^-OUTSIDE of what is there. */
const OUTSIDE = 10;

/** Counts are rounded up to a power of the sixteenth root of two. */
const ROOM = 16;

/** The count that a grid for `count` is laid out for: 5 % larger at most. */
export function roomFor(count: number): number {
  // Few steps cost little, and each has a large part in all.
  if (count < 2 * ROOM) return count;
  return Math.ceil(2 ** (Math.ceil(ROOM * Math.log2(count) - 1e-9) / ROOM) - 1e-6);
}

/**
 * Lays out the grid for an answer; undefined where none fits: too many steps, too large losses, too
 * small a delta.
 *
 * @param parts at least one, of counts by `roomFor`
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
  const rough = roughEpsilon(parts, variance, question.delta);
  let spacing = spacingFor(parts, total, variance, rough, cut);
  if (!(spacing > 0 && spacing < Infinity)) return undefined;
  let onGrid = gridParts(parts, spacing, cut);
  const lost = onGrid.reduce((sum, { losses, count }) => sum + count * losses.removal.infinite, 0);
  // Where a step's losses go beyond any grid.
  if (!(lost < question.delta)) return undefined;
  let layout = shortestWindow(onGrid, spacing, question, rough.epsilon);
  while (layout && layout.length > MOST_DOTS) {
    spacing = ofFewBits((STRETCHED * spacing * layout.needed) / MOST_DOTS);
    onGrid = gridParts(parts, spacing, cut);
    layout = shortestWindow(onGrid, spacing, question, rough.epsilon);
  }
  return layout;
}

/**
 * A spacing h adds at most h² / 6, in the mean, to the variance of a step's loss, and so
 * total × h² × (1 + t) / 12 to epsilon, t being the slope of log 1 / delta there.
 */
function spacingFor(
  parts: readonly Part[],
  total: number,
  variance: number,
  { epsilon, slope }: Rough,
  cut: number,
): number {
  const excess = Math.max(EXCESS, RELATIVE_EXCESS * epsilon);
  const accurate = Math.sqrt((12 * excess) / (total * (1 + slope)));
  const ranges = parts.map((part) => {
    const { least, most } = lossRange(part, cut);
    return most - least;
  });
  const range = Math.max(
    ...ranges,
    Math.min(total * Math.max(...ranges), 10 * Math.sqrt(variance)),
  );
  const spacing = Math.max(Math.min(accurate, range / FREE_DOTS), range / MOST_DOTS);
  return ofFewBits(spacing);
}

/** Rounded down to SPACING_BITS bits, so that its multiples are exact. */
function ofFewBits(spacing: number): number {
  const last = 2 ** (Math.floor(Math.log2(spacing)) + 1 - SPACING_BITS);
  return Math.floor(spacing / last) * last;
}

/**
 * The shortest window, of those of the tilt that carries the mean just beyond the answer and of a few
 * smaller ones: where large losses are rare, a tilt carries next to none of them or too many. But
 * Chernoff's bound must not be so loose that rounding, which is counted in it, comes near delta.
 * Undefined where losses are so large that no tilt's moments are finite.
 */
function shortestWindow(
  parts: readonly GridPart[],
  spacing: number,
  question: Question,
  rough: number,
): Layout | undefined {
  const beyond = tiltBeyond(parts, spacing, question.delta);
  const windows = LESS.map((less) => {
    // Of an epsilon that is asked for all that is known is that the mean isn't above it, or is.
    const least = less === 0 ? 0 : Infinity;
    const asked = question.kind === "delta" ? question.epsilon / spacing : least;
    const near = question.kind === "delta" ? question.epsilon : rough;
    return windowAt(parts, spacing, question.delta, { asked, near }, beyond - less);
  }).filter(({ length, logMgf }) => Number.isFinite(length) && Number.isFinite(logMgf));
  const logDelta = Math.log(question.delta);
  const epsilons = windows.map(({ tilt, logMgf }) => (logMgf - logDelta) / tilt);
  const epsilon = question.kind === "delta" ? question.epsilon : Math.min(rough, ...epsilons);
  const looseness = ({ tilt, logMgf }: Layout) => logMgf - tilt * epsilon - logDelta;
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const tightest = Math.min(...windows.map(looseness));
  const allowed = Math.max(LOOSEST - Math.log(total), tightest + LOOSER);
  const [first, ...others] = windows.filter((one) => looseness(one) <= allowed);
  return others.reduce((best, one) => (best && one.length < best.length ? one : best), first);
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
  { asked, near }: { readonly asked: number; readonly near: number },
  step: number,
): Layout {
  const tilt = tiltAt(step) * spacing;
  const { mean, variance, logMgf } = momentsOf(parts, spacing, step);
  const deviation = Math.sqrt(variance);
  // Of the fewest steps of this room.
  const fewest = 2 ** (-1 / ROOM);
  const logCut = Math.log(CUT * delta);
  // At epsilon the carried mass is this much below 1. The loss beyond which little of it is, by
  // Chernoff again.
  const thin = Math.max(0, logMgf - tiltAt(step) * near - Math.log(delta));
  const farthest = MORE.map((more) => {
    const further = momentsOf(parts, spacing, step + more);
    return (further.logMgf - logMgf + thin + OUTSIDE) / (tiltAt(step + more) * spacing - tilt);
  });
  const least = Math.min(
    mean - BELOW * deviation,
    fewest * mean - BELOW * Math.sqrt(fewest) * deviation,
  );
  const lowest = Math.floor(Math.min(least, asked)) - 1;
  const wanted = Math.max(
    (logMgf - logCut) / tilt - lowest,
    Math.min(...farthest.filter(Number.isFinite)) - Math.min(asked, mean - (BELOW / 2) * deviation),
    -logCut / tilt,
  );
  const sum = (of: (part: GridPart) => number) =>
    parts.reduce((total, part) => total + part.count * of(part), 0);
  const bottom = sum(({ losses }) => smallest(losses)) - 1;
  const most = sum(({ losses }) => largest(losses));
  const all = most - bottom + 1;
  const whole = wanted >= all;
  const needed = Math.max(2, Math.min(wanted, all));
  const length = 2 ** Math.ceil(Math.log2(needed));
  const window = { lowest: whole ? bottom : lowest, length, needed, whole };
  return { spacing, tilt: tiltAt(step), logMgf, ...window, parts };
}

/** The least tilt that carries the mean beyond where Chernoff's bound is as usual above delta. */
function tiltBeyond(parts: readonly GridPart[], spacing: number, delta: number): number {
  const exponent = Math.max(1, -Math.log(delta) - USUAL);
  const most = Math.max(...parts.map(({ losses }) => largest(losses))) * spacing;
  const steepest = Math.floor(4 * Math.log2(LARGEST_EXPONENT / most)) - SURELY_MORE;
  let [low, high] = [LEAST_TILT, Math.max(LEAST_TILT + 1, Math.min(MOST_TILT, steepest))];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const { mean, logMgf } = momentsOf(parts, spacing, middle);
    if (tiltAt(middle) * mean * spacing - logMgf >= exponent) high = middle;
    else low = middle;
  }
  return high;
}
