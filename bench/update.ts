/**
 * What a client's update costs: FedAvg over a dense 784-128-10 network, 60 rows, one epoch in batches of ten, clipped
 * and rounded to the lattice. Milliseconds of processor an update, of one thread; nothing is sent.
 */

import { dense } from "../cli/screen/doctor-engines.ts";
import { roundedUpdate } from "../client/algorithms/client-update.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { buildModel } from "../shared/model/build-model.ts";
import { initialParameters } from "../shared/model/initial-parameters.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";

const [ROWS, WIDTH, CLASSES] = [60, 784, 10];
const [WARM_UP, TURNS, UPDATES] = [60, 15, 20];

const model = buildModel({
  input: [1, 1, WIDTH],
  layers: [dense(128, "tanh"), dense(CLASSES)],
  loss: "categoricalCrossEntropy",
  init: { kind: "glorotUniform" },
});
const random = stream(seededRoot(1), "simulate", "bench");
const parameters = initialParameters(model, random);
const inputs = Float32Array.from({ length: ROWS * WIDTH }, () => random.normal());
const labels = Float32Array.from({ length: ROWS }, () => random.below(CLASSES));
const rows = { examples: { count: ROWS, width: WIDTH, inputs, labels } };
const engine = fusedEngine(model);
const lattice = { scale: 2 ** 20, sensitivity: 2 ** 19 };

async function update(i: number): Promise<Int32Array> {
  const shuffle = stream(seededRoot(1), "shuffle", i);
  const training = { algorithm: "fedAvg", localEpochs: 1, batchSize: 10, proximal: null } as const;
  const round = { parameters, rows, engine, training, learningRate: 0.1, epochs: 1, shuffle };
  const { steps } = await roundedUpdate(
    { ...round, control: null, round: i },
    "flat",
    0.3,
    lattice,
  );
  return steps;
}

const times: number[] = [];
for (let i = 0; i < WARM_UP; i++) await update(i);
for (let turn = 0; turn < TURNS; turn++) {
  const from = process.cpuUsage();
  for (let i = 0; i < UPDATES; i++) await update(i);
  const { user, system } = process.cpuUsage(from);
  times.push((user + system) / 1000 / UPDATES);
}
times.sort((a, b) => a - b);
const median = times[TURNS >> 1] ?? 0;
process.stdout.write(`${median.toFixed(2)} ms of processor an update (median of ${TURNS} turns)\n`);
