/** An integer sum in, the next model out: decode, divide, step. All of it is post-processing. */
import { decode } from "../shared/lattice.ts";

/** A model between rounds, and what the steps before left behind. */
interface Stepped {
  /** float32[parameters]. */
  readonly parameters: Float32Array;
  /** The decaying sum of past gradients, float64[parameters]: zeros before the first round. */
  readonly velocity: Float64Array;
}

/** The same, ready for its next round. */
export interface ModelState extends Stepped {
  /** In force in that round: what is sent, clipped to, scaled and noised by. */
  readonly clipNorm: number;
}

/** The plan's numbers that turn a sum of lattice steps into a mean gradient. */
interface Decoding {
  /** Lattice steps to one model unit. */
  readonly scale: number;
  /** Sampling rate × population. */
  readonly expectedUnits: number;
}

/**
 * One step of gradient descent with momentum (Polyak 1964): g = sum / scale / expectedUnits,
 * v ← momentum·v + g, w ← w − learningRate·v.
 *
 * Dividing by the units that really took part would release their number, and let one unit's
 * presence move every other unit's weight; the noise is calibrated for neither.
 *
 * @param sum int32[parameters], noise included
 * @param momentum in [0, 1); 0 is plain descent
 * @returns new arrays; `before` stays as it was
 */
export function release(
  sum: Int32Array,
  { scale, expectedUnits }: Decoding,
  before: Stepped,
  learningRate: number,
  momentum: number,
): Stepped {
  const { parameters, velocity } = before;
  if (sum.length !== parameters.length || sum.length !== velocity.length) {
    throw new RangeError(`a sum of ${sum.length} for ${parameters.length} parameters`);
  }
  const gradient = decode(sum, scale).map((g) => g / expectedUnits);
  const moved = velocity.map((v, i) => momentum * v + (gradient[i] ?? 0));
  return {
    parameters: parameters.map((w, i) => w - learningRate * (moved[i] ?? 0)),
    velocity: moved,
  };
}
