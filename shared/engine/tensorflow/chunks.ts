/** Examples in chunks that a tensor library takes at once, without tensors larger than memory likes. */
import type { Model } from "../../model/model.ts";
import { BLOCK_SLOTS } from "../core/engine.ts";

/** Most numbers that a chunk's examples go through on their way: 4 MB of float32. */
const CHUNK_ENTRIES = 2 ** 20;

/** Examples from `start` up to `end`; `endsBlock` where the next one begins a block of the sum. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly endsBlock: boolean;
}

/**
 * First to last: whole blocks, or where one example goes through many numbers, an even part of one.
 * How long they are follows from the model alone, so that sums have the same bits however
 * whole blocks are handed in.
 */
export function* chunksOf(count: number, model: Model): Generator<Chunk> {
  const rows = chunkRows(model);
  for (let start = 0; start < count; start += rows) {
    const end = Math.min(start + rows, count);
    yield { start, end, endsBlock: end === count || end % BLOCK_SLOTS === 0 };
  }
}

/** A multiple of BLOCK_SLOTS, or a power of two below it. */
function chunkRows({ inputs, layers }: Model): number {
  const entries = layers.reduce((sum, { outputs }) => sum + outputs, inputs);
  const most = CHUNK_ENTRIES / entries;
  if (most >= BLOCK_SLOTS) return Math.floor(most / BLOCK_SLOTS) * BLOCK_SLOTS;
  return 2 ** Math.max(0, Math.floor(Math.log2(most)));
}
