/**
 * Forward pass and clipped gradient sums behind one small interface. The coordinator chooses an
 * engine once, by a probe step; every host of the run uses that one or refuses.
 */
import type { Model } from "../../model/model.ts";
import type { ClipBounds } from "./clip.ts";

/** Engineered rows: what a model sees. */
export interface Examples {
  readonly count: number;
  /** Model inputs of a row. */
  readonly width: number;
  /** float32[count × width], row by row. */
  readonly inputs: Float32Array;
  /** float32[count], the number of each one's class; of two, 0 or 1; of a number itself, in [-1, 1]. */
  readonly labels: Float32Array;
}

export type EngineKind = "fused" | "tfjsNode" | "tfjsWasm" | "tfjsCpu";

/**
 * Records summed in float32 before float64 takes over; also the unit in which a lattice's float
 * error is bounded (lattice.ts). An engine must add records in these blocks, in slot order.
 */
export const BLOCK_SLOTS = 64;

export interface Engine {
  readonly kind: EngineKind;
  readonly model: Model;
  /**
   * Sum over the examples of each one's gradient of the loss, clipped in L2, all layers together or
   * each to its own bound, with a margin of 2^-20. A gradient that is not finite counts as zero.
   *
   * @param bounds each finite and > 0; one for all, or one for each trained layer
   * @param sampled uint8[count], 1 where the record is in the round; absent: all are. An unsampled
   *   record leaves a zero in its slot, so that no other record changes its block.
   * @param sum what they are added to, float64[parameters]; zeros where absent. Added up in slices of
   *   whole blocks (`exampleSlice`) it has the same bits as at once.
   * @returns `sum`
   */
  clippedSum(
    parameters: Float32Array,
    examples: Examples,
    bounds: ClipBounds,
    sampled?: Uint8Array,
    sum?: Float64Array,
  ): Float64Array;
  /**
   * The same sum of gradients as they are: neither clipped nor measured. NaN where one is.
   *
   * @param fresh the sum starts at zero, whatever is in `sum`: a buffer may be used again
   */
  gradientSum(
    parameters: Float32Array,
    examples: Examples,
    sum?: Float64Array,
    fresh?: boolean,
  ): Float64Array;
  /**
   * A step down the sum of gradients: parameters ← parameters − share·sum, in float64 and rounded once, to the bits
   * that `gradientSum` and a loop give. Absent: the engine has nothing quicker than these.
   */
  descend?(parameters: Float32Array, examples: Examples, share: number): void;
  /** L2 norm of each example's gradient before clipping: float64[count]. */
  gradientNorms(parameters: Float32Array, examples: Examples): Float64Array;
  /** The last layer's, linear, before any sigmoid or softmax: float32[count × outputs]. */
  outputs(parameters: Float32Array, examples: Examples): Float32Array;
}

/** Examples from `start` up to `end`: views, nothing copied. */
export function exampleSlice(examples: Examples, start: number, end: number): Examples {
  const { width, inputs, labels } = examples;
  return {
    count: end - start,
    width,
    inputs: inputs.subarray(start * width, end * width),
    labels: labels.subarray(start, end),
  };
}
