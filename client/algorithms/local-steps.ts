/** The steps that a client takes by itself: plain stochastic gradient descent, corrected or not. */
import type { Engine, Examples } from "../../shared/engine/core/engine.ts";
import { WorkSlices } from "../../shared/engine/core/work-slices.ts";
import { presentSlots } from "../features/client-rows.ts";
import { GatheredRows } from "./gathered-rows.ts";
import type { LocalRound } from "./local-round.ts";

/** What coordinate i of a step's gradient is too much or too little by, at that model; 0: nothing. */
export type Correction = (model: Float32Array, i: number) => number;

export interface Trained {
  /** float32[parameters], finite or not. */
  readonly model: Float32Array;
  /** Taken: none by a client without rows. */
  readonly steps: number;
}

/**
 * w ← w − learningRate·(mean gradient of a batch + correction), batch after batch, epoch after epoch.
 *
 * @param start float32[parameters]; stays as it is
 */
export async function localSteps(
  start: Float32Array,
  { rows, engine, training, learningRate, epochs, shuffle }: LocalRound,
  correction?: Correction,
): Promise<Trained> {
  const model = start.slice();
  const slots = presentSlots(rows);
  const size = training.batchSize ?? slots.length;
  const gradients = new GradientSums(engine, rows.examples);
  let steps = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = Int32Array.from(shuffle.permutation(slots.length), (i) => slots[i] ?? 0);
    for (let first = 0; first < order.length; first += size) {
      const batch = order.subarray(first, first + size);
      const share = learningRate / batch.length;
      if (correction) {
        const sum = await gradients.of(model, batch);
        descendCorrected(model, sum, share, learningRate, correction);
      } else await gradients.descend(model, batch, share);
      steps += 1;
    }
  }
  return { model, steps };
}

/** w ← w − share·sum, in float64, rounded once. By itself: V8 compiles a loop amid an `async` function far worse. */
function descend(model: Float32Array, sum: Float64Array, share: number): void {
  for (let i = 0; i < model.length; i++) model[i] = (model[i] ?? 0) - share * (sum[i] ?? 0);
}

function descendCorrected(
  model: Float32Array,
  sum: Float64Array,
  share: number,
  learningRate: number,
  correction: Correction,
): void {
  for (let i = 0; i < model.length; i++) {
    const moved = share * (sum[i] ?? 0) + learningRate * correction(model, i);
    model[i] = (model[i] ?? 0) - moved;
  }
}

/** Sums of gradients over any slots, in their order; buffers are used again and again. */
export class GradientSums {
  readonly #engine: Engine;
  readonly #gathered: GatheredRows;
  readonly #turns: WorkSlices;
  #sum: Float64Array | undefined;

  constructor(engine: Engine, examples: Examples) {
    this.#engine = engine;
    this.#gathered = new GatheredRows(examples);
    this.#turns = new WorkSlices(engine.model);
  }

  /** float64[parameters]: a view that the next call overwrites. */
  async of(model: Float32Array, slots: Int32Array): Promise<Float64Array> {
    const { rows } = this.#turns;
    this.#sum ??= new Float64Array(this.#engine.model.parameters);
    if (slots.length === 0) this.#sum.fill(0);
    for (let first = 0; first < slots.length; first += rows) {
      const piece = this.#gathered.of(slots.subarray(first, first + rows));
      this.#engine.gradientSum(model, piece, this.#sum, first === 0);
      await this.#turns.after(piece.count);
    }
    return this.#sum;
  }

  /** w ← w − share·sum over those slots. */
  async descend(model: Float32Array, slots: Int32Array, share: number): Promise<void> {
    if (!this.#engine.descend || slots.length > this.#turns.rows)
      return descend(model, await this.of(model, slots), share);
    this.#engine.descend(model, this.#gathered.of(slots), share);
    await this.#turns.after(slots.length);
  }
}
