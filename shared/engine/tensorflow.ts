/** The same sums by TensorFlow.js: for comparison, and for nets so wide that its libraries win. */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Activation, DenseLayer, Model } from "../model.ts";
import { type Chunk, chunksOf, inRound } from "./chunks.ts";
import { type ClipBounds, clipFactor, layerSquare } from "./clip.ts";
import { BLOCK_SLOTS, type Engine, type Examples } from "./engine.ts";
import { checkBounds, checkShapes } from "./shapes.ts";
import {
  loadTensorflow,
  selectBackend,
  type TensorFlow,
  type TensorflowKind,
} from "./tensorflow-backend.ts";

/**
 * An engine on one TensorFlow.js backend. Its float32 deltas and activations are read back, so that
 * norms are summed in float64: in float32 a wide layer's would err by more than clip.ts allows.
 *
 * @throws Error where the backend is not installed or does not start
 */
export async function tensorflowEngine(kind: TensorflowKind, model: Model): Promise<Engine> {
  const tf = await loadTensorflow(kind);
  const eachChunk = (
    parameters: Float32Array,
    examples: Examples,
    work: (chunk: Chunk, layers: readonly LayerTensors[]) => void,
  ) => {
    selectBackend(tf, kind);
    tf.tidy(() => {
      const layers = layerTensors(tf, model, parameters);
      for (const chunk of chunksOf(examples, model)) tf.tidy(() => work(chunk, layers));
    });
  };
  return {
    kind,
    model,

    clippedSum(parameters, examples, bounds, sampled) {
      checkShapes(model, parameters, examples, sampled);
      checkBounds(model, bounds);
      const total = new Float64Array(model.parameters);
      eachChunk(parameters, examples, (chunk, layers) => {
        const passed = pass(tf, layers, chunk);
        const factors = clipFactors(passed, bounds, (row) => inRound(chunk, row, sampled));
        addBlocks(tf, passed, factors, total);
      });
      return total;
    },

    gradientNorms(parameters, examples) {
      checkShapes(model, parameters, examples);
      const norms = new Float64Array(examples.count);
      eachChunk(parameters, examples, (chunk, layers) => {
        const { squares } = pass(tf, layers, chunk);
        norms.set(squares.subarray(0, chunk.count).map(Math.sqrt), chunk.start);
      });
      return norms;
    },

    logits(parameters, examples) {
      checkShapes(model, parameters, examples);
      const logits = new Float32Array(examples.count);
      eachChunk(parameters, examples, (chunk, layers) => {
        const output = forward(tf, layers, chunk).logits.dataSync();
        logits.set(output.subarray(0, chunk.count), chunk.start);
      });
      return logits;
    },
  };
}

/** Each row's factor by layer; a flat bound's are the same for all. */
function clipFactors(
  { squares, layerSquares }: Passed,
  bounds: ClipBounds,
  takesPart: (row: number) => boolean,
): (layer: number) => Float32Array {
  const clipped = (bound: number, own: Float64Array) =>
    Float32Array.from(own, (square, row) =>
      // A row that is not finite anywhere gives nothing anywhere.
      takesPart(row) && clipFactor(squares[row] ?? NaN, 1) > 0 ? clipFactor(square, bound) : 0,
    );
  if (typeof bounds === "number") {
    const factors = clipped(bounds, squares);
    return () => factors;
  }
  return (layer) => clipped(bounds[layer] ?? NaN, layerSquares[layer] ?? squares);
}

interface LayerTensors {
  readonly layer: DenseLayer;
  readonly kernel: Tensor2D;
  readonly bias: Tensor1D;
}

function layerTensors(tf: TensorFlow, model: Model, parameters: Float32Array): LayerTensors[] {
  return model.layers.map((layer) => {
    const { inputs, outputs, offset } = layer;
    const end = offset + inputs * outputs;
    return {
      layer,
      kernel: tf.tensor2d(parameters.slice(offset, end), [inputs, outputs]),
      bias: tf.tensor1d(parameters.slice(end, end + outputs)),
    };
  });
}

/** One layer on the way: what went in and, on the way back, its deltas, a row an example. */
interface Step extends LayerTensors {
  readonly input: Tensor2D;
}

interface Passed {
  readonly steps: readonly Step[];
  /** Of each step, first to last. */
  readonly deltas: readonly Tensor2D[];
  /** Squared norm of each row's whole gradient, and of each layer's part: float64[rows]. */
  readonly squares: Float64Array;
  readonly layerSquares: readonly Float64Array[];
}

function forward(
  tf: TensorFlow,
  layers: readonly LayerTensors[],
  { rows, inputs }: Chunk,
): { steps: Step[]; logits: Tensor2D } {
  const steps: Step[] = [];
  let output = tf.tensor2d(inputs, [rows, inputs.length / rows]);
  for (const tensors of layers) {
    steps.push({ ...tensors, input: output });
    const { layer, kernel, bias } = tensors;
    output = activate(tf, layer.activation, tf.add(tf.matMul(output, kernel), bias));
  }
  return { steps, logits: output };
}

/** Forward, then back: as fused.ts, but every example at once. */
function pass(tf: TensorFlow, layers: readonly LayerTensors[], chunk: Chunk): Passed {
  const { steps, logits } = forward(tf, layers, chunk);
  const labels = tf.tensor2d(chunk.labels, [chunk.rows, 1]);
  const layerSquares: Float64Array[] = [];
  const deltas: Tensor2D[] = [];
  let delta = tf.sub<Tensor2D>(tf.sigmoid(logits), labels);
  for (const [index, { layer, kernel, input }] of [...steps.entries()].reverse()) {
    deltas.unshift(delta);
    const inputSquares = rowSquares(input.dataSync<"float32">(), layer.inputs);
    const deltaSquares = rowSquares(delta.dataSync<"float32">(), layer.outputs);
    layerSquares.unshift(
      inputSquares.map((square, row) => layerSquare(square, deltaSquares[row] ?? 0)),
    );
    const below = steps[index - 1];
    if (below === undefined) break;
    const slopes = slopesOf(tf, below.layer.activation, input);
    delta = tf.mul(tf.matMul(delta, kernel, false, true), slopes);
  }
  // Last layer first, as fused.ts adds them: the same bits.
  const squares = layerSquares.reduceRight(
    (sum, layer) => sum.map((square, row) => square + (layer[row] ?? 0)),
    new Float64Array(chunk.rows),
  );
  return { steps, deltas, squares, layerSquares };
}

/**
 * Adds Σ factor·(input ⊗ deltas) to `total`: each block by itself in float32, then in float64.
 *
 * @param factorsOf layer l at l, float32[rows]
 */
function addBlocks(
  tf: TensorFlow,
  { steps, deltas, squares }: Passed,
  factorsOf: (layer: number) => Float32Array,
  total: Float64Array,
): void {
  const blocks = squares.length / BLOCK_SLOTS;
  const clean = cleaner(tf, squares);
  for (const [index, { layer, input }] of steps.entries()) {
    const delta = deltas[index];
    if (delta === undefined) throw new Error(`layer ${layer.name} has no deltas`);
    const column = tf.tensor2d(factorsOf(index), [squares.length, 1]);
    const { inputs, outputs, offset } = layer;
    const weighted = tf.reshape(tf.mul(clean(delta), column), [blocks, BLOCK_SLOTS, outputs]);
    const activations = tf.reshape(clean(input), [blocks, BLOCK_SLOTS, inputs]);
    addEach(total, offset, inputs * outputs, tf.matMul(activations, weighted, true));
    addEach(total, offset + inputs * outputs, outputs, tf.sum(weighted, 1));
  }
}

/** Adds float32[blocks × size] to `total` from `offset` on, block after block. */
function addEach(total: Float64Array, offset: number, size: number, sums: Tensor): void {
  const values = sums.dataSync<"float32">();
  for (let start = 0; start < values.length; start += size) {
    for (const [i, value] of values.subarray(start, start + size).entries()) {
      total[offset + i] = (total[offset + i] ?? 0) + value;
    }
  }
}

/** Makes zeros of the rows whose gradient is not finite: a factor of 0 would leave their NaN. */
function cleaner(tf: TensorFlow, squares: Float64Array): (rows: Tensor2D) => Tensor2D {
  if (squares.every(Number.isFinite)) return (rows) => rows;
  const finite = Uint8Array.from(squares, (square) => (Number.isFinite(square) ? 1 : 0));
  const keep = tf.tensor2d(finite, [finite.length, 1], "bool");
  return (rows) => tf.where(keep, rows, tf.zerosLike(rows));
}

function activate(tf: TensorFlow, activation: Activation, values: Tensor2D): Tensor2D {
  if (activation === "tanh") return tf.tanh(values);
  if (activation === "relu") return tf.relu(values);
  if (activation === "sigmoid") return tf.sigmoid(values);
  return values;
}

/** Slope of the activation function where it gave `values`. */
function slopesOf(tf: TensorFlow, activation: Activation, values: Tensor2D): Tensor2D {
  if (activation === "tanh") return tf.sub(1, tf.square(values));
  if (activation === "relu") return tf.cast(tf.greater(values, 0), "float32");
  if (activation === "sigmoid") return tf.mul(values, tf.sub(1, values));
  return tf.onesLike(values);
}

/** Sum of squares of each row of float32[rows × width]: float64[rows]. */
function rowSquares(values: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: values.length / width }, (_, row) => {
    let sum = 0;
    for (const x of values.subarray(row * width, (row + 1) * width)) sum += x * x;
    return sum;
  });
}
