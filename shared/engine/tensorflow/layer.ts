// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * What each kind of layer does with many examples at once, a row an example. Rows lie in typed
 * arrays between TensorFlow.js's operations: all its backends on Node compute in this process, norms
 * are summed in float64 from what is read back anyway, and to gather the patches of a convolution
 * takes its WASM backend ten times as long as a loop does.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer } from "../../model/model.ts";
import type { TensorFlow } from "./backend.ts";

/** A layer with its weights as tensors, which the tidy that it was loaded in disposes of. */
export interface TensorLayer {
  readonly layer: Layer;
  /** float32[rows × inputs] → float32[rows × outputs], after the layer's activation function. */
  forward(input: Float32Array, rows: number): Float32Array;
  /** @param delta slope of the loss along what forward gave, float32[rows × outputs] */
  back(step: Step, delta: Float32Array): Back;
}

/** Takes a layer's weights out of the flat parameters. */
export type LoadLayer = (parameters: Float32Array) => TensorLayer;

/** One layer on the way forward. */
export interface Step {
  readonly rows: number;
  /** float32[rows × inputs] and float32[rows × outputs] */
  readonly input: Float32Array;
  readonly output: Float32Array;
}

interface Back {
  /** null for a layer without parameters. */
  readonly gradient: LayerGradient | null;
  /** Slope of the loss along the layer's input, float32[rows × inputs]; the first layer needs none. */
  readonly below: () => Float32Array;
}

/** The gradients of one layer, a row an example. */
export type LayerGradient = OuterGradient | WrittenGradient;

/** Of a dense layer: each is the product of two vectors and need not be written out (clip.ts). */
export interface OuterGradient {
  readonly kind: "outer";
  readonly layer: Layer;
  /** Squared norm of each, float64[rows]. */
  readonly squares: Float64Array;
  /** Sum of rows start to end, each times its factor, in float32; a row of factor 0 counts as zero. */
  sum(start: number, end: number, factors: Float32Array): Float32Array;
}

/** Where many products add up to one: it is written out, one at a time, and then measured. */
export interface WrittenGradient {
  readonly kind: "written";
  readonly layer: Layer;
  /** float32[the layer's parameters], which the next call may overwrite. */
  of(row: number): Float32Array;
  /** Sum of rows start to end as they are, in float32. */
  sum(start: number, end: number): Float32Array;
}

/** What `compute` gives, read back; its tensors are gone. */
export function readBack(tf: TensorFlow, compute: () => Tensor): Float32Array {
  const result = tf.tidy(compute);
  // Outside the tidy, which would look for tensors in every number that it gave on.
  const values = result.dataSync<"float32">();
  result.dispose();
  return values;
}

/**
 * a · b, both row by row. Neither may be handed over turned: of such products WASM's fast kernel does
 * none, and its slow one takes 4 to 8 times as long (measured at 3136 × 32 × 400).
 *
 * @param a float32[rows × inner]
 * @param b float32[inner × columns]
 */
export function multiplied(
  tf: TensorFlow,
  a: Float32Array,
  b: Float32Array,
  inner: number,
): Float32Array {
  return readBack(tf, () =>
    tf.matMul(tf.tensor2d(a, [a.length / inner, inner]), tf.tensor2d(b, [inner, b.length / inner])),
  );
}

/** sum[offset + i] += factor · values[i] */
export function addInto(
  block: Float32Array,
  offset: number,
  values: Float32Array,
  factor: number,
): void {
  for (let i = 0; i < values.length; i++)
    block[offset + i] = block[offset + i]! + factor * values[i]!;
}
