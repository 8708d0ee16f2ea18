import { describe, expect, it } from "vitest";
import { clientUpdate } from "../../../client/algorithms/client-update.ts";
import type { LocalRound } from "../../../client/algorithms/local-round.ts";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
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
  60,
  21,
);
const engine = fusedEngine(model);
const LEARNING_RATE = 0.3;
const shuffle = (round = 0) => stream(seededRoot(4), "shuffle", round, 0, "c1");
const update = (
  rows: ClientRows,
  clipNorm: number,
  own: Partial<LocalRound["training"] & Pick<LocalRound, "learningRate">> = {},
  round = 0,
) => {
  const { learningRate = LEARNING_RATE, ...local } = own;
  const training = {
    algorithm: "fedAvg",
    localEpochs: 1,
    batchSize: null,
    proximal: null,
    ...local,
  } as const;
  const asked = { parameters, rows, engine, training, learningRate, control: null };
  const epochs = training.localEpochs;
  return clientUpdate({ ...asked, epochs, round, shuffle: shuffle(round) }, "flat", clipNorm);
};

/** Gradient descent over all of `slots` at once, `epochs` times, by a plain loop. */
function slowUpdate(epochs: number, slots: readonly number[]): number[] {
  const weights = Float64Array.from(parameters);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const sum = new Float64Array(weights.length);
    for (const slot of slots) {
      const gradient = slowGradient(
        model,
        weights,
        inputOf(examples, slot),
        labelOf(examples, slot),
      );
      gradient.forEach((g, i) => {
        sum[i] = (sum[i] ?? 0) + g;
      });
    }
    sum.forEach((g, i) => {
      weights[i] = (weights[i] ?? 0) - (LEARNING_RATE * g) / slots.length;
    });
  }
  return Array.from(parameters, (before, i) => before - (weights[i] ?? 0));
}

const all = Array.from({ length: examples.count }, (_, slot) => slot);

it.each([1, 3])(
  "is the way that %i local epochs went, as a plain loop goes it",
  async (localEpochs) => {
    const { sum, bits } = await update({ examples }, 1e3, { localEpochs });
    expect(apart(sum, slowUpdate(localEpochs, all))).toBeLessThan(5e-6);
    expect(bits).toBe(1);
  },
);

it("trains on rows of the population alone", async () => {
  const present = Uint8Array.from(all, (slot) => Number(slot % 3 > 0));
  const { sum } = await update({ examples, present }, 1e3);
  const counted = all.filter((slot) => slot % 3 > 0);
  expect(apart(sum, slowUpdate(1, counted))).toBeLessThan(5e-6);
});

it("takes a step a batch, in an order that is anew in each round", async () => {
  const steps = await update({ examples }, 1e3, { batchSize: 7 });
  expect(steps.sum).not.toEqual((await update({ examples }, 1e3)).sum);
  expect(steps.sum).toEqual((await update({ examples }, 1e3, { batchSize: 7 })).sum);
  expect(steps.sum).not.toEqual((await update({ examples }, 1e3, { batchSize: 7 }, 1)).sum);
  // Nine steps of a ninth of the rows go about nine times as far as one step of all.
  const longer = norm(steps.sum) / norm((await update({ examples }, 1e3)).sum);
  expect(longer).toBeGreaterThan(5);
  expect(longer).toBeLessThan(10);
});

it("takes each batch's own rows, and each row once an epoch, as a plain loop does", async () => {
  const order = shuffle().permutation(60);
  const weights = Float64Array.from(parameters);
  for (let start = 0; start < 60; start += 7) {
    const batch = order.slice(start, start + 7);
    const sum = new Float64Array(weights.length);
    for (const slot of batch) {
      const own = slowGradient(model, weights, inputOf(examples, slot), labelOf(examples, slot));
      own.forEach((g, i) => {
        sum[i] = (sum[i] ?? 0) + g;
      });
    }
    sum.forEach((g, i) => {
      weights[i] = (weights[i] ?? 0) - (LEARNING_RATE * g) / batch.length;
    });
  }
  const due = Array.from(parameters, (before, i) => before - (weights[i] ?? 0));
  expect(apart((await update({ examples }, 1e3, { batchSize: 7 })).sum, due)).toBeLessThan(5e-6);
});

describe("is clipped as one vector", () => {
  it("to clipNorm, whatever the client did before", async () => {
    const { sum, bits } = await update({ examples }, 0.01, { localEpochs: 5, batchSize: 3 });
    expect(norm(sum)).toBeLessThanOrEqual(0.01 * (1 + 1e-12));
    expect(norm(sum)).toBeCloseTo(0.01, 9);
    expect(bits).toBe(-1);
  });

  it("with no more weight for a client of many rows: sizes do not count (defect 3 of peers)", async () => {
    const many = (times: number) => ({
      examples: {
        count: 60 * times,
        width: examples.width,
        inputs: Float32Array.from({ length: 180 * times }, (_, i) => examples.inputs[i % 180] ?? 0),
        labels: Float32Array.from({ length: 60 * times }, (_, i) => examples.labels[i % 60] ?? 0),
      },
    });
    const [one, ten] = [await update(many(1), 1e3), await update(many(10), 1e3)];
    expect(apart(ten.sum, one.sum)).toBeLessThan(5e-6);
  });
});

it.each([
  ["without rows", { count: 0, width: 3, inputs: new Float32Array(), labels: new Float32Array() }],
  ["whose rows are all outside the population", examples],
])("is nothing at all for a client %s: no update, and no bit", async (_, own) => {
  const present = new Uint8Array(own.count);
  const nothing = { sum: new Float64Array(model.parameters), bits: 0, finite: true };
  expect(await update({ examples: own, present }, 0.5)).toEqual(nothing);
});

it("is zeros where training diverged, and counts as clipped", async () => {
  // Past float32's end: the difference to the model before is infinite, or no number.
  const diverged = await update({ examples }, 0.5, { localEpochs: 40, learningRate: 1e41 });
  expect(diverged).toEqual({ sum: new Float64Array(model.parameters), bits: -1, finite: false });
});
