/**
 * FedSGD (McMahan, Moore, Ramage, Hampson & Agüera y Arcas 2017, arXiv:1602.05629, section 2): one
 * gradient over all of a client's rows, along which the coordinator takes the step.
 */
import { presentSlots } from "../features/client-rows.ts";
import type { LocalRound } from "./local-round.ts";
import { GradientSums } from "./local-steps.ts";

/** The mean over its rows, not yet clipped: float64[parameters], finite or not; zeros without rows. */
export async function fedSgd({ parameters, rows, engine }: LocalRound): Promise<Float64Array> {
  const slots = presentSlots(rows);
  const sum = await new GradientSums(engine, rows.examples).of(parameters, slots);
  const count = Math.max(1, slots.length);
  const mean = new Float64Array(sum.length);
  for (let i = 0; i < mean.length; i++) mean[i] = (sum[i] ?? 0) / count;
  return mean;
}
