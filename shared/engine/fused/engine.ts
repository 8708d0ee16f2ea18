/**
 * The engine that runs every model: batches of up to 64 examples through WebAssembly kernels, norm
 * and clipping in the same pass, so that privacy costs little more than the step itself
 * (bench/step.ts). Its sums are rounded in blocks of slots, as lattice.ts counts on.
 */
import type { Model } from "../../model/model.ts";
import { BLOCK_SLOTS, type Engine, type Examples } from "../core/engine.ts";
import { checkBounds, checkShapes } from "../core/shapes.ts";
import { Batch } from "./batch.ts";

/** An engine that runs every model that build-model.ts can lay out. Throws RangeError on wrong lengths. */
export function fusedEngine(model: Model): Engine {
  const batch = new Batch(model);
  return {
    kind: "fused",
    model,

    clippedSum(parameters, examples, bounds, sampled, sum) {
      checkShapes(model, parameters, examples, sampled);
      checkBounds(model, bounds);
      batch.begin(parameters, sum ?? null);
      inBatches(batch, examples, sampled, () => {
        batch.differentiate();
        batch.addClipped(bounds);
      });
      return ended(batch, sum);
    },

    gradientSum(parameters, examples, sum, fresh = false) {
      checkShapes(model, parameters, examples);
      batch.begin(parameters, fresh || sum === undefined ? null : sum);
      inBatches(batch, examples, undefined, () => {
        batch.differentiate();
        batch.addWhole();
      });
      return ended(batch, sum);
    },

    descend(parameters, examples, share) {
      checkShapes(model, parameters, examples);
      const once = examples.count <= BLOCK_SLOTS;
      if (once) batch.load(parameters);
      else batch.begin(parameters, null);
      inBatches(batch, examples, undefined, () => {
        batch.differentiate();
        if (once) batch.step(parameters, share);
        else batch.addWhole();
      });
      if (!once) batch.descend(parameters, share);
    },

    gradientNorms(parameters, examples) {
      checkShapes(model, parameters, examples);
      const norms = new Float64Array(examples.count);
      batch.begin(parameters, null);
      inBatches(batch, examples, undefined, (start) => {
        batch.differentiate();
        batch.readSquares(norms, start);
      });
      return norms.map(Math.sqrt);
    },

    outputs(parameters, examples) {
      checkShapes(model, parameters, examples);
      const outputs = new Float32Array(examples.count * model.outputs);
      batch.begin(parameters, null);
      inBatches(batch, examples, undefined, (start) => {
        batch.forward();
        batch.readOutputs(outputs, start * model.outputs);
      });
      return outputs;
    },
  };

  function ended(done: Batch, given: Float64Array | undefined): Float64Array {
    const sum = given ?? new Float64Array(model.parameters);
    done.end(sum);
    return sum;
  }
}

/**
 * Fills the batch with the sampled examples of whole blocks of slots, as many as fit, and runs it.
 *
 * @param run is given the first slot of the batch: where all are sampled, its rows are the slots
 */
function inBatches(
  batch: Batch,
  examples: Examples,
  sampled: Uint8Array | undefined,
  run: (start: number) => void,
): void {
  let first = 0;
  for (let start = 0; start < examples.count; start += BLOCK_SLOTS) {
    const end = Math.min(start + BLOCK_SLOTS, examples.count);
    if (batch.rows > 0 && batch.rows + countSampled(sampled, start, end) > BLOCK_SLOTS) {
      run(first);
      batch.clear();
      first = start;
    }
    const before = batch.rows;
    for (let slot = start; slot < end; slot++) {
      if (sampled === undefined || sampled[slot] !== 0) batch.take(examples, slot);
    }
    if (batch.rows > before) batch.closeBlock();
  }
  if (batch.rows > 0) run(first);
}

function countSampled(sampled: Uint8Array | undefined, start: number, end: number): number {
  if (sampled === undefined) return end - start;
  let count = 0;
  for (let slot = start; slot < end; slot++) if (sampled[slot] !== 0) count += 1;
  return count;
}
