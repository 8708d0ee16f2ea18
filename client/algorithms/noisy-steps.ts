/**
 * Several steps of DP-SGD that a client takes by itself between two exchanges, each along its own
 * noised sum (trust `local`). The sums are what is released; the steps, and that only their sum is
 * sent, are post-processing of them. Each is charged.
 */
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Random } from "../../shared/noise/random.ts";
import { type PrivacyPlan, scaleAt } from "../../shared/privacy/plan.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { privatize } from "../training/privatize.ts";
import { dpSgd } from "./dp-sgd.ts";

/** Coins and noise of one of a client's steps: none is ever drawn twice. */
export interface StepStreams {
  readonly coins: Random;
  readonly noise: Random;
}

/**
 * The sum of the noised sums, int32[parameters]. Between two of them the client's model moves by
 * learningRate·noised / (scale·expectedUnits / clients): its own share of what the plan expects, so
 * that it goes the way which the coordinator's step, over all clients, will have gone on average.
 *
 * @param streamsOf of step 0, 1, …
 */
export async function noisySteps(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  learningRate: number,
  clipNorm: number,
  streamsOf: (step: number) => StepStreams,
): Promise<Int32Array> {
  if (plan.trust !== "local" && plan.localSteps > 1)
    throw new TypeError("unchecked plan: local steps along sums without their own noise");
  const model = Float32Array.from(parameters);
  const total = new Int32Array(parameters.length);
  const length = learningRate / (scaleAt(plan, clipNorm) * (plan.expectedUnits / plan.clients));
  for (let step = 0; step < plan.localSteps; step++) {
    const { coins, noise } = streamsOf(step);
    const contribution = await dpSgd(model, rows, engine, plan, clipNorm, coins);
    const noised = privatize(contribution, plan, clipNorm, noise);
    // With its bits, where the clip norm adapts.
    if (plan.localSteps === 1) return noised;
    for (let i = 0; i < total.length; i++) {
      total[i] = (total[i] ?? 0) + (noised[i] ?? 0);
      model[i] = (model[i] ?? 0) - length * (noised[i] ?? 0);
    }
  }
  return total;
}
