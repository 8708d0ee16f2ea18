/**
 * Local training of FedAvg (McMahan, Moore, Ramage, Hampson & Agüera y Arcas 2017, arXiv:1602.05629,
 * algorithm 1): epochs of stochastic gradient descent, of which the coordinator gets what they moved.
 */
import type { LocalRound } from "./local-round.ts";
import { localSteps } from "./local-steps.ts";

/** The broadcast model less the trained one, not yet clipped: float64[parameters], finite or not. */
export async function fedAvg(round: LocalRound): Promise<Float64Array> {
  const { model } = await localSteps(round.parameters, round);
  return difference(round.parameters, model);
}

/** What training moved, as a gradient points: before − after, float64. */
export function difference(before: Float32Array, after: Float32Array): Float64Array {
  const moved = new Float64Array(after.length);
  for (let i = 0; i < moved.length; i++) moved[i] = (before[i] ?? 0) - (after[i] ?? 0);
  return moved;
}
