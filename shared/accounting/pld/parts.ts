/** Steps on a grid, and what tilts make of their losses: kept, as neighbouring rounds ask for the same. */

import { memoize } from "../../memoize.ts";
import { coinsKey } from "../mechanisms/coin-mixture.ts";
import type { Part } from "./rough.ts";
import { type Moments, moments } from "./spectrum.ts";
import { type Directions, type LossMasses, stepLosses } from "./step.ts";

export interface GridPart {
  readonly losses: Directions<LossMasses>;
  /** Steps that there is room for. */
  readonly count: number;
  /** Names the losses. */
  readonly key: string;
}

const stepsKept = new Map<string, Directions<LossMasses>>();
const STEPS_KEPT = 16;

/** The losses of each of `parts`, as `stepLosses` takes them. */
export function gridParts(parts: readonly Part[], spacing: number, cut: number): GridPart[] {
  return parts.map((part) => {
    const key = `${coinsKey(part)}/${spacing}/${cut}`;
    const losses = memoize(stepsKept, STEPS_KEPT, key, () => stepLosses(part, spacing, cut));
    return { losses, count: part.count, key };
  });
}

/** Tilts are counted in fourth roots of two. */
export function tiltAt(step: number): number {
  return 2 ** (step / 4);
}

const momentsKept = new Map<string, Moments>();
const MOMENTS_KEPT = 1024;

/** Of all parts together, as carried by the tilt. */
export function momentsOf(parts: readonly GridPart[], spacing: number, step: number): Moments {
  let [logMgf, mean, variance] = [0, 0, 0];
  for (const { losses, count, key } of parts) {
    const one = memoize(momentsKept, MOMENTS_KEPT, `${key}/${step}`, () =>
      moments(losses.removal, tiltAt(step) * spacing),
    );
    logMgf += count * one.logMgf;
    mean += count * one.mean;
    variance += count * one.variance;
  }
  return { logMgf, mean, variance };
}

/** The smallest loss of either direction. */
export function smallest({ removal, addition }: Directions<LossMasses>): number {
  return Math.min(removal.first, addition.first);
}

/** The largest finite loss of either direction. */
export function largest({ removal, addition }: Directions<LossMasses>): number {
  return Math.max(removal.first + removal.mass.length, addition.first + addition.mass.length) - 1;
}
