/**
 * IO: what a step of DP-SGD costs with its noise: gradients clipped example by example and added, the sum rounded to the
 * lattice, integer Gaussian noise for each parameter, one step of SGD. One thread; bench/peers/dp_sgd_step.py has the same
 * steps by Opacus. Milliseconds of processor, medians of turns.
 *
 *     node dist/bench/dp-step.js [TURNS]
 */
import { conv, dense } from "../cli/screen/doctor-engines.ts";
import { momentumOptimizer } from "../server/optimizers/momentum.ts";
import { release } from "../server/step/release.ts";
import type { Examples } from "../shared/engine/core/engine.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { buildModel } from "../shared/model/build-model.ts";
import { initialParameters } from "../shared/model/initial-parameters.ts";
import type { LayerSpec, ModelSpec } from "../shared/model/model-spec.ts";
import { roundToLattice } from "../shared/noise/lattice.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";
import { fillRoundedGaussian } from "../shared/noise/rounded-gaussian.ts";

const TURNS = Number(process.argv[2] ?? 15);
const STEPS = 20;
const LATTICE = { scale: 2 ** 20, sensitivity: 2 ** 20 };

interface Case {
  readonly name: string;
  readonly input: ModelSpec["input"];
  readonly layers: readonly LayerSpec[];
  readonly batch: number;
}

const MLP = { input: [1, 1, 784], layers: [dense(128, "tanh"), dense(10)] } as const;
const CNN = { input: [28, 28, 1], layers: [conv(16), conv(32), dense(10)] } as const;
const CASES: readonly Case[] = [
  { name: "784-128-10, batch 64", ...MLP, batch: 64 },
  { name: "784-128-10, batch 256", ...MLP, batch: 256 },
  { name: "cnn, 16 and 32 filters 5×5 by 2, batch 64", ...CNN, batch: 64 },
];

/** @returns a step of the case, which moves its model */
function stepOf({ input, layers, batch }: Case): () => void {
  const loss = "categoricalCrossEntropy";
  const model = buildModel({ input, layers, loss, init: { kind: "glorotUniform" } });
  const random = stream(seededRoot(1), "simulate", "bench");
  const inputs = Float32Array.from({ length: batch * model.inputs }, () => random.normal());
  const labels = Float32Array.from({ length: batch }, () => random.below(model.outputs));
  const examples: Examples = { count: batch, width: model.inputs, inputs, labels };
  const engine = fusedEngine(model);
  const optimizer = momentumOptimizer(0);
  const noise = new Int32Array(model.parameters);
  let state = {
    parameters: initialParameters(model, random),
    optimizer: optimizer.start(model.parameters),
  };
  const decoding = { scale: LATTICE.scale, expectedUnits: batch };
  return () => {
    const sum = engine.clippedSum(state.parameters, examples, 1);
    const steps = roundToLattice(sum, LATTICE.scale);
    fillRoundedGaussian(noise, LATTICE.sensitivity, random);
    for (let i = 0; i < steps.length; i++) steps[i] = (steps[i] ?? 0) + (noise[i] ?? 0);
    state = release(steps, decoding, state, 0.1, optimizer);
  };
}

function processorMs(work: () => void): number {
  const from = process.cpuUsage();
  for (let i = 0; i < STEPS; i++) work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000 / STEPS;
}

for (const one of CASES) {
  const step = stepOf(one);
  for (let i = 0; i < 3; i++) processorMs(step); // until compiled
  const times = Array.from({ length: TURNS }, () => processorMs(step)).sort((a, b) => a - b);
  const of = (share: number) => (times[Math.floor(share * (TURNS - 1))] ?? 0).toFixed(2);
  process.stdout.write(`${one.name}: ${of(0.5)} ms of processor a step (${of(0)} to ${of(1)})\n`);
}
