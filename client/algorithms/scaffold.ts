/**
 * SCAFFOLD (Karimireddy, Kale, Mohri, Reddi, Stich & Suresh 2020, arXiv:1910.06378, algorithm 1,
 * option II): each local step is corrected by the coordinator's control less the client's own, which
 * say where all clients and where this one are drawn.
 *
 * What leaves is [what the model moved, η·localEpochs·(what the control moved)], clipped and noised
 * as ONE vector: two bounds would cost √2 of noise. A control is a gradient, a model moves by η of it
 * a step; the public factor puts both into the model's units, so that one clip norm fits them alike.
 * How many steps a client really took would tell of its rows, and stays with it.
 */
import { difference } from "../training/clip-and-round.ts";
import type { LocalRound } from "./local-round.ts";
import { localSteps } from "./local-steps.ts";

/** Not yet clipped: float64[2 × model's parameters], finite or not; zeros without rows. */
export async function scaffold(round: LocalRound): Promise<Float64Array> {
  const half = round.parameters.length / 2;
  const start = round.parameters.subarray(0, half);
  const common = round.parameters.subarray(half);
  const own = round.control ?? new Float32Array(half);
  const { model, steps } = await localSteps(
    start,
    round,
    (_, i) => (common[i] ?? 0) - (own[i] ?? 0),
  );
  const update = new Float64Array(2 * half);
  if (steps === 0) return update;
  const moved = difference({ before: start, after: model });
  const scale = controlScale(round);
  update.set(moved);
  // c_i⁺ − c_i = −c + (x − y) / (K·η): the client's own control falls out of it.
  for (let i = 0; i < half; i++)
    update[half + i] = scale * ((moved[i] ?? 0) / (steps * round.learningRate) - (common[i] ?? 0));
  return update;
}

/**
 * The client's control once its attempt is released, float32[model's parameters]: moved by what was
 * sent, clipped as it was, so that the coordinator's control stays the mean of all.
 *
 * @param sent float64[2 × model's parameters]
 */
export function nextControl(round: LocalRound, sent: Float64Array): Float32Array {
  const moved = sent.subarray(sent.length / 2);
  const scale = controlScale(round);
  const next = new Float32Array(moved.length);
  for (let i = 0; i < next.length; i++)
    next[i] = (round.control?.[i] ?? 0) + (moved[i] ?? 0) / scale;
  return next;
}

/** Model units to one of a control. */
function controlScale({ learningRate, training }: LocalRound): number {
  return learningRate * training.localEpochs;
}
