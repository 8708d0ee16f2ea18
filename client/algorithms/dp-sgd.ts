/**
 * One client's part of a round where the unit is a record (DP-SGD, Abadi et al. 2016,
 * arXiv:1607.00133): its own records, sampled by its own coins, as one clipped sum.
 */
import { shiftedBit } from "../../shared/accounting/adaptive-clipping.ts";
import { clipBounds } from "../../shared/engine/clip.ts";
import { type Engine, exampleSlice } from "../../shared/engine/engine.ts";
import { inPieces } from "../../shared/engine/turns.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import type { Random } from "../../shared/random.ts";
import type { ClientRows } from "../client-rows.ts";
import type { Contribution } from "../contribution.ts";
import { GatheredRows } from "./gathered-rows.ts";

/**
 * The sum of the sampled records' clipped gradients. A client without rows, or whose coins left all
 * of them out, gives zeros like any other.
 *
 * @param clipNorm in force in this round
 * @param coins read for Poisson sampling only: one coin a slot
 */
export async function dpSgd(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  clipNorm: number,
  coins: Random,
): Promise<Contribution> {
  const { model } = engine;
  const { examples, present } = rows;
  const bounds = clipBounds(plan.clipping, clipNorm, model);
  const sum = new Float64Array(model.parameters);
  const drawn = drawnSlots(rows, plan, coins);
  const gathered = new GatheredRows(examples);
  let bits = 0;
  await inPieces(drawn?.length ?? examples.count, model, (start, end) => {
    const slots = drawn?.subarray(start, end);
    const piece = slots ? gathered.of(slots) : exampleSlice(examples, start, end);
    const there = slots
      ? present && Uint8Array.from(slots, (slot) => present[slot] ?? 0)
      : present?.subarray(start, end);
    engine.clippedSum(parameters, piece, bounds, there, sum);
    if (plan.adaptiveClipping === null) return;
    engine.gradientNorms(parameters, piece).forEach((norm, i) => {
      if (there?.[i] !== 0) bits += 2 * shiftedBit(norm, clipNorm);
    });
  });
  // A record whose gradient is not finite has added nothing.
  return { sum, bits, finite: true };
}

/**
 * Slots of the records whose coins put them in the round; undefined: all are. Blocks of the sum are of
 * these: coins say which they are and no record does, so that one more or less there moves no other.
 * Slots beyond the population are never drawn: the lattice's bounds do not count on them, and a
 * refusal would tell their number.
 */
function drawnSlots(
  { examples: { count } }: ClientRows,
  { sampling, population }: PrivacyPlan,
  coins: Random,
): Int32Array | undefined {
  if (sampling.kind !== "poisson" && count <= population) return undefined;
  const slots = Int32Array.from({ length: Math.min(count, population) }, (_, slot) => slot);
  if (sampling.kind !== "poisson") return slots;
  return slots.filter(() => coins.bernoulli(sampling.rate));
}
