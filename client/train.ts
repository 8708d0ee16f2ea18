/** One client's part of a round: its own records, sampled by its own coins, as one clipped sum. */
import type { Engine, Examples } from "../shared/engine/engine.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Random } from "../shared/random.ts";

/**
 * The sum of the sampled records' clipped gradients: float64[parameters]. A client without rows, or
 * whose coins left all of them out, gives zeros like any other.
 *
 * @param coins read for Poisson sampling only: one coin a record
 */
export function train(
  parameters: Float32Array,
  examples: Examples,
  engine: Engine,
  plan: PrivacyPlan,
  coins: Random,
): Float64Array {
  return engine.clippedSum(
    parameters,
    examples,
    plan.clipNorm,
    sampleRecords(examples, plan, coins),
  );
}

/** uint8[count], 1 for each record in the round; undefined: all are. */
function sampleRecords(
  { count }: Examples,
  { sampling }: PrivacyPlan,
  coins: Random,
): Uint8Array | undefined {
  if (sampling.kind === "full") return undefined;
  return Uint8Array.from({ length: count }, () => (coins.bernoulli(sampling.rate) ? 1 : 0));
}
