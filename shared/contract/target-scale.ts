/** A target that is a number, between its own units and the [-1, 1] that a model learns it in. */
import type { Contract } from "./contract.ts";

type Bounds = readonly [low: number, high: number];

/** The bounds of one; null: the target has classes. */
export function targetBounds(target: Contract["target"]): Bounds | null {
  return target.kind === "number" ? target.bounds : null;
}

/** Beyond the bounds it is the nearer end. @returns in [-1, 1] */
export function scaledTarget(value: number, [low, high]: Bounds): number {
  return Math.min(1, Math.max(-1, (2 * (value - low)) / (high - low) - 1));
}

/**
 * What a linear output says, in the target's own units. Beyond the bounds, where no target lies, it is the
 * nearer end.
 */
export function targetOfOutput(output: number, [low, high]: Bounds): number {
  // Not low + …: the ends are met to the last bit.
  const share = (Math.min(1, Math.max(-1, output)) + 1) / 2;
  return (1 - share) * low + share * high;
}
