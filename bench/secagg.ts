/**
 * IO: what masks cost. A plain aggregation is all that a round does to updates but training and sockets:
 * each client rounds and adds its share of noise, frames are made, checked and added up. The secure one
 * is the same with masks. A plain round trains before that, on 600 records a client where the model is
 * MNIST's 784-128-10. All run in one process, one after the other; times are the processor's.
 *
 *     node --single-threaded-gc dist/bench/secagg.js (as hosts run)
 */
import { createHash } from "node:crypto";
import { dense } from "../cli/screen/doctor-engines.ts";
import { MaskingClient } from "../client/secagg/masking-client.ts";
import { UnmaskingServer } from "../server/secagg/unmasking-server.ts";
import { addUpdate, newSum } from "../server/step/gather.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { signingKey } from "../shared/keys/proofs.ts";
import { buildModel } from "../shared/model/build-model.ts";
import { initialParameters } from "../shared/model/initial-parameters.ts";
import { fillDiscreteGaussian } from "../shared/noise/discrete-gaussian.ts";
import { roundToLattice } from "../shared/noise/lattice.ts";
import { secureRoot, seededRoot, stream } from "../shared/noise/random.ts";
import { clientLattice } from "../shared/privacy/lattice-terms.ts";
import { attemptContext } from "../shared/secagg/attempt-context.ts";
import { confirmationOf, openKeyList, type SecaggSetup } from "../shared/secagg/key-list.ts";
import {
  packKeyList,
  packKeys,
  packPackets,
  packShares,
  packSignatures,
  packSurvivors,
} from "../shared/secagg/step-lists.ts";
import { type SecaggTerms, secaggTerms } from "../shared/secagg/terms.ts";
import { encodeObject, readFrame, type WireObject } from "../shared/wire/codec.ts";

const SIGMA = 1_549;

interface Cost {
  /** Milliseconds of all clients together. */
  clientMs: number;
  serverMs: number;
  upBytes: number;
  downBytes: number;
}

const NOTHING: Readonly<Cost> = { clientMs: 0, serverMs: 0, upBytes: 0, downBytes: 0 };

function timed<T>(cost: Cost, side: "clientMs" | "serverMs", work: () => T): T {
  const start = process.cpuUsage();
  const result = work();
  cost[side] += msSince(start);
  return result;
}

/** Of the processor: the machine may have other things to do. */
function msSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** A client's stage before masks, whatever they are. */
function noisedUpdate(sum: Float64Array, scale: number): Int32Array {
  const update = roundToLattice(sum, scale);
  const noise = new Int32Array(update.length);
  fillDiscreteGaussian(noise, SIGMA, stream(secureRoot, "noise"));
  for (let i = 0; i < update.length; i++) update[i] = (update[i] ?? 0) + (noise[i] ?? 0);
  return update;
}

/** Out of a client, into the coordinator's hands: its bytes again, their hash checked. */
function transported(cost: Cost, object: WireObject): Buffer {
  const ids = { vclient: 0, round: 0, attempt: 0, stream: 0 };
  const { sha256, frames } = timed(cost, "clientMs", () => encodeObject(object, ids));
  cost.upBytes += frames.reduce((bytes, frame) => bytes + frame.length, 0);
  return timed(cost, "serverMs", () => {
    const bytes = Buffer.concat(frames.map((frame) => readFrame(frame).payload));
    const hash = createHash("sha256").update(bytes).digest("base64url");
    if (hash !== sha256) throw new Error("other bytes");
    return bytes;
  });
}

const wordsIn = (bytes: Buffer) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

function plainRound(sums: readonly Float64Array[], scale: number): Cost {
  const cost = { ...NOTHING };
  const total = newSum(sums[0]?.length ?? 0);
  for (const sum of sums) {
    const values = timed(cost, "clientMs", () => noisedUpdate(sum, scale));
    const bytes = transported(cost, { kind: "update", values });
    timed(cost, "serverMs", () => addUpdate(total, wordsIn(bytes)));
  }
  return cost;
}

async function secureRound(
  sums: readonly Float64Array[],
  scale: number,
  setup: SecaggSetup,
  lost: number,
): Promise<Cost> {
  const cost = { ...NOTHING };
  const clients = identities
    .slice(0, sums.length)
    .map((identity, u) => timed(cost, "clientMs", () => new MaskingClient(setup, u, identity)));
  const parameters = sums[0]?.length ?? 0;
  const server = new UnmaskingServer({ ...setup, parameters, largestSum: 2 ** 31 });
  const up = (bytes: Buffer) => {
    cost.upBytes += bytes.length;
  };
  const down = (bytes: Buffer, times = 1) => {
    cost.downBytes += bytes.length * times;
  };
  for (const client of clients) {
    const keys = timed(cost, "clientMs", () => client.advertise());
    up(packKeys(keys));
    timed(cost, "serverMs", () => server.takeKeys(keys));
  }
  const published = timed(cost, "serverMs", () => server.closeKeys());
  down(packKeyList(published), clients.length);
  const list = timed(cost, "clientMs", () => openKeyList(published, setup));
  for (const [u, client] of clients.entries()) {
    const packets = timed(cost, "clientMs", () => client.share(list));
    up(packPackets(packets));
    timed(cost, "serverMs", () => server.takePackets(u, packets));
  }
  const inboxes = timed(cost, "serverMs", () => server.closePackets());
  const staying = [...clients.entries()].slice(lost);
  for (const [u, client] of staying) {
    const inbox = inboxes.get(u) ?? [];
    down(packPackets(inbox));
    const values = timed(cost, "clientMs", () =>
      client.mask(inbox, noisedUpdate(sums[u] ?? new Float64Array(), scale)),
    );
    const bytes = transported(cost, { kind: "masked", values });
    timed(cost, "serverMs", () =>
      server.takeMasked(u, new Uint32Array(wordsIn(bytes).buffer, bytes.byteOffset, parameters)),
    );
  }
  const survivors = timed(cost, "serverMs", () => server.closeMasked());
  down(packSurvivors(survivors), staying.length);
  for (const [u, client] of staying) {
    const signature = timed(cost, "clientMs", () => client.confirm(survivors));
    up(signature);
    timed(cost, "serverMs", () => server.takeSignature(u, signature));
  }
  const signatures = timed(cost, "serverMs", () => server.closeSignatures());
  down(packSignatures(signatures), staying.length);
  const confirmation = timed(cost, "clientMs", () =>
    confirmationOf(survivors, signatures, setup, list),
  );
  for (const [u, client] of staying) {
    const shares = timed(cost, "clientMs", () => client.unmask(confirmation));
    up(packShares(shares));
    timed(cost, "serverMs", () => server.takeShares(u, shares));
  }
  const start = process.cpuUsage();
  await server.closeShares();
  cost.serverMs += msSince(start);
  return cost;
}

const identities = Array.from({ length: 1_000 }, () => signingKey());

function setupOf(terms: SecaggTerms): SecaggSetup {
  const ids = { runId: "00".repeat(16), round: 0, attempt: 0, planHash: "00".repeat(32) };
  const roster = identities.slice(0, terms.clients).map(({ publicKey }) => publicKey);
  return { terms, context: attemptContext(ids), roster };
}

function sumsOf(clients: number, parameters: number): Float64Array[] {
  const random = stream(seededRoot(1), "simulate", "bench");
  const sum = Float64Array.from({ length: parameters }, () => random.normal() / 100);
  return Array.from({ length: clients }, () => sum);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const total = (cost: Cost) => cost.clientMs + cost.serverMs;
const print = (line: string) => process.stdout.write(`${line}\n`);

async function compare(
  terms: SecaggTerms,
  parameters: number,
  lost: number,
  runs: number,
  training?: number,
) {
  const { scale } = clientLattice(parameters, 1);
  const { clients, degree, threshold } = terms;
  const sums = sumsOf(clients, parameters);
  const setup = setupOf(terms);
  const rounds: { plain: Cost; secure: Cost }[] = [];
  for (let run = 0; run < runs; run++) {
    rounds.push({
      plain: plainRound(sums, scale),
      secure: await secureRound(sums, scale, setup, lost),
    });
  }
  const of = (value: (round: { plain: Cost; secure: Cost }) => number) => median(rounds.map(value));
  const fixed = (value: number, digits = 2) => value.toFixed(digits);
  print(
    `${clients} clients × ${parameters} parameters, k ${degree ?? clients - 1}, t ${threshold}, ` +
      `${lost} lost: time ${fixed(of(({ plain, secure }) => total(secure) / total(plain)))} × plain ` +
      `(a client ${fixed(
        of(({ secure }) => secure.clientMs / clients),
        1,
      )} ms against ` +
      `${fixed(
        of(({ plain }) => plain.clientMs / clients),
        1,
      )}, the coordinator ` +
      `${fixed(
        of(({ secure }) => secure.serverMs),
        0,
      )} ms against ` +
      `${fixed(
        of(({ plain }) => plain.serverMs),
        0,
      )}); bytes up ` +
      `${fixed(
        of(({ plain, secure }) => secure.upBytes / plain.upBytes),
        3,
      )} × plain, lists down ` +
      `${fixed(
        of(({ secure }) => secure.downBytes / clients / 1_000),
        1,
      )} kB a client ` +
      `(median of ${runs} rounds)`,
  );
  if (training === undefined) return;
  const all = clients * training;
  const round = of(({ plain, secure }) => (total(secure) + all) / (total(plain) + all));
  print(
    `with ${training.toFixed(1)} ms of training a client the round is ${round.toFixed(2)} × plain`,
  );
}

/** One client's milliseconds, with a graph of that degree. */
async function clientCost(clients: number, degree: number, parameters: number): Promise<number> {
  const terms = { clients, threshold: degree / 2 + 1, degree, leastSurvivors: 3, quorum: 3 };
  const { scale } = clientLattice(parameters, 1);
  const sums = sumsOf(clients, parameters);
  const cost = await secureRound(sums, scale, setupOf(terms), 0);
  return cost.clientMs / clients;
}

/** Milliseconds of one client's clipped sum over its share of MNIST: 600 records, 784-128-10. */
function trainingMs(): number {
  const layers = [dense(128, "tanh"), dense(10)];
  const loss = "categoricalCrossEntropy";
  const init = { kind: "glorotUniform" } as const;
  const model = buildModel({ input: [1, 1, 784], layers, loss, init });
  const random = stream(seededRoot(1), "simulate", "bench");
  const parameters = initialParameters(model, random);
  const [count, width] = [600, model.inputs];
  const inputs = Float32Array.from({ length: count * width }, () => random.uniform());
  const labels = Float32Array.from({ length: count }, () => random.below(10));
  const engine = fusedEngine(model);
  const step = () => {
    const start = process.cpuUsage();
    engine.clippedSum(parameters, { count, width, inputs, labels }, 1);
    return msSince(start);
  };
  return median(Array.from({ length: 20 }, step));
}

// Until compiled.
await compare(secaggTerms(20, { minCohort: 16, colluders: 1 }), 100_000, 1, 2);
print("");
await compare(secaggTerms(100, { minCohort: 80, colluders: 1 }), 101_770, 0, 3, trainingMs());
await compare(secaggTerms(100, { minCohort: 80, colluders: 1 }), 100_000, 10, 1);
await compare(secaggTerms(1_000, { minCohort: 900, colluders: 100 }), 10_000, 0, 1);
await compare(secaggTerms(1_000, { minCohort: 900, colluders: 100 }), 10_000, 100, 1);
for (const [clients, degree] of [
  [150, 16],
  [150, 32],
  [150, 64],
  [150, 128],
  [300, 32],
  [600, 32],
] as const) {
  const ms = await clientCost(clients, degree, 10_000);
  print(`a client of ${clients} with ${degree} neighbours: ${ms.toFixed(2)} ms`);
}
