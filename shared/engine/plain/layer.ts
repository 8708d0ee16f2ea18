/** What a layer of the plain engine does for one example. Every array but `deltas` keeps its values. */

export interface PlainLayer {
  /** Writes all of `output`: float64[outputs] from float64[inputs]. */
  forward(parameters: Float32Array, input: Float64Array, output: Float64Array): void;
  /**
   * From the loss's derivatives by the output writes those by the input, and those by the layer's
   * own parameters to their place in `gradient`, float64[all parameters].
   */
  backward(parameters: Float32Array, step: PlainStep, gradient: Float64Array): void;
}

interface PlainStep {
  /** What `forward` was given and gave. */
  readonly input: Float64Array;
  readonly output: Float64Array;
  /** float64[outputs], by the output; the layer may overwrite it. */
  readonly deltas: Float64Array;
  /** float64[inputs], by the input: written whole. */
  readonly below: Float64Array;
}
