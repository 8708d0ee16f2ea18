/** The same sums by TensorFlow.js: for comparison, and for nets so wide that its libraries win. */
import type { Model } from "../../model/model.ts";
import { BLOCK_SLOTS, type Engine, type Examples, exampleSlice } from "../core/engine.ts";
import { checkBounds, checkShapes } from "../core/shapes.ts";
import { loadTensorflow, selectBackend, type TensorFlow, type TensorflowKind } from "./backend.ts";
import { type Chunk, chunksOf } from "./chunks.ts";
import type { TensorLayer } from "./layer.ts";
import { forward, loadLayer, type Passed, pass } from "./pass.ts";
import { addClipped, addPlain, endBlock, rowNorm, type Span } from "./sum.ts";

/**
 * An engine on one TensorFlow.js backend, for every model there is. Its products are float32; what is
 * measured is what is added, read back and squared in float64.
 *
 * @throws Error where the backend is not installed or does not start
 */
export async function tensorflowEngine(kind: TensorflowKind, model: Model): Promise<Engine> {
  const tf = await loadTensorflow(kind);
  const { eachChunk, eachPass } = chunkwise(tf, kind, model);
  return {
    kind,
    model,

    clippedSum(parameters, examples, bounds, sampled, sum) {
      checkShapes(model, parameters, examples, sampled);
      checkBounds(model, bounds);
      const total = sum ?? new Float64Array(model.parameters);
      const block = new Float32Array(model.parameters);
      eachPass(parameters, examples, (passed, chunk) => {
        const takesPart = (row: number) => sampled?.[chunk.start + row] !== 0;
        eachBlock(chunk, total, block, (span) =>
          addClipped(passed, bounds, takesPart, span, block),
        );
      });
      return total;
    },

    gradientSum(parameters, examples, sum, fresh = false) {
      checkShapes(model, parameters, examples);
      const total = sum ?? new Float64Array(model.parameters);
      if (fresh) total.fill(0);
      const block = new Float32Array(model.parameters);
      eachPass(parameters, examples, (passed, chunk) =>
        eachBlock(chunk, total, block, (span) => addPlain(passed, span, block)),
      );
      return total;
    },

    gradientNorms(parameters, examples) {
      checkShapes(model, parameters, examples);
      const norms = new Float64Array(examples.count);
      eachPass(parameters, examples, (passed, { start, end }) => {
        for (let i = start; i < end; i++) norms[i] = rowNorm(passed, i - start);
      });
      return norms;
    },

    outputs(parameters, examples) {
      checkShapes(model, parameters, examples);
      const outputs = new Float32Array(examples.count * model.outputs);
      eachChunk(parameters, examples, (loaded, { start, end }) => {
        const last = forward(loaded, exampleSlice(examples, start, end)).at(-1);
        if (last) outputs.set(last.output, start * model.outputs);
      });
      return outputs;
    },
  };
}

/** What goes chunk by chunk: only the weights' tensors outlive one. */
function chunkwise(tf: TensorFlow, kind: TensorflowKind, model: Model) {
  const layers = model.layers.map((layer) => loadLayer(tf, layer));
  const eachChunk = (
    parameters: Float32Array,
    { count }: Examples,
    work: (layers: readonly TensorLayer[], chunk: Chunk) => void,
  ) => {
    selectBackend(tf, kind);
    tf.tidy(() => {
      const loaded = layers.map((load) => load(parameters));
      for (const chunk of chunksOf(count, model)) tf.tidy(() => work(loaded, chunk));
    });
  };
  const eachPass = (
    parameters: Float32Array,
    examples: Examples,
    work: (passed: Passed, chunk: Chunk) => void,
  ) =>
    eachChunk(parameters, examples, (loaded, chunk) =>
      work(pass(tf, model, loaded, exampleSlice(examples, chunk.start, chunk.end)), chunk),
    );
  return { eachChunk, eachPass };
}

/**
 * The blocks of a chunk, or the part of one that it is: `add` adds rows to `block` in float32, and where
 * the block ends it moves to `total`, in float64.
 */
function eachBlock(
  { start, end, endsBlock }: Chunk,
  total: Float64Array,
  block: Float32Array,
  add: (span: Span) => void,
): void {
  for (let from = start; from < end; from += BLOCK_SLOTS) {
    const to = Math.min(from + BLOCK_SLOTS, end);
    add({ start: from - start, end: to - start });
    if (to === end && !endsBlock) return;
    endBlock(block, total);
  }
}
