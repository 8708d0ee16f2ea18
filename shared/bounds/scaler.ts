/** A number between its feature's bounds → a model input in [-1, 1]. */
import { axisOf, type Range, type Scale } from "./range.ts";

/**
 * Clips to a feature's bounds [a, b], then takes [a, b] to [-1, 1]: evenly, or with `scale: log` so that log1p is even.
 * The contract has checked that a < b, and a > -1 for a log.
 */
export function scaler(bounds: Range, scale: Scale): (value: number) => number {
  const { at } = axisOf(scale);
  const low = at(bounds[0]);
  const width = at(bounds[1]) - low;
  // Clipped once more: log1p errs by less than a unit in the last place, which may be the last one.
  return (value) => clip((2 * (at(clip(value, bounds)) - low)) / width - 1, ENDS);
}

const ENDS = [-1, 1] as const;

export function clip(value: number, [low, high]: Range): number {
  return Math.min(Math.max(value, low), high);
}
