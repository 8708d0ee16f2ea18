/** One client's part of a round: its own records, sampled by its own coins, as one clipped sum. */
import type { Engine, Examples } from "../shared/engine/engine.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Random } from "../shared/random.ts";

/** A client's records in their slots. A slot that is not present holds a zero, so that no other moves. */
export interface ClientRows {
  readonly examples: Examples;
  /** uint8[count], 0 for a record outside the population; undefined: all are in it. */
  readonly present?: Uint8Array | undefined;
}

/**
 * The sum of the sampled records' clipped gradients: float64[parameters]. A client without rows, or
 * whose coins left all of them out, gives zeros like any other.
 *
 * @param coins read for Poisson sampling only: one coin a slot
 */
export function train(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  coins: Random,
): Float64Array {
  const inRound = sampleRecords(rows, plan, coins);
  return engine.clippedSum(parameters, rows.examples, plan.clipNorm, inRound);
}

/**
 * uint8[count], 1 for each record in the round; undefined: all are. Slots beyond the population are
 * never in one: the lattice's bounds do not count on them, and a refusal would tell their number.
 */
function sampleRecords(
  { examples: { count }, present }: ClientRows,
  { sampling, population }: PrivacyPlan,
  coins: Random,
): Uint8Array | undefined {
  const allPresent = present === undefined && count <= population;
  if (sampling.kind === "full" && allPresent) return undefined;
  return Uint8Array.from({ length: count }, (_, slot) => {
    const coin = sampling.kind === "full" || coins.bernoulli(sampling.rate);
    return Number(coin && slot < population && present?.[slot] !== 0);
  });
}
