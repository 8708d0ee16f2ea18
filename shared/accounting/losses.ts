/**
 * The privacy loss of Gaussian steps and pure mechanisms together, for the pld accountant: pld.ts
 * knows Gaussian steps, a single pure step has a closed form, and else pure epsilons are added
 * (Dwork & Roth 2014, theorem 3.16), or all go by Rényi divergence where that proves more.
 */

import { composedMu, gaussianDelta, gaussianEpsilon } from "./mechanisms/gaussian.ts";
import { epsilonFromRdp, type RdpCurve } from "./mechanisms/rdp.ts";
import { deltaFromRdp } from "./mechanisms/rdp-delta.ts";
import { smallestSatisfying } from "./numeric/bisect.ts";
import { pldDelta, pldEpsilon, type SampledSteps } from "./pld/pld.ts";

// A full batch costs an epsilon of more than 10^11 there.
const LEAST_NOISE = 2 ** -20;

export interface Losses {
  readonly steps: readonly SampledSteps[];
  /** Epsilon of all pure mechanisms together. */
  readonly pure: number;
  /** Of everything. */
  readonly curve: () => RdpCurve;
  /** Delta at an epsilon, where all there was is one step that knows its own. */
  readonly alone?: ((epsilon: number) => number) | undefined;
}

/** Smallest epsilon at `delta`, rounded up. */
export function lossEpsilon({ steps, pure, curve, alone }: Losses, delta: number): number {
  if (pure === Infinity || steps.some(isBare)) return Infinity;
  if (pure === 0) return sampledEpsilon(steps, delta);
  if (alone) {
    const satisfies = (epsilon: number) => alone(epsilon) <= delta;
    return satisfies(0) ? 0 : smallestSatisfying(0, pure, 1e-12, satisfies);
  }
  const added = (sampledEpsilon(steps, delta) + pure) * (1 + Number.EPSILON);
  return Math.min(added, epsilonFromRdp(curve(), delta).epsilon);
}

/** Smallest delta at `epsilon` ≥ 0, rounded up. */
export function lossDelta({ steps, pure, curve, alone }: Losses, epsilon: number): number {
  if (pure === Infinity || steps.some(isBare)) return 1;
  if (pure === 0) return sampledDelta(steps, epsilon);
  if (alone) return alone(epsilon);
  const bound = deltaFromRdp(curve(), epsilon).delta;
  const left = epsilon - pure - Number.EPSILON * epsilon;
  return left < 0 ? bound : Math.min(bound, sampledDelta(steps, left));
}

/** Sampling never costs more than none, which near rate 1 is the better bound. */
function sampledEpsilon(steps: readonly SampledSteps[], delta: number): number {
  return Math.min(pldEpsilon(steps, delta), gaussianEpsilon(unsampledMu(steps), delta));
}

function sampledDelta(steps: readonly SampledSteps[], epsilon: number): number {
  return Math.min(pldDelta(steps, epsilon), gaussianDelta(unsampledMu(steps), epsilon));
}

/** As if every unit were in every step. */
function unsampledMu(steps: readonly SampledSteps[]): number {
  return composedMu(
    steps.map(({ noiseMultiplier, coins = 1, count }) => ({
      noiseMultiplier: noiseMultiplier / coins,
      count,
    })),
  );
}

/** Noise that hides nothing counts as none, which is a bound, and spares the grid its overflows. */
function isBare({ noiseMultiplier, coins = 1 }: SampledSteps): boolean {
  return noiseMultiplier / coins < LEAST_NOISE;
}
