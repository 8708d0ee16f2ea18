/**
 * How far a model is from targets that are numbers, in their own units, on held-out rows, which are public by
 * declaration: beside what always giving their mean comes to. It costs no epsilon.
 */
import { targetOfOutput } from "../../shared/contract/target-scale.ts";
import type { ErrorFigures, HeldOutNumbers } from "../../shared/events/trace.ts";
import { NORMAL_95 } from "../../shared/model/wilson-interval.ts";

type Bounds = readonly [low: number, high: number];

/** Of the true and of the predicted number, over the declared bounds. */
const BINS = 20;
/** Of the residuals, over three root mean squares to either side; what lies beyond is in the outer ones. */
const RESIDUAL_BINS = 24;
const RESIDUAL_REACH = 3;

/**
 * @param outputs linear, float32[rows], of at least one row; beyond the bounds they are the nearer end
 * @param labels float32[rows], in [-1, 1]
 */
export function errorFigures(
  outputs: Float32Array,
  labels: Float32Array,
  bounds: Bounds,
): ErrorFigures {
  return figuresOf(inUnits(outputs, labels, bounds));
}

/** The same with all else that is known of a finished model. */
export function reportNumbers(
  outputs: Float32Array,
  labels: Float32Array,
  bounds: Bounds,
): HeldOutNumbers {
  const pairs = inUnits(outputs, labels, bounds);
  const { truths, mean, errors } = pairs;
  const figures = figuresOf(pairs);
  const apart = truths.map((y) => y - mean);
  return {
    rows: truths.length,
    bounds,
    ...figures,
    ...intervalsOf(pairs, apart),
    baseline: { rows: truths.length, mean, ...sizes(apart) },
    predicted: predictedCounts(pairs, bounds),
    residuals: residualCounts(errors, figures.rmse),
  };
}

interface Pairs {
  /** Float64[rows], each in the target's own units; errors: true − predicted. */
  readonly truths: Float64Array;
  readonly given: Float64Array;
  readonly errors: Float64Array;
  /** Of the truths. */
  readonly mean: number;
}

function inUnits(outputs: Float32Array, labels: Float32Array, bounds: Bounds): Pairs {
  const truths = Float64Array.from(labels, (label) => targetOfOutput(label, bounds));
  const given = Float64Array.from(outputs, (output) => targetOfOutput(output, bounds));
  const errors = truths.map((y, i) => y - (given[i] ?? Number.NaN));
  return { truths, given, errors, mean: meanOf(truths) };
}

/** R² is 1 − Σ e² / Σ (y − ȳ)², ȳ the same rows' mean: 0 for always giving it. */
function figuresOf({ truths, errors, mean }: Pairs): ErrorFigures {
  const spread = meanSquare(truths.map((y) => y - mean));
  const { rmse, mae } = sizes(errors);
  return { rmse, mae, r2: spread > 0 ? 1 - rmse ** 2 / spread : null };
}

function sizes(errors: Float64Array): { readonly rmse: number; readonly mae: number } {
  return { rmse: Math.sqrt(meanSquare(errors)), mae: meanOf(errors.map(Math.abs)) };
}

/**
 * By the number of held-out rows alone, 95 %: of the mean of e² by its own deviation; of R², the ratio of
 * two means over the same rows, by the delta method.
 */
function intervalsOf(
  { errors }: Pairs,
  apart: Float64Array,
): Pick<HeldOutNumbers, "rmseInterval" | "r2Interval"> {
  const [square, spread] = [meanSquare(errors), meanSquare(apart)];
  const far = NORMAL_95 * standardError(errors.map((e) => e * e));
  const rmseInterval = [Math.sqrt(Math.max(0, square - far)), Math.sqrt(square + far)] as const;
  if (!(spread > 0)) return { rmseInterval, r2Interval: null };
  const ratio = square / spread;
  const influence = errors.map((e, i) => (e * e - ratio * (apart[i] ?? 0) ** 2) / spread);
  const reach = NORMAL_95 * standardError(influence);
  return { rmseInterval, r2Interval: [1 - ratio - reach, 1 - ratio + reach] };
}

/** Of a mean; 0 of one row, of which nobody can tell. */
function standardError(values: Float64Array): number {
  const { length } = values;
  if (length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(meanSquare(values.map((x) => x - mean)) / (length - 1));
}

/** Of the true number's bin in row i, how many were given a number in bin j. */
function predictedCounts({ truths, given }: Pairs, [low, high]: Bounds): number[][] {
  const counts = Array.from({ length: BINS }, () => new Array<number>(BINS).fill(0));
  const binOf = (x: number) => Math.min(BINS - 1, Math.floor((BINS * (x - low)) / (high - low)));
  for (const [i, y] of truths.entries()) {
    const row = counts[binOf(y)];
    const bin = binOf(given[i] ?? low);
    if (row) row[bin] = (row[bin] ?? 0) + 1;
  }
  return counts;
}

function residualCounts(errors: Float64Array, rmse: number): HeldOutNumbers["residuals"] {
  const reach = RESIDUAL_REACH * rmse;
  const counts = new Array<number>(RESIDUAL_BINS).fill(0);
  for (const error of errors) {
    const place = reach > 0 ? ((error + reach) / (2 * reach)) * RESIDUAL_BINS : RESIDUAL_BINS / 2;
    const bin = Math.min(RESIDUAL_BINS - 1, Math.max(0, Math.floor(place)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { reach, counts };
}

function meanSquare(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x * x, 0) / values.length;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
