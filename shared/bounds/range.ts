/** Bounds as a pair of numbers, on the scale by which their feature is brought to [-1, 1]. */
import type { NumberFeature } from "../contract/feature.ts";

export type Range = readonly [low: number, high: number];
export type Scale = NumberFeature["scale"];

/** A feature's public constants. */
export interface Outer {
  readonly scale: Scale;
  /** Between which any value lies by the contract, or is taken to. */
  readonly bounds: Range;
}

/** The share of the values that may lie below bounds that are not widened, and above them. */
export const OUTER_SHARE = 0.1;
/**
 * By how much of the distance between these quantiles bounds lie beyond them: a normal distribution's are then 2.6
 * standard deviations from its mean, where an even one's need an eighth.
 */
const MARGIN = 0.5;

/** Where bins and margins are even. */
const AXES: Record<
  Scale,
  { readonly at: (x: number) => number; readonly back: (x: number) => number }
> = {
  linear: { at: (x) => x, back: (x) => x },
  log: { at: Math.log1p, back: Math.expm1 },
};

export function axisOf(scale: Scale): (typeof AXES)[Scale] {
  return AXES[scale];
}

/** Whether a feature can be brought to [-1, 1] by it. */
export function isRange([low, high]: Range, scale: Scale): boolean {
  const { at } = AXES[scale];
  const width = at(high) - at(low);
  return low < high && width > 0 && Number.isFinite(width);
}

export function widened([low, high]: Range, scale: Scale): Range {
  const { at, back } = AXES[scale];
  const margin = MARGIN * (at(high) - at(low));
  return [back(at(low) - margin), back(at(high) + margin)];
}

export function cutTo([low, high]: Range, { bounds }: Outer): Range {
  return [Math.max(low, bounds[0]), Math.min(high, bounds[1])];
}
