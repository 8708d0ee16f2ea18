/**
 * What rounds released, in lattice steps, and what they would have released without noise. The
 * first is read off the models alone, the second computed record by record in plain float64.
 */
import type { Examples } from "../../shared/engine/core/engine.ts";
import type { Model } from "../../shared/model/model.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { slowClippedSum } from "./slow-network.ts";

/**
 * The sum that moved one model to the next (learning rate 1, momentum 0). The step was rounded once,
 * to the later model's float32: half a unit in its last place. Where that leaves no doubt which
 * integer it was, it must be one; from weights too large for that the sum comes as it is.
 *
 * @throws Error where a step is no whole number of lattice steps
 */
export function releasedSteps(
  before: Float32Array,
  after: Float32Array,
  { expectedUnits, scale }: Pick<PrivacyPlan, "expectedUnits" | "scale">,
): number[] {
  return Array.from(after, (w, i) => {
    const steps = ((before[i] ?? Number.NaN) - w) * expectedUnits * scale;
    const rounding = Math.abs(w) * 2 ** -24 * expectedUnits * scale + 1e-6;
    if (rounding > 0.25) return steps;
    const whole = Math.round(steps);
    if (!(Math.abs(steps - whole) <= rounding))
      throw new Error(`coordinate ${i} moved by ${steps} lattice steps: no whole number`);
    return whole;
  });
}

/** Sum over all records of the given clients, each clipped to the plan's norm, in lattice steps. */
export function trueSteps(
  model: Model,
  parameters: Float32Array,
  clients: Iterable<{ readonly examples: Examples }>,
  { clipNorm, scale }: Pick<PrivacyPlan, "clipNorm" | "scale">,
): number[] {
  const total = new Array<number>(model.parameters).fill(0);
  for (const { examples } of clients) {
    const sum =
      model.layers.length === 1
        ? logisticClippedSum(parameters, examples, clipNorm)
        : slowClippedSum(model, parameters, examples, clipNorm);
    sum.forEach((x, i) => {
      total[i] = (total[i] ?? 0) + scale * x;
    });
  }
  return total;
}

/** (p − y)·(x, 1) of each record, p = 1 / (1 + e^−(w·x + b)), shortened to clipNorm, added up. */
function logisticClippedSum(
  parameters: Float32Array,
  { count, width, inputs, labels }: Examples,
  clipNorm: number,
): number[] {
  const sum = new Array<number>(width + 1).fill(0);
  for (let record = 0; record < count; record++) {
    const x = [...inputs.subarray(record * width, (record + 1) * width), 1];
    const logit = x.reduce((z, value, i) => z + value * (parameters[i] ?? Number.NaN), 0);
    const error = 1 / (1 + Math.exp(-logit)) - (labels[record] ?? Number.NaN);
    const length = Math.abs(error) * Math.sqrt(x.reduce((square, value) => square + value ** 2, 0));
    const factor = length > clipNorm ? clipNorm / length : 1;
    x.forEach((value, i) => {
      sum[i] = (sum[i] ?? 0) + factor * error * value;
    });
  }
  return sum;
}

/**
 * How far, in steps, a coordinate of the released sum may lie from the true one without any noise:
 * each client rounds once, to half a step; the kernel clips 2^-20 short (clip.ts) and adds in
 * float32, where n additions of at most `sensitivity` steps each err by n² · 2^-24 of it.
 */
export function roundingBound(
  clients: Iterable<{ readonly examples: Examples }>,
  { sensitivity }: Pick<PrivacyPlan, "sensitivity">,
): number {
  let bound = 0;
  for (const { examples } of clients) {
    const { count } = examples;
    bound += 0.5 + sensitivity * count * (2 ** -20 + (count + 2) * 2 ** -24);
  }
  return bound;
}
