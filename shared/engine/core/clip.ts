/**
 * How every engine clips one example: a factor from the squared L2 norm of its gradient (Abadi et
 * al. 2016, algorithm 1), over all layers together. The norm of a dense layer's gradient follows
 * from the layer's input a and its deltas d alone: |d|²·(|a|² + 1), the 1 for the bias (Goodfellow
 * 2015), so that no example's gradient is ever written out.
 */

import { type Model, trainedLayers } from "../../model/model.ts";

/** Of the whole gradient or update, or of each layer's part by itself. */
export type Clipping = "flat" | "perLayer";

/** One bound for the whole, or one for each layer: see `clipBounds`. */
export type ClipBounds = number | readonly number[];

/**
 * What is clipped to what, so that all of it together keeps `clipNorm`: L layers that each keep
 * clipNorm / √L do (McMahan, Ramage, Talwar & Zhang 2018, arXiv:1710.06963, section 3).
 */
export function clipBounds(clipping: Clipping, clipNorm: number, model: Model): ClipBounds {
  if (clipping === "flat") return clipNorm;
  const layers = trainedLayers(model);
  return layers.map(() => clipNorm / Math.sqrt(layers.length));
}

// Given up of clipNorm, so that the float error of a norm cannot carry a gradient past it: the fused
// engine's norms are off by at most 2^-23 of themselves, a clipped term is rounded at most thrice.
const MARGIN = 2 ** -20;

/**
 * A gradient this long, or an activation in it, counts as not finite. Past it the smallest clip norm
 * (2^-40) would make a clip factor times a delta so small that float32's rounding of it, times such
 * an activation, costs more than MARGIN. Nothing is clipped to it, so it is the bound of no clipping.
 */
export const TOO_LONG = 2 ** 60;

/** Squared norm of one dense layer's gradient; Infinity where its input is too long to clip. */
export function layerSquare(inputSquare: number, deltaSquare: number): number {
  return inputSquare < TOO_LONG * TOO_LONG ? deltaSquare * (inputSquare + 1) : Infinity;
}

/**
 * What a gradient of this squared norm is multiplied by: min(1, clipNorm·(1 − 2^-20) / norm), and
 * zero where the norm is not finite.
 */
export function clipFactor(normSquare: number, clipNorm: number): number {
  // NaN compares false with everything, so ask for what must hold.
  if (!(normSquare < TOO_LONG * TOO_LONG)) return 0;
  return Math.min(1, withMargin(clipNorm) / Math.sqrt(normSquare));
}

/** What is left of a bound to clip to. */
export function withMargin(clipNorm: number): number {
  return clipNorm * (1 - MARGIN);
}

export function squareOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? 0) * (values[i] ?? 0);
  return sum;
}
