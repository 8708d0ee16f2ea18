/** The clip norm of the next round, from the released bits of this one and nothing else. */
import {
  nextClipNorm,
  noisyFraction,
} from "../../shared/accounting/mechanisms/adaptive-clipping.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";

export interface ClipStep {
  /** In force in the round that was released, and in the next one. */
  readonly clipNorm: number;
  readonly next: number;
  /** Sum of the bits, each ±1, and its noise: released. */
  readonly bits: number;
}

/**
 * undefined where the clip norm stays.
 *
 * @param bits as released
 */
export function stepClipNorm(
  { adaptiveClipping, expectedUnits }: Pick<PrivacyPlan, "adaptiveClipping" | "expectedUnits">,
  clipNorm: number,
  bits: number,
): ClipStep | undefined {
  if (adaptiveClipping === null) return undefined;
  const { quantile, learningRate, bounds } = adaptiveClipping;
  // Noise may take the fraction out of [0, 1], where it would throw the clip norm far off.
  const fraction = Math.min(1, Math.max(0, noisyFraction(bits / 2, expectedUnits)));
  const moved = nextClipNorm(clipNorm, fraction, quantile, learningRate);
  return { clipNorm, next: Math.min(bounds[1], Math.max(bounds[0], moved)), bits };
}
