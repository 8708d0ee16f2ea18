/** What holds for every algorithm whose unit is the client: bounds, and what is never in a sum. */
import { describe, expect, it } from "vitest";
import {
  clientUpdate,
  isMoved,
  rawUpdate,
  roundedUpdate,
} from "../../../client/algorithms/client-update.ts";
import type { LocalRound } from "../../../client/algorithms/local-round.ts";
import { nextControl } from "../../../client/algorithms/scaffold.ts";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { roundUpdate } from "../../../shared/noise/lattice.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { vectorLength } from "../../../shared/training/algorithms.ts";
import {
  apart,
  inputOf,
  labelOf,
  norm,
  randomCase,
  slowGradient,
} from "../../support/slow-network.ts";

const { model, parameters, examples } = randomCase(
  { kind: "mlp", hidden: [4], activation: "tanh" },
  3,
  40,
  22,
);
const engine = fusedEngine(model);
const OF_CLIENTS = ["fedSgd", "fedAvg", "fedProx", "scaffold"] as const;
type Name = (typeof OF_CLIENTS)[number];
const CONTROL = Float32Array.from(parameters, (_, i) => (i % 3) / 8 - 0.1);
const OWN = Float32Array.from(parameters, (_, i) => 0.2 - (i % 5) / 16);

function roundOf(
  algorithm: Name,
  rows: ClientRows,
  training: Partial<LocalRound["training"]> = {},
  more: Partial<LocalRound> = {},
): LocalRound {
  const broadcast = new Float32Array(vectorLength(algorithm, model.parameters));
  broadcast.set(parameters);
  if (algorithm === "scaffold") broadcast.set(CONTROL, model.parameters);
  const proximal = algorithm === "fedProx" ? 0.5 : null;
  const { localEpochs = 1 } = training;
  return {
    parameters: broadcast,
    rows,
    engine,
    training: { algorithm, localEpochs, batchSize: null, proximal, ...training },
    learningRate: 0.25,
    epochs: localEpochs,
    control: algorithm === "scaffold" ? OWN : null,
    shuffle: stream(seededRoot(4), "shuffle", 0, 0, "c1"),
    round: 0,
    ...more,
  };
}

it("fedProx of μ = 0 is fedAvg, bit for bit", async () => {
  const local = { localEpochs: 3, batchSize: 7 };
  const prox = await rawUpdate(roundOf("fedProx", { examples }, { ...local, proximal: 0 }));
  expect(prox).toEqual(await rawUpdate(roundOf("fedAvg", { examples }, local)));
  const drawn = await rawUpdate(roundOf("fedProx", { examples }, { ...local, proximal: 0.5 }));
  expect(norm(drawn)).toBeLessThan(0.99 * norm(prox));
});

it("fedAvg of one epoch and one batch is a step of gradient descent; fedSgd its gradient", async () => {
  const mean = new Float64Array(model.parameters);
  for (let i = 0; i < 40; i++)
    slowGradient(model, parameters, inputOf(examples, i), labelOf(examples, i)).forEach((g, j) => {
      mean[j] = (mean[j] ?? 0) + g / 40;
    });
  const moved = await rawUpdate(roundOf("fedAvg", { examples }));
  expect(
    apart(
      moved,
      mean.map((g) => 0.25 * g),
    ),
  ).toBeLessThan(1e-6);
  expect(apart(await rawUpdate(roundOf("fedSgd", { examples })), mean)).toBeLessThan(1e-6);
});

describe.each(OF_CLIENTS.filter(isMoved))("roundedUpdate of %s", (algorithm) => {
  const lattice = { scale: 2 ** 16, sensitivity: 2 ** 14 };
  const local = { localEpochs: 3, batchSize: 7 };

  it.each([
    ["flat", 0.02],
    ["flat", 100],
    ["perLayer", 0.02],
  ] as const)("has the integers of clientUpdate, rounded: %s to %d", async (clipping, bound) => {
    const { sum, ...others } = await clientUpdate(
      roundOf(algorithm, { examples }, local),
      clipping,
      bound,
    );
    const open = { ...lattice, sensitivity: 2 ** 26 };
    const round = roundOf(algorithm, { examples }, local);
    const { steps, ...rest } = await roundedUpdate(round, clipping, bound, open);
    expect(steps).toEqual(roundUpdate(sum, open));
    expect(steps.some((q) => q !== 0)).toBe(true);
    expect(rest).toEqual(others);
  });

  it("is nothing at all of a client without rows", async () => {
    const nobody = roundOf(algorithm, { examples, present: new Uint8Array(examples.count) });
    expect(await roundedUpdate(nobody, "flat", 1, lattice)).toEqual({
      steps: new Int32Array(model.parameters),
      bits: 0,
      finite: true,
    });
  });
});

describe("scaffold", () => {
  it("counts a client's own steps, not the plan's epochs, and tells neither", async () => {
    // Forty rows in batches of 16 are three steps an epoch.
    const round = roundOf("scaffold", { examples }, { localEpochs: 2, batchSize: 16 });
    const update = await rawUpdate(round);
    const [moved, control] = [
      update.subarray(0, model.parameters),
      update.subarray(model.parameters),
    ];
    const due = Array.from(moved, (x, i) => 0.25 * 2 * (x / (6 * 0.25) - (CONTROL[i] ?? 0)));
    expect(apart(control, due)).toBeLessThan(1e-12);
  });

  it("corrects each step by both controls", async () => {
    const corrected = await rawUpdate(roundOf("scaffold", { examples }));
    const plain = await rawUpdate(roundOf("fedAvg", { examples }));
    const due = Array.from(plain, (x, i) => x + 0.25 * ((CONTROL[i] ?? 0) - (OWN[i] ?? 0)));
    expect(apart(corrected.subarray(0, model.parameters), due)).toBeLessThan(1e-6);
  });

  it.each(["flat", "perLayer"] as const)("is clipped as one vector: %s", async (clipping) => {
    const round = roundOf("scaffold", { examples }, { localEpochs: 4 });
    const raw = await rawUpdate(round);
    const bound = norm(raw) / 3;
    const { sum, bits } = await clientUpdate(round, clipping, bound);
    expect(sum).toHaveLength(2 * model.parameters);
    expect(norm(sum)).toBeLessThanOrEqual(bound * (1 + 1e-12));
    expect(bits).toBe(-1);
    if (clipping === "flat")
      expect(
        apart(
          sum,
          raw.map((x) => x / 3),
        ),
      ).toBeLessThan(1e-6);
    // Two layers of each of two vectors: four parts, each within its share.
    const [hidden, both] = [16, 21];
    const parts = [
      [0, hidden],
      [hidden, both],
      [both, both + hidden],
      [both + hidden, 2 * both],
    ] as const;
    expect(model.parameters).toBe(both);
    if (clipping === "perLayer")
      for (const [from, to] of parts)
        expect(norm(sum.subarray(from, to))).toBeLessThanOrEqual((bound / 2) * (1 + 1e-12));
  });

  it("moves its own control by what it sent, and by nothing else", async () => {
    const round = roundOf("scaffold", { examples }, { localEpochs: 4 });
    const { sum } = await clientUpdate(round, "flat", 0.01);
    const next = nextControl(round, sum);
    const sent = sum.subarray(model.parameters);
    expect(norm(sent)).toBeLessThanOrEqual(0.01);
    expect(
      apart(
        next,
        Array.from(OWN, (c, i) => c + (sent[i] ?? 0) / (0.25 * 4)),
      ),
    ).toBeLessThan(1e-7);
  });
});

describe.each(OF_CLIENTS)("%s", (algorithm) => {
  const nothing = new Float64Array(vectorLength(algorithm, model.parameters));
  const holding = (value: number): ClientRows => {
    const inputs = Float32Array.from(examples.inputs);
    inputs[5] = value;
    return { examples: { ...examples, inputs } };
  };

  it("row 50: sends nothing at all of a client without rows, and no bit", async () => {
    const none = { count: 0, width: 3, inputs: new Float32Array(), labels: new Float32Array() };
    const outside = { examples, present: new Uint8Array(40) };
    for (const rows of [{ examples: none }, outside])
      expect(await clientUpdate(roundOf(algorithm, rows), "flat", 1)).toEqual({
        sum: nothing,
        bits: 0,
        finite: true,
      });
  });

  it.each([Number.NaN, Infinity])("row 36: sends zeros where a row holds %d", async (value) => {
    const sent = await clientUpdate(roundOf(algorithm, holding(value)), "flat", 1);
    expect(sent).toEqual({ sum: nothing, bits: -1, finite: false });
  });

  it("keeps its control where it sent zeros", async () => {
    const round = roundOf("scaffold", holding(Number.NaN));
    const { sum } = await clientUpdate(round, "flat", 1);
    expect(nextControl(round, sum)).toEqual(OWN);
  });

  it("keeps an update that explodes within the bound", async () => {
    const local = algorithm === "fedSgd" ? {} : { localEpochs: 30 };
    const wild = roundOf(algorithm, { examples }, local, { learningRate: 1e12 });
    const { sum, bits } = await clientUpdate(wild, "flat", 1e-6);
    expect(norm(sum)).toBeLessThanOrEqual(1e-6 * (1 + 1e-12));
    expect(bits).toBe(-1);
  });

  it("takes a client whose rows are all of one class like any other", async () => {
    const one = { examples: { ...examples, labels: new Float32Array(40).fill(1) } };
    const { sum, bits } = await clientUpdate(roundOf(algorithm, one), "flat", 1e3);
    expect(sum.every(Number.isFinite)).toBe(true);
    expect(norm(sum)).toBeGreaterThan(0.01);
    expect(bits).toBe(1);
  });

  it("leaves rows outside the population out", async () => {
    const present = Uint8Array.from({ length: 40 }, (_, slot) => Number(slot !== 1));
    const rows = { ...holding(1e30), present };
    // The wild cell is row 1's.
    const { bits } = await clientUpdate(roundOf(algorithm, rows), "flat", 1e3);
    expect(bits).toBe(1);
  });
});
