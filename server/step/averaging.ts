/**
 * The average of released models, which is then what a run hands out: post-processing, which costs no
 * ε, and in which much of the rounds' noise cancels. Clients go on from the last model all the same.
 */
import type { Averaging } from "../../shared/training/optimizer-spec.ts";

export interface Averaged {
  /** float64[parameters]. */
  readonly mean: Float64Array;
  /** Models in it. */
  readonly models: number;
}

/**
 * The average with one model more. An exponential one begins at the first released model, not at the
 * initial one, which would weigh in for long.
 *
 * @param before null: no model yet
 * @param round from 0, of which `parameters` are the released model
 * @returns null where nothing is averaged, or not yet
 */
export function averageAfter(
  averaging: Averaging | null,
  before: Averaged | null,
  round: number,
  parameters: Float32Array,
): Averaged | null {
  if (averaging === null) return null;
  // The scenario's first round is 1.
  if (averaging.kind === "mean" && round + 1 < averaging.from) return null;
  if (before === null) return { mean: Float64Array.from(parameters), models: 1 };
  const models = before.models + 1;
  const decay = averaging.kind === "ema" ? averaging.decay : before.models / models;
  const mean = new Float64Array(before.mean.length);
  for (let i = 0; i < mean.length; i++)
    mean[i] = decay * (before.mean[i] ?? 0) + (1 - decay) * (parameters[i] ?? 0);
  return { mean, models };
}
