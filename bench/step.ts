/** IO: how many times as fast as TensorFlow.js on WASM the fused kernel is at one clipped step. */
import type { Engine, Examples } from "../shared/engine/engine.ts";
import { fusedEngine } from "../shared/engine/fused.ts";
import { tensorflowEngine } from "../shared/engine/tensorflow.ts";
import { buildModel, initialParameters } from "../shared/model.ts";
import { seededRoot, stream } from "../shared/random.ts";

const INPUTS = 5;
const HIDDEN = 16;
const BATCH = 80;
const PAIRS = 21;
const FUSED_STEPS = 400;
const WASM_STEPS = 80;

const model = buildModel({ kind: "mlp", hidden: [HIDDEN], activation: "tanh" }, INPUTS);
const random = stream(seededRoot(1), "simulate", "bench");
const parameters = initialParameters(model, random);
const examples: Examples = {
  count: BATCH,
  width: INPUTS,
  inputs: Float32Array.from({ length: BATCH * INPUTS }, () => random.normal()),
  labels: Float32Array.from({ length: BATCH }, () => random.below(2)),
};

/** Milliseconds a step, over `steps` of them. */
function stepMs(engine: Engine, steps: number): number {
  const start = performance.now();
  for (let i = 0; i < steps; i++) engine.clippedSum(parameters, examples, 1);
  return (performance.now() - start) / steps;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const fused = fusedEngine(model);
const wasm = await tensorflowEngine("tfjsWasm", model);
for (const engine of [fused, wasm]) stepMs(engine, 1000); // until it is compiled

// Each pair runs in the same second, so that whatever else the machine does slows both.
const pairs = Array.from({ length: PAIRS }, () => ({
  fusedMs: stepMs(fused, FUSED_STEPS),
  wasmMs: stepMs(wasm, WASM_STEPS),
}));
const ratio = median(pairs.map(({ fusedMs, wasmMs }) => wasmMs / fusedMs));
const [fusedMs, wasmMs] = [
  median(pairs.map((pair) => pair.fusedMs)),
  median(pairs.map((pair) => pair.wasmMs)),
];
process.stdout.write(
  `fused is ${ratio.toFixed(1)} × as fast as TensorFlow.js WASM at a ${INPUTS}-${HIDDEN}-1 step, ` +
    `batch ${BATCH}: ${fusedMs.toFixed(3)} ms against ${wasmMs.toFixed(3)} (median of ${PAIRS} pairs)\n`,
);
