/** The coordinator's step, as a pure function of its state and the mean update. */

export interface OptimizerState {
  /** What the updates so far add up to, decaying: float64[parameters]. */
  readonly moment: Float64Array;
  /** The same of their squares; empty for an optimizer that has no use for them. */
  readonly variance: Float64Array;
}

export interface Optimizer {
  /** Before the first round. */
  start(parameters: number): OptimizerState;
  /**
   * @param gradient the mean update, as a gradient points: float64[parameters]
   * @returns what is to be taken off the model, and the next state; nothing is changed in place
   */
  advance(
    state: OptimizerState,
    gradient: Float64Array,
    rate: number,
  ): { readonly step: Float64Array; readonly state: OptimizerState };
}
