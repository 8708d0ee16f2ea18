/** SCAFFOLD's control at the coordinator (Karimireddy et al. 2020, arXiv:1910.06378, algorithm 1, line 17). */
import { decode } from "../../shared/noise/lattice.ts";
import type { ReleasedSum } from "./release.ts";

interface ControlTerms {
  /** Lattice steps to one model unit. */
  readonly scale: number;
  /** N: all there are, in this round or not. */
  readonly clients: number;
  /** Of the clients' own steps in this round. */
  readonly learningRate: number;
  readonly localEpochs: number;
}

/**
 * c ← c + |S|/N · mean of Δc over S, which is the sum of them over N. Each client sends its Δc times
 * learningRate·localEpochs, in model units (client/algorithms/scaffold.ts).
 *
 * @param sum int32[parameters], noise included
 * @returns a new array
 */
export function scaffoldStep(
  control: Float32Array,
  sum: ReleasedSum,
  { scale, clients, learningRate, localEpochs }: ControlTerms,
): Float32Array {
  if (sum.length !== control.length)
    throw new RangeError(`a sum of ${sum.length} for a control of ${control.length}`);
  const moved = decode(sum, scale);
  const divisor = clients * learningRate * localEpochs;
  const next = new Float32Array(control.length);
  for (let i = 0; i < next.length; i++) next[i] = (control[i] ?? 0) + (moved[i] ?? 0) / divisor;
  return next;
}
