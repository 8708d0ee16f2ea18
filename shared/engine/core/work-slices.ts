/**
 * Long work in short pieces, so that heartbeats go on: between two the event loop turns. Where it is
 * cut follows from rows and model alone, never from a clock, and pieces are whole blocks of records,
 * whose sums have the same bits as at once.
 */
import { setImmediate } from "node:timers/promises";
import type { Model } from "../../model/model.ts";
import { positionsOf } from "../../model/model.ts";
import { BLOCK_SLOTS, type Engine, type Examples, exampleSlice } from "./engine.ts";

/** Multiplications forward between two turns: at most some 50 ms of the fused engine's forward and backward pass. */
const WORK_BETWEEN_TURNS = 2 ** 24;
/** What a row costs whatever the model, in the same currency: it is copied, and its batch is begun. */
const WORK_OF_ANY_ROW = 64;

export class WorkSlices {
  /** Rows that may be worked on at once: whole blocks. */
  readonly rows: number;
  readonly #ofRow: number;
  #done = 0;

  /** @param share of the rows that are worked on at all; the others are passed over */
  constructor(model: Model, share = 1) {
    this.#ofRow = workOf(model) * share;
    const blocks = Math.floor(WORK_BETWEEN_TURNS / (this.#ofRow * BLOCK_SLOTS));
    this.rows = BLOCK_SLOTS * Math.max(1, blocks);
  }

  /** To be awaited after so many rows: lets the event loop turn once enough has been done. */
  async after(rows: number): Promise<void> {
    this.#done += rows * this.#ofRow;
    if (this.#done < WORK_BETWEEN_TURNS) return;
    this.#done = 0;
    await setImmediate();
  }
}

/** Calls `visit` with the ends of each piece of `count` rows, in order, turning in between; `share` as of `WorkSlices`. */
export async function inPieces(
  count: number,
  model: Model,
  visit: (start: number, end: number) => void,
  share = 1,
): Promise<void> {
  const turns = new WorkSlices(model, share);
  for (let start = 0; start < count; start += turns.rows) {
    const end = Math.min(start + turns.rows, count);
    visit(start, end);
    await turns.after(end - start);
  }
}

/** The outputs of any number of rows, float32[count × outputs], the event loop turning meanwhile. */
export async function outputsInTurns(
  engine: Engine,
  parameters: Float32Array,
  examples: Examples,
): Promise<Float32Array> {
  const { outputs: width } = engine.model;
  const outputs = new Float32Array(examples.count * width);
  await inPieces(examples.count, engine.model, (start, end) => {
    outputs.set(engine.outputs(parameters, exampleSlice(examples, start, end)), start * width);
  });
  return outputs;
}

/** Multiplications of one row's way forward; what has no kernel counts its outputs. */
function workOf({ layers }: Model): number {
  return layers.reduce((work, layer) => {
    const own = layer.kind === "conv" ? layer.parameters * positionsOf(layer.to) : layer.parameters;
    return work + own + layer.outputs;
  }, WORK_OF_ANY_ROW);
}
