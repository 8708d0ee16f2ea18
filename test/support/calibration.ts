import { leastNoise } from "../../shared/accounting/calibrate.ts";
import type { Accountant, Sampler } from "../../shared/accounting/mechanisms/event.ts";

/** The least noise multiplier of so many equal Gaussian steps under zeroOut. */
export function calibrateNoise(
  accountant: Accountant,
  sampling: Sampler,
  steps: number,
  epsilon: number,
  delta: number,
): number {
  return leastNoise({ accountant, epsilon, delta }, (noiseMultiplier) => [
    {
      event: { mechanism: "gaussian", noiseMultiplier, sampling, adjacency: "zeroOut" },
      count: steps,
    },
  ]);
}
