/**
 * One client's part of a round where the unit is a record (DP-SGD, Abadi et al. 2016,
 * arXiv:1607.00133): its own records, sampled by its own coins, as one clipped sum.
 */
import { shiftedBit } from "../../shared/accounting/mechanisms/adaptive-clipping.ts";
import { clipBounds } from "../../shared/engine/core/clip.ts";
import { type Engine, exampleSlice } from "../../shared/engine/core/engine.ts";
import { inPieces } from "../../shared/engine/core/work-slices.ts";
import type { Random } from "../../shared/noise/random.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import type { ClientRows } from "../features/client-rows.ts";
import type { Contribution } from "../training/contribution.ts";
import { evenWork, spareRows } from "./even-work.ts";
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
  coins: Pick<Random, "bernoulli">,
): Promise<Contribution> {
  const { model } = engine;
  const { examples } = rows;
  const bounds = clipBounds(plan.clipping, clipNorm, model);
  const sum = new Float64Array(model.parameters);
  const takesPart = slotsInRound(rows, plan, coins);
  const gathered = new GatheredRows(examples);
  const share = plan.sampling.kind === "poisson" ? plan.sampling.rate : 1;
  /** @param into what the clipped gradients are added to. @returns the bits, each shifted and doubled */
  const passOver = async (taken: Uint8Array | undefined, into: Float64Array): Promise<number> => {
    let bits = 0;
    const visit = (start: number, end: number) => {
      const there = taken?.subarray(start, end);
      engine.clippedSum(parameters, exampleSlice(examples, start, end), bounds, there, into);
      if (plan.adaptiveClipping === null) return;
      const slots = Int32Array.from({ length: end - start }, (_, i) => start + i);
      const some = gathered.of(slots.filter((_, i) => there?.[i] !== 0));
      for (const norm of engine.gradientNorms(parameters, some))
        bits += 2 * shiftedBit(norm, clipNorm);
    };
    await inPieces(examples.count, model, visit, share);
    return bits;
  };
  const bits = await passOver(takesPart, sum);
  if (takesPart && hidesSample(plan)) {
    // The answer's time may not say how many were drawn: what others add comes to nothing.
    const spare = spareRows(takesPart, workOf(examples.count, plan));
    await passOver(spare, new Float64Array(model.parameters));
  }
  // A record whose gradient is not finite has added nothing.
  return { sum, bits, finite: true };
}

/** True where epsilon counts on nobody's seeing which records a client drew. A simulation hides nothing. */
function hidesSample({ noise, trust, sampling }: PrivacyPlan): boolean {
  return noise === "secure" && trust !== "none" && sampling.kind === "poisson";
}

function workOf(slots: number, { sampling }: PrivacyPlan): number {
  return sampling.kind === "poisson" ? evenWork(slots, sampling.rate, sampling.rowsPerCoin) : slots;
}

/**
 * uint8[count], 1 where a row is in the round; undefined: all are. Drawn or not, a record keeps its
 * slot, and so each other its block of the sum: amplification counts on it that a drawn record which
 * adds nothing leaves the sum that it is not drawn into, to the last bit.
 *
 * Slots beyond the population are never drawn: the lattice's bounds do not count on them, and a
 * refusal would tell their number.
 */
function slotsInRound(
  { examples: { count }, present }: ClientRows,
  plan: PrivacyPlan,
  coins: Pick<Random, "bernoulli">,
): Uint8Array | undefined {
  const { sampling } = plan;
  const most = rowsOf(plan);
  if (sampling.kind !== "poisson" && count <= most) return present;
  const taken = new Uint8Array(count);
  const together = sampling.kind === "poisson" ? (sampling.rowsPerCoin ?? 1) : 1;
  let drawn = true;
  for (let slot = 0; slot < Math.min(count, most); slot++) {
    // One coin a slot, or for all slots of a person, whether there is somebody in it or not.
    if (sampling.kind === "poisson" && slot % together === 0)
      drawn = coins.bernoulli(sampling.rate);
    taken[slot] = Number(drawn && present?.[slot] !== 0);
  }
  return taken;
}
