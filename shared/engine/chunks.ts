/** Examples in chunks that a tensor library takes at once, without tensors larger than memory likes. */
import type { Model } from "../model.ts";
import { BLOCK_SLOTS, type Examples } from "./engine.ts";

// Most entries that a chunk's tensors of one kind hold: 4 MB of float32.
const CHUNK_ENTRIES = 2 ** 20;

/** Whole blocks of examples; the last block is filled up with rows of zeros. */
export interface Chunk {
  /** Index of its first example, and how many it has. */
  readonly start: number;
  readonly count: number;
  /** A multiple of BLOCK_SLOTS, count or more. */
  readonly rows: number;
  /** float32[rows × width] */
  readonly inputs: Float32Array;
  /** float32[rows] */
  readonly labels: Float32Array;
}

/** First to last. */
export function* chunksOf(examples: Examples, { layers, parameters }: Model): Generator<Chunk> {
  const { count: total, width } = examples;
  const widest = Math.max(...layers.flatMap(({ inputs, outputs }) => [inputs, outputs]));
  const blocks = Math.ceil(CHUNK_ENTRIES / Math.max(parameters, widest * BLOCK_SLOTS));
  for (let start = 0; start < total; start += blocks * BLOCK_SLOTS) {
    const count = Math.min(blocks * BLOCK_SLOTS, total - start);
    const rows = Math.ceil(count / BLOCK_SLOTS) * BLOCK_SLOTS;
    const inputs = new Float32Array(rows * width);
    inputs.set(examples.inputs.subarray(start * width, (start + count) * width));
    const labels = new Float32Array(rows);
    labels.set(examples.labels.subarray(start, start + count));
    yield { start, count, rows, inputs, labels };
  }
}

/** Whether the example of that row is in the round. */
export function inRound(
  { start, count }: Chunk,
  row: number,
  sampled: Uint8Array | undefined,
): boolean {
  return row < count && sampled?.[start + row] !== 0;
}
