/**
 * Local training of FedAvg (McMahan, Moore, Ramage, Hampson & Agüera y Arcas 2017, arXiv:1602.05629,
 * algorithm 1), and its differentially private form (McMahan, Ramage, Talwar & Zhang 2018,
 * arXiv:1710.06963): the unit is the client, whose whole update is clipped as one vector. What it
 * did with its own rows before doesn't matter to that bound.
 */
import { TOO_LONG } from "../shared/engine/clip.ts";
import type { Engine, Examples } from "../shared/engine/engine.ts";
import type { Training } from "../shared/plan.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Random } from "../shared/random.ts";
import { clipUpdate } from "./clip-update.ts";
import type { Contribution } from "./contribution.ts";
import type { ClientRows } from "./train.ts";

/**
 * The clipped difference of the broadcast model and the one that this client trained from it: what
 * the coordinator takes a step along. Zeros for a client without rows, and where training diverged.
 *
 * @param learningRate of the local steps
 * @param shuffle the order of the rows, anew in each epoch
 */
export function fedAvg(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  training: Training,
  learningRate: number,
  clipNorm: number,
  shuffle: Random,
): Contribution {
  // Nothing at all of a client that has nothing: a bit more would not be in its sensitivity.
  if (slotsOf(rows).length === 0) return { sum: new Float64Array(parameters.length), bits: 0 };
  const update = localUpdate(parameters, rows, engine, training, learningRate, shuffle);
  const { clipped, within } = clipUpdate(update, plan.clipping, clipNorm, engine.model);
  return { sum: clipped, bits: within ? 1 : -1 };
}

/** What training moved, not yet clipped: float64[parameters]. Nobody but its client may see it. */
export function localUpdate(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  training: Training,
  learningRate: number,
  shuffle: Random,
): Float64Array {
  const trained = localEpochs(parameters, rows, engine, training, learningRate, shuffle);
  return Float64Array.from(parameters, (before, i) => before - (trained[i] ?? 0));
}

/** Plain stochastic gradient descent over this client's own rows: float32[parameters]. */
function localEpochs(
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  { localEpochs, batchSize }: Training,
  learningRate: number,
  shuffle: Random,
): Float32Array {
  const model = Float32Array.from(parameters);
  const { examples } = rows;
  const slots = slotsOf(rows);
  const size = batchSize ?? slots.length;
  for (let epoch = 0; epoch < localEpochs; epoch++) {
    const order = shuffle.permutation(slots.length).map((i) => slots[i] ?? 0);
    for (let start = 0; start < order.length; start += size) {
      const batch = rowsAt(examples, order.slice(start, start + size));
      const gradient = engine.clippedSum(model, batch, TOO_LONG);
      const step = learningRate / batch.count;
      for (let i = 0; i < model.length; i++) model[i] = (model[i] ?? 0) - step * (gradient[i] ?? 0);
    }
  }
  return model;
}

/** Of the rows in the population. */
function slotsOf({ examples, present }: ClientRows): number[] {
  return [...examples.labels.keys()].filter((slot) => present?.[slot] !== 0);
}

function rowsAt({ width, inputs, labels }: Examples, slots: readonly number[]): Examples {
  const batch = {
    count: slots.length,
    width,
    inputs: new Float32Array(slots.length * width),
    labels: Float32Array.from(slots, (slot) => labels[slot] ?? 0),
  };
  slots.forEach((slot, i) => {
    batch.inputs.set(inputs.subarray(slot * width, (slot + 1) * width), i * width);
  });
  return batch;
}
