/** An integer sum in, the next model out: decode, divide, step. All of it is post-processing. */
import { decode } from "../../shared/noise/lattice.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import type { Averaged } from "./averaging.ts";

/** A model between rounds, and what the steps before left behind. */
interface Stepped {
  /** float32[parameters]. */
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
}

/** The same, ready for its next round. */
export interface ModelState extends Stepped {
  /** SCAFFOLD: the coordinator's control, float32[parameters]; else null. */
  readonly control: Float32Array | null;
  /** Of the models released so far; null: none is averaged, or not yet. */
  readonly averaged: Averaged | null;
  /** In force in that round: what is sent, clipped to, scaled and noised by. */
  readonly clipNorm: number;
}

/** What clients begin with: the model, and where there is one the control after it. */
export function broadcastOf({
  parameters,
  control,
}: Pick<ModelState, "parameters" | "control">): Float32Array {
  if (control === null) return parameters;
  const both = new Float32Array(parameters.length + control.length);
  both.set(parameters);
  both.set(control, parameters.length);
  return both;
}

/** What the run evaluates, shows and saves: the average where there is one, else the last model. */
export function outputModel({ parameters, averaged }: ModelState): Float32Array {
  return averaged === null ? parameters : Float32Array.from(averaged.mean);
}

/** Whole steps of the lattice; of a robust aggregation whatever lies between them. */
export type ReleasedSum = Int32Array | Float64Array;

/** The plan's numbers that turn a sum of lattice steps into a mean gradient. */
interface Decoding {
  /** Lattice steps to one model unit. */
  readonly scale: number;
  /** Sampling rate × population. */
  readonly expectedUnits: number;
}

/**
 * One step of the optimizer along g = sum / scale / expectedUnits.
 *
 * Dividing by the units that really took part would release their number, and let one unit's
 * presence move every other unit's weight; the noise is calibrated for neither.
 *
 * @param sum [parameters] in lattice steps, noise included
 * @returns new arrays; `before` stays as it was
 */
export function release(
  sum: ReleasedSum,
  { scale, expectedUnits }: Decoding,
  before: Stepped,
  rate: number,
  optimizer: Optimizer,
): Stepped {
  const { parameters, optimizer: state } = before;
  if (sum.length !== parameters.length || sum.length !== state.moment.length) {
    throw new RangeError(`a sum of ${sum.length} for ${parameters.length} parameters`);
  }
  const gradient = decode(sum, scale);
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] ?? 0) / expectedUnits;
  const advanced = optimizer.advance(state, gradient, rate);
  const next = new Float32Array(parameters.length);
  for (let i = 0; i < next.length; i++) next[i] = (parameters[i] ?? 0) - (advanced.step[i] ?? 0);
  return { parameters: next, optimizer: advanced.state };
}
