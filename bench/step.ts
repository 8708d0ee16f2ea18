/**
 * IO: what a clipped step costs. Private against plain on the fused engine, which is the price of
 * privacy; fused against TensorFlow.js on WASM and against the plain engine, which is its speed.
 * Both of a pair run in the same second, so that whatever else the machine does slows both.
 */
import { conv, dense } from "../cli/screen/doctor-engines.ts";
import type { Engine, Examples } from "../shared/engine/core/engine.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { plainEngine } from "../shared/engine/plain/engine.ts";
import { tensorflowEngine } from "../shared/engine/tensorflow/engine.ts";
import { buildModel } from "../shared/model/build-model.ts";
import { initialParameters } from "../shared/model/initial-parameters.ts";
import { type Model, positionsOf } from "../shared/model/model.ts";
import type { LayerSpec, ModelSpec } from "../shared/model/model-spec.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";

const PAIRS = 21;
/** Of each side of a pair, in milliseconds. */
const TURN_MS = 100;

/** @param ones of each row, the rest zeros, as one-hot columns have them; 0: normal numbers */
function setUp(input: ModelSpec["input"], layers: readonly LayerSpec[], count: number, ones = 0) {
  const loss = layers.length === 1 ? "binaryCrossEntropy" : "categoricalCrossEntropy";
  const model = buildModel({ input, layers, loss, init: { kind: "glorotUniform" } });
  const random = stream(seededRoot(1), "simulate", "bench");
  const parameters = initialParameters(model, random);
  const width = model.inputs;
  const inputs = new Float32Array(count * width);
  if (ones === 0) for (let i = 0; i < inputs.length; i++) inputs[i] = random.normal();
  const levels = Math.floor(width / Math.max(1, ones));
  for (let one = 0; one < count * ones; one++) {
    const [row, column] = [Math.floor(one / ones), one % ones];
    inputs[row * width + column * levels + random.below(levels)] = 1;
  }
  const classes = Math.max(2, model.outputs);
  const labels = Float32Array.from({ length: count }, () => random.below(classes));
  const examples: Examples = { count, width, inputs, labels };
  return { model, parameters, examples };
}

type Case = ReturnType<typeof setUp>;
type Step = () => unknown;

function clipped(engine: Pick<Engine, "clippedSum">, { parameters, examples }: Case): Step {
  return () => engine.clippedSum(parameters, examples, 1);
}

/** Milliseconds a step. */
function stepMs(step: Step, steps: number): number {
  const start = performance.now();
  for (let i = 0; i < steps; i++) step();
  return (performance.now() - start) / steps;
}

/** Steps that fill a turn, once they are compiled. */
function stepsOf(step: Step): number {
  for (const end = performance.now() + 5 * TURN_MS; performance.now() < end; ) step();
  return Math.ceil(TURN_MS / stepMs(step, 3));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Medians over the pairs: of a's time over b's, and of each. */
function compare(a: Step, b: Step) {
  const [aSteps, bSteps] = [stepsOf(a), stepsOf(b)];
  const pairs = Array.from(
    { length: PAIRS },
    () => [stepMs(a, aSteps), stepMs(b, bSteps)] as const,
  );
  return {
    ratio: median(pairs.map(([aMs, bMs]) => aMs / bMs)),
    aMs: median(pairs.map(([aMs]) => aMs)),
    bMs: median(pairs.map(([, bMs]) => bMs)),
  };
}

/** Products of a step on one example: forward, gradient, and back but for the first layer. */
function multiplications({ layers }: Model): number {
  return layers.reduce((sum, layer, l) => {
    if (layer.kind !== "dense" && layer.kind !== "conv") return sum;
    const bias = layer.kind === "dense" ? layer.outputs : layer.to[2];
    const positions = layer.kind === "dense" ? 1 : positionsOf(layer.to);
    return sum + (l === 0 ? 2 : 3) * positions * (layer.parameters - bias);
  }, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const mlp = [dense(128, "tanh"), dense(10)];
const cnn = [conv(16), conv(32), dense(10)];
const small = setUp([1, 1, 5], [dense(16, "tanh"), dense(2)], 80);

for (const [name, tried] of [
  ["784-128-10", setUp([1, 1, 784], mlp, 1024)],
  ["98-1, 12 of 98 inputs 1", setUp([1, 1, 98], [dense(1)], 1024, 12)],
  ["cnn 28×28, 16 and 32 filters 5×5 by 2", setUp([28, 28, 1], cnn, 1024)],
] as const) {
  const { model, parameters, examples } = tried;
  const engine = fusedEngine(model);
  const plain = () => engine.gradientSum(parameters, examples);
  const { ratio, aMs, bMs } = compare(clipped(engine, tried), plain);
  const speed = (multiplications(model) * examples.count) / aMs / 1e6;
  print(
    `private/plain ${ratio.toFixed(3)} on ${name}, batch ${examples.count}: ` +
      `${aMs.toFixed(3)} ms against ${bMs.toFixed(3)}, ${speed.toFixed(1)} GMAC/s`,
  );
}

for (const [name, tried] of [
  ["5-16-2", small],
  ["784-128-10", setUp([1, 1, 784], mlp, 256)],
] as const) {
  const wasm = await tensorflowEngine("tfjsWasm", tried.model);
  const { ratio, aMs, bMs } = compare(
    clipped(wasm, tried),
    clipped(fusedEngine(tried.model), tried),
  );
  print(
    `fused is ${ratio.toFixed(1)} × as fast as TensorFlow.js WASM on ${name}, ` +
      `batch ${tried.examples.count}: ${bMs.toFixed(3)} ms against ${aMs.toFixed(3)}`,
  );
}

for (const [name, tried] of [
  ["5-16-2", small],
  ["cnn", setUp([28, 28, 1], cnn, 64)],
] as const) {
  const { ratio, aMs, bMs } = compare(
    clipped(plainEngine(tried.model), tried),
    clipped(fusedEngine(tried.model), tried),
  );
  print(
    `fused is ${ratio.toFixed(1)} × as fast as the plain engine on ${name}, ` +
      `batch ${tried.examples.count}: ${bMs.toFixed(3)} ms against ${aMs.toFixed(3)}`,
  );
}
