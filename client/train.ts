/**
 * One client's part of a round where the unit is a record (DP-SGD, Abadi et al. 2016,
 * arXiv:1607.00133): its own records, sampled by its own coins, as one clipped sum.
 */
import { shiftedBit } from "../shared/accounting/adaptive-clipping.ts";
import { clipBounds } from "../shared/engine/clip.ts";
import type { Engine, Examples } from "../shared/engine/engine.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Random } from "../shared/random.ts";
import type { Contribution } from "./contribution.ts";

/** A client's records in their slots. A slot that is not present holds a zero, so that no other moves. */
export interface ClientRows {
  readonly examples: Examples;
  /** uint8[count], 0 for a record outside the population; undefined: all are in it. */
  readonly present?: Uint8Array | undefined;
}

/**
 * The sum of the sampled records' clipped gradients. A client without rows, or whose coins left all
 * of them out, gives zeros like any other.
 *
 * @param clipNorm in force in this round
 * @param coins read for Poisson sampling only: one coin a slot
 */
export function train(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  clipNorm: number,
  coins: Random,
): Contribution {
  const inRound = sampleRecords(rows, plan, coins);
  const bounds = clipBounds(plan.clipping, clipNorm, engine.model);
  const sum = engine.clippedSum(parameters, rows.examples, bounds, inRound);
  if (plan.adaptiveClipping === null) return { sum, bits: 0 };
  const norms = engine.gradientNorms(parameters, rows.examples);
  let bits = 0;
  norms.forEach((norm, slot) => {
    if (inRound?.[slot] !== 0) bits += 2 * shiftedBit(norm, clipNorm);
  });
  return { sum, bits };
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
  if (sampling.kind !== "poisson" && allPresent) return undefined;
  return Uint8Array.from({ length: count }, (_, slot) => {
    const coin = sampling.kind !== "poisson" || coins.bernoulli(sampling.rate);
    return Number(coin && slot < population && present?.[slot] !== 0);
  });
}
