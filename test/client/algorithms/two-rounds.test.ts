/**
 * Two rounds of each algorithm, the clients' part and the coordinator's, against loops written out
 * here: three parameters, three clients of which one has no rows, nothing noised or clipped.
 */
import { describe, expect, it } from "vitest";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { clientRound } from "../../../client/round/client-round.ts";
import { optimizerOf } from "../../../server/optimizers/optimizer-of.ts";
import { stepModel } from "../../../server/rounds/server-round.ts";
import { addUpdate, newSum } from "../../../server/step/gather.ts";
import { broadcastOf, type ModelState } from "../../../server/step/release.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import type { Training } from "../../../shared/plan/training-plan.ts";
import { type Algorithm, stepsLocally, vectorLength } from "../../../shared/training/algorithms.ts";
import type { OptimizerSpec } from "../../../shared/training/optimizer-spec.ts";
import { denseModel } from "../../support/nets.ts";
import { DP_SGD, planWith } from "../../support/plans.ts";
import { apart } from "../../support/slow-network.ts";
import { stateAt } from "../../support/states.ts";

type Row = readonly [a: number, b: number, label: 0 | 1];
const TABLES: readonly (readonly Row[])[] = [
  [
    [1, -0.5, 1],
    [0.25, 0.75, 0],
    [-1, 0.25, 1],
  ],
  [
    [0.5, 0.5, 0],
    [-0.25, -1, 0],
  ],
  [],
];
const CLIENTS = 3;
const EPOCHS = 3;
const RATES = [0.75, 0.5];
const SERVER_RATE = 1.5;
const MU = 0.375;
const START = [0.25, -0.5, 0.125];
const model = denseModel({ kind: "logistic", activation: "tanh" }, 2);
const engine = fusedEngine(model);

/** So coarse is what a client sends: three half steps of the lattice, twice, over three clients. */
const TOLERANCE = 1e-3;
const CLIP_NORM = 4;

function rowsOf(rows: readonly Row[]): ClientRows {
  return {
    examples: {
      count: rows.length,
      width: 2,
      inputs: Float32Array.from({ length: 2 * rows.length }, (_, i) => {
        const [a, b] = rows[i >> 1] ?? [0, 0];
        return i % 2 === 0 ? a : b;
      }),
      labels: Float32Array.from(rows, ([, , label]) => label),
    },
  };
}

/** Two rounds as a run goes them, under trust none. */
async function ran(
  algorithm: Algorithm,
  optimizer: OptimizerSpec = { kind: "sgd" },
  tables = TABLES,
): Promise<ModelState> {
  const privacy = planWith({
    unit: algorithm === "dpSgd" ? "record" : "client",
    trust: "none",
    targetEpsilon: null,
    population: algorithm === "dpSgd" ? 5 : CLIENTS,
    clients: CLIENTS,
    minCohort: 1,
    delta: 0.01,
    clipNorm: CLIP_NORM,
    parameters: vectorLength(algorithm, 3),
  });
  const local = stepsLocally(algorithm);
  const training: Training = {
    ...DP_SGD,
    algorithm,
    learningRates: RATES,
    serverLearningRate: local ? SERVER_RATE : null,
    localEpochs: local ? EPOCHS : 1,
    proximal: algorithm === "fedProx" ? MU : null,
    optimizer,
  };
  const control = algorithm === "scaffold" ? new Float32Array(3) : null;
  let state: ModelState = {
    ...stateAt(Float32Array.from(START), CLIP_NORM),
    optimizer: optimizerOf(optimizer).start(3),
    control,
  };
  const controls = new Map<string, Float32Array>();
  for (const round of [0, 1]) {
    const sum = newSum(privacy.parameters);
    for (const [i, table] of tables.entries()) {
      const client = `c${i}`;
      const asked = { client, round, attempt: 0, task: "train", clipNorm: CLIP_NORM } as const;
      const todo = { ...asked, parameters: broadcastOf(state), control: controls.get(client) };
      const answer = await clientRound(todo, rowsOf(table), engine, { privacy, training }, ROOT);
      addUpdate(sum, answer.update);
      if (answer.control) controls.set(client, answer.control);
    }
    state = stepModel({ privacy, training }, state, round, sum).next;
  }
  return state;
}
const ROOT = seededRoot(3);

/** Mean over the rows of (σ(w·x + b) − label)·(x, 1). */
function gradient([p = 0, q = 0, bias = 0]: readonly number[], rows: readonly Row[]): number[] {
  const mean = [0, 0, 0];
  for (const [a, b, label] of rows) {
    const error = 1 / (1 + Math.exp(-(p * a + q * b + bias))) - label;
    [a, b, 1].forEach((x, i) => {
      mean[i] = (mean[i] ?? 0) + (error * x) / rows.length;
    });
  }
  return mean;
}

const plus = (a: readonly number[], factor: number, b: readonly number[]) =>
  a.map((x, i) => x + factor * (b[i] ?? Number.NaN));
const ZERO = [0, 0, 0];

/** What each round moves on average, by an algorithm's own words; the coordinator steps along it. */
function byHand(
  moved: (w: readonly number[], round: number) => readonly number[],
  rate: (round: number) => number,
): number[] {
  let w = [...START];
  for (const round of [0, 1]) w = plus(w, -rate(round), moved(w, round));
  return w;
}

/** Mean over all clients of before − after; `drift` is added to each of a client's own gradients. */
function localMoves(
  w: readonly number[],
  round: number,
  drift: (y: readonly number[], client: number) => readonly number[],
  tables = TABLES,
): number[] {
  let mean = [...ZERO];
  tables.forEach((rows, client) => {
    if (rows.length === 0) return;
    let y = [...w];
    for (let epoch = 0; epoch < EPOCHS; epoch++)
      y = plus(y, -(RATES[round] ?? 0), plus(gradient(y, rows), 1, drift(y, client)));
    mean = plus(mean, 1 / CLIENTS, plus(w, -1, y));
  });
  return mean;
}

const FED_AVG = byHand(
  (w, round) => localMoves(w, round, () => ZERO),
  () => SERVER_RATE,
);

describe("two rounds equal the hand's", () => {
  it("of dpSgd: the sum over records, by their number", async () => {
    const due = byHand(
      (w) => TABLES.reduce((all, t) => plus(all, t.length / 5, gradient(w, t)), ZERO),
      (round) => RATES[round] ?? 0,
    );
    expect(apart((await ran("dpSgd")).parameters, due)).toBeLessThan(TOLERANCE);
  });

  it("of fedSgd: the mean over clients of each one's mean gradient", async () => {
    const due = byHand(
      (w) => TABLES.reduce((all, t) => plus(all, 1 / CLIENTS, gradient(w, t)), ZERO),
      (round) => RATES[round] ?? 0,
    );
    expect(apart((await ran("fedSgd")).parameters, due)).toBeLessThan(TOLERANCE);
  });

  it("of fedAvg", async () => {
    expect(apart((await ran("fedAvg")).parameters, FED_AVG)).toBeLessThan(TOLERANCE);
  });

  it("of fedProx: drawn back to the broadcast model", async () => {
    const due = byHand(
      (w, round) => localMoves(w, round, (y) => plus(y, -1, w).map((x) => MU * x)),
      () => SERVER_RATE,
    );
    expect(apart((await ran("fedProx")).parameters, due)).toBeLessThan(TOLERANCE);
    expect(apart(due, FED_AVG)).toBeGreaterThan(20 * TOLERANCE);
  });

  it("of scaffold, its control too", async () => {
    let c = [...ZERO];
    const own = TABLES.map(() => [...ZERO]);
    const due = byHand(
      (w, round) => {
        const common = c;
        const before = own.map((one) => [...one]);
        const drift = (_: unknown, client: number) => plus(common, -1, before[client] ?? []);
        // One client after the other, as each one's own control moves by its own way.
        TABLES.forEach((rows, client) => {
          if (rows.length === 0) return;
          const alone = TABLES.map((table, i) => (i === client ? table : []));
          const way = localMoves(w, round, drift, alone).map((x) => CLIENTS * x);
          const next = plus(
            plus(before[client] ?? [], -1, common),
            1 / (EPOCHS * (RATES[round] ?? 0)),
            way,
          );
          c = plus(c, 1 / CLIENTS, plus(next, -1, before[client] ?? []));
          own[client] = next;
        });
        return localMoves(w, round, drift);
      },
      () => SERVER_RATE,
    );
    const { parameters, control } = await ran("scaffold");
    expect(apart(parameters, due)).toBeLessThan(TOLERANCE);
    expect(apart(control ?? [], c)).toBeLessThan(TOLERANCE);
    expect(apart(due, FED_AVG)).toBeGreaterThan(20 * TOLERANCE);
  });

  it.each([
    ["momentum", { kind: "momentum", momentum: 0.5 }],
    ["adam", { kind: "adam", beta1: 0.75, beta2: 0.5, epsilon: 0.25 }],
    ["yogi", { kind: "yogi", beta1: 0.75, beta2: 0.5, epsilon: 0.25 }],
    ["adagrad", { kind: "adagrad", beta1: 0.25, epsilon: 0.25 }],
  ] as const)("of fedAvg with %s", async (kind, spec) => {
    let [m, v] = [[...ZERO], ZERO.map(() => 0.25 ** 2)];
    const due = byHand(
      (w, round) => {
        const delta = localMoves(w, round, () => ZERO);
        if (spec.kind === "momentum") {
          m = plus(delta, 0.5, m);
          return m;
        }
        m = m.map((x, i) => spec.beta1 * x + (1 - spec.beta1) * (delta[i] ?? 0));
        v = v.map((x, i) => {
          const square = (delta[i] ?? 0) ** 2;
          if (kind === "adagrad") return x + square;
          if (kind === "adam") return 0.5 * x + 0.5 * square;
          return x - 0.5 * square * (x > square ? 1 : -1);
        });
        return m.map((x, i) => x / (Math.sqrt(v[i] ?? 0) + 0.25));
      },
      () => SERVER_RATE,
    );
    // An adaptive step may be 1 / 2τ times as long as the update, and with it the lattice's error.
    expect(apart((await ran("fedAvg", spec)).parameters, due)).toBeLessThan(3 * TOLERANCE);
    expect(apart(due, FED_AVG)).toBeGreaterThan(20 * TOLERANCE);
  });
});

it("scaffold is fedAvg where clients are alike, all are there and batches are whole", async () => {
  const alike = [TABLES[0] ?? [], TABLES[0] ?? [], TABLES[0] ?? []];
  const [scaffold, fedAvg] = [
    await ran("scaffold", { kind: "sgd" }, alike),
    await ran("fedAvg", { kind: "sgd" }, alike),
  ];
  expect(apart(scaffold.parameters, fedAvg.parameters)).toBeLessThan(TOLERANCE);
  // Its controls are at work all the same.
  expect(Math.hypot(...(scaffold.control ?? []))).toBeGreaterThan(0.1);
});
