/** The same sums by TensorFlow.js: for comparison, and for nets so wide that its libraries win. */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Activation, DenseLayer, Model } from "../model.ts";
import { clipFactor, layerSquare } from "./clip.ts";
import { BLOCK_SLOTS, type Engine, type Examples } from "./engine.ts";
import { checkClipNorm, checkShapes } from "./shapes.ts";
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

    clippedSum(parameters, examples, clipNorm, sampled) {
      checkShapes(model, parameters, examples, sampled);
      checkClipNorm(clipNorm);
      const total = new Float64Array(model.parameters);
      eachChunk(parameters, examples, (chunk, layers) => {
        const passed = pass(tf, layers, chunk);
        const factors = Float32Array.from(passed.squares, (square, row) =>
          inRound(chunk, row, sampled) ? clipFactor(square, clipNorm) : 0,
        );
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

// Most entries that a chunk's tensors of one kind hold: 4 MB of float32.
const CHUNK_ENTRIES = 2 ** 20;

/** Whole blocks of examples; the last block is filled up with rows of zeros. */
interface Chunk {
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

function* chunksOf(examples: Examples, { layers, parameters }: Model): Generator<Chunk> {
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

function inRound({ start, count }: Chunk, row: number, sampled: Uint8Array | undefined): boolean {
  return row < count && sampled?.[start + row] !== 0;
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
  /** Squared norm of each row's whole gradient: float64[rows]. */
  readonly squares: Float64Array;
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
  const squares = new Float64Array(chunk.rows);
  const deltas: Tensor2D[] = [];
  let delta = tf.sub<Tensor2D>(tf.sigmoid(logits), labels);
  for (const [index, { layer, kernel, input }] of [...steps.entries()].reverse()) {
    deltas.unshift(delta);
    const inputSquares = rowSquares(input.dataSync<"float32">(), layer.inputs);
    const deltaSquares = rowSquares(delta.dataSync<"float32">(), layer.outputs);
    for (const [row, square] of inputSquares.entries()) {
      squares[row] = (squares[row] ?? 0) + layerSquare(square, deltaSquares[row] ?? 0);
    }
    const below = steps[index - 1];
    if (below === undefined) break;
    const slopes = slopesOf(tf, below.layer.activation, input);
    delta = tf.mul(tf.matMul(delta, kernel, false, true), slopes);
  }
  return { steps, deltas, squares };
}

/** Adds Σ factor·(input ⊗ deltas) to `total`: each block by itself in float32, then in float64. */
function addBlocks(
  tf: TensorFlow,
  { steps, deltas, squares }: Passed,
  factors: Float32Array,
  total: Float64Array,
): void {
  const blocks = factors.length / BLOCK_SLOTS;
  const column = tf.tensor2d(factors, [factors.length, 1]);
  const clean = cleaner(tf, squares);
  for (const [index, { layer, input }] of steps.entries()) {
    const delta = deltas[index];
    if (delta === undefined) throw new Error(`layer ${layer.name} has no deltas`);
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
