/**
 * What a client's update costs: FedAvg over a dense 784-128-10 network, 60 rows, one epoch in batches of ten, clipped
 * and rounded to the lattice; and over 9-16-1 and ten rows. Milliseconds of processor an update, of one thread; nothing is sent.
 */

import { dense } from "../cli/screen/doctor-engines.ts";
import { roundedUpdate } from "../client/algorithms/client-update.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { buildModel } from "../shared/model/build-model.ts";
import { initialParameters } from "../shared/model/initial-parameters.ts";
import type { Model } from "../shared/model/model.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";

const TURNS = 15;

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly model: Model;
  readonly classes: number;
  /** Updates before the first turn, and in each. */
  readonly warmUp: number;
  readonly updates: number;
}

const CASES: readonly Case[] = [
  {
    name: "784-128-10, 60 rows",
    rows: 60,
    model: buildModel({
      input: [1, 1, 784],
      layers: [dense(128, "tanh"), dense(10)],
      loss: "categoricalCrossEntropy",
      init: { kind: "glorotUniform" },
    }),
    classes: 10,
    warmUp: 60,
    updates: 20,
  },
  {
    name: "9-16-1, 10 rows",
    rows: 10,
    model: buildModel({
      input: [1, 1, 9],
      layers: [dense(16, "tanh"), dense(1)],
      loss: "binaryCrossEntropy",
      init: { kind: "glorotUniform" },
    }),
    classes: 2,
    warmUp: 600,
    updates: 300,
  },
];

async function measure({
  name,
  rows: count,
  model,
  classes,
  warmUp,
  updates,
}: Case): Promise<void> {
  const random = stream(seededRoot(1), "simulate", "bench");
  const parameters = initialParameters(model, random);
  const width = model.inputs;
  const inputs = Float32Array.from({ length: count * width }, () => random.normal());
  const labels = Float32Array.from({ length: count }, () => random.below(classes));
  const rows = { examples: { count, width, inputs, labels } };
  const engine = fusedEngine(model);
  const lattice = { scale: 2 ** 20, sensitivity: 2 ** 19 };
  const training = { algorithm: "fedAvg", localEpochs: 1, batchSize: 10, proximal: null } as const;
  const update = (round: number) => {
    const shuffle = stream(seededRoot(1), "shuffle", round);
    const local = { parameters, rows, engine, training, learningRate: 0.1, epochs: 1, shuffle };
    return roundedUpdate({ ...local, control: null, round }, "flat", 0.3, lattice);
  };
  const times: number[] = [];
  for (let i = 0; i < warmUp; i++) await update(i);
  for (let turn = 0; turn < TURNS; turn++) {
    const from = process.cpuUsage();
    for (let i = 0; i < updates; i++) await update(i);
    const { user, system } = process.cpuUsage(from);
    times.push((user + system) / 1000 / updates);
  }
  times.sort((a, b) => a - b);
  const median = times[TURNS >> 1] ?? 0;
  const text = `${name}: ${median.toFixed(3)} ms of processor an update (median of ${TURNS} turns)`;
  process.stdout.write(`${text}\n`);
}

for (const one of CASES) await measure(one);
