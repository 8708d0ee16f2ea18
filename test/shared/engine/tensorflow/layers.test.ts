/**
 * Every kind of layer on TensorFlow.js against the plain engine: one example after the other in
 * float64, which shares nothing with it but the layout of the parameters.
 */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type Engine, type Examples, exampleSlice } from "../../../../shared/engine/core/engine.ts";
import { plainEngine } from "../../../../shared/engine/plain/engine.ts";
import { tensorflowEngine } from "../../../../shared/engine/tensorflow/engine.ts";
import { buildModel } from "../../../../shared/model/build-model.ts";
import { initialParameters } from "../../../../shared/model/initial-parameters.ts";
import { lossOf } from "../../../../shared/model/loss.ts";
import { type Model, trainedLayers } from "../../../../shared/model/model.ts";
import type { LayerSpec, Loss, ModelSpec, Shape } from "../../../../shared/model/model-spec.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";
import { apart, norm } from "../../../support/slow-network.ts";

const dense = (units: number, activation: "linear" | "relu" | "tanh" | "sigmoid" = "linear") =>
  ({ kind: "dense", units, activation }) as const;
const conv = (filters: number, more: Partial<Extract<LayerSpec, { kind: "conv" }>> = {}) =>
  ({
    kind: "conv",
    filters,
    size: [3, 2],
    stride: [1, 1],
    padding: "valid",
    activation: "tanh",
    ...more,
  }) as const;
const pool = (
  pooling: "max" | "average",
  padding: "same" | "valid",
  stride: readonly [number, number] = [2, 2],
) => ({ kind: "pool", pooling, size: [2, 3], stride, padding }) as const;

interface Case {
  readonly input: Shape;
  readonly layers: readonly LayerSpec[];
  readonly loss?: Loss;
}

const CASES: Record<string, Case> = {
  "dense, four classes": { input: [1, 1, 7], layers: [dense(5, "sigmoid"), dense(4)] },
  "dense, squared error": {
    input: [1, 1, 7],
    layers: [dense(6, "relu"), dense(3)],
    loss: "meanSquaredError",
  },
  "one number, squared error": {
    input: [1, 1, 7],
    layers: [dense(1)],
    loss: "meanSquaredError",
  },
  "convolution, valid": { input: [6, 5, 2], layers: [conv(3), dense(3)] },
  "convolution, same, strides": {
    input: [7, 6, 1],
    layers: [
      conv(4, { padding: "same", stride: [2, 3], size: [3, 4], activation: "relu" }),
      conv(3, { padding: "same", size: [2, 2], activation: "sigmoid" }),
      dense(1),
    ],
    loss: "binaryCrossEntropy",
  },
  "maximum of windows that overlap": {
    input: [6, 7, 2],
    layers: [conv(2), pool("max", "same", [1, 2]), dense(3)],
  },
  "average, padding left out": {
    input: [7, 7, 1],
    layers: [conv(2, { activation: "linear" }), pool("average", "same"), conv(2), dense(3)],
  },
  "maximum right above the input": { input: [5, 6, 2], layers: [pool("max", "valid"), dense(3)] },
  "group normalization and an activation of its own": {
    input: [5, 5, 1],
    layers: [
      conv(6, { activation: "linear" }),
      { kind: "groupNorm", groups: 3, epsilon: 1e-3 },
      { kind: "activation", activation: "relu" },
      dense(3),
    ],
  },
  "normalization of a plain row": {
    input: [1, 1, 8],
    layers: [
      dense(6, "tanh"),
      { kind: "groupNorm", groups: 1, epsilon: 1e-3 },
      { kind: "activation", activation: "sigmoid" },
      dense(2),
    ],
  },
};

function random(name: string, count: number) {
  const { input, layers, loss = "categoricalCrossEntropy" } = CASES[name] ?? { input: [1, 1, 1] };
  if (layers === undefined) throw new Error(name);
  return caseOf({ input, layers, loss, init: { kind: "glorotUniform" } }, count);
}

function caseOf(spec: ModelSpec, count: number, seed = 5) {
  const draws = stream(seededRoot(seed), "simulate", "case");
  const model = buildModel(spec);
  const parameters = initialParameters(model, draws).map((w) => w + 0.2 * draws.normal());
  const classes = Math.max(2, model.outputs);
  const examples: Examples = {
    count,
    width: model.inputs,
    inputs: Float32Array.from({ length: count * model.inputs }, () => draws.normal()),
    labels: Float32Array.from({ length: count }, () => draws.below(classes)),
  };
  return { model, parameters, examples };
}

describe.each(["tfjsWasm", "tfjsCpu"] as const)("%s", (kind) => {
  describe.each(Object.keys(CASES))("%s", (name) => {
    const { model, parameters, examples } = random(name, 100);
    const plain = plainEngine(model);
    const norms = plain.gradientNorms(parameters, examples);
    const clipNorm = [...norms].sort((a, b) => a - b)[40] ?? NaN;
    const sampled = Uint8Array.from({ length: 100 }, (_, i) => Number(i % 3 > 0));

    const agrees = (sum: Float64Array, due: Float64Array) => {
      expect(norm(due)).toBeGreaterThan(0);
      expect(apart(sum, due)).toBeLessThan(1e-5 * norm(due));
    };

    it("agrees with the plain engine: sums, norms and outputs", async () => {
      const engine = await tensorflowEngine(kind, model);
      const bounds = trainedLayers(model).map((_, layer) => clipNorm / (layer + 2));
      for (const bound of [clipNorm, bounds]) {
        for (const mask of [undefined, sampled]) {
          const sum = engine.clippedSum(parameters, examples, bound, mask);
          agrees(sum, plain.clippedSum(parameters, examples, bound, mask));
        }
      }
      const sum = engine.gradientSum(parameters, examples);
      agrees(sum, plain.gradientSum(parameters, examples));
      const [most] = [...norms].sort((a, b) => b - a);
      const others = engine.gradientNorms(parameters, examples);
      expect(apart(others, norms)).toBeLessThan(1e-5 * (most ?? NaN));
      const outputs = plain.outputs(parameters, examples);
      expect(apart(engine.outputs(parameters, examples), outputs)).toBeLessThan(1e-5);
    });

    it("adds to the sum that it is handed, slice by slice, in the same bits as at once", async () => {
      const engine = await tensorflowEngine(kind, model);
      const whole = engine.clippedSum(parameters, examples, clipNorm);
      const plainly = engine.gradientSum(parameters, examples);
      const [clipped, sum] = [1, 2].map(() => new Float64Array(model.parameters));
      for (const [start, end] of [
        [0, 64],
        [64, 100],
      ] as const) {
        const slice = exampleSlice(examples, start, end);
        expect(engine.clippedSum(parameters, slice, clipNorm, undefined, clipped)).toBe(clipped);
        expect(engine.gradientSum(parameters, slice, sum)).toBe(sum);
      }
      expect(clipped).toEqual(whole);
      expect(sum).toEqual(plainly);
    });

    it("adds zero for an example that is not finite, and keeps the others", async () => {
      const engine = await tensorflowEngine(kind, model);
      const spoilt = { ...examples, inputs: examples.inputs.slice() };
      spoilt.inputs[3 * model.inputs + 1] = NaN;
      spoilt.inputs[70 * model.inputs] = Infinity;
      const others = Uint8Array.from({ length: 100 }, (_, i) => Number(i !== 3 && i !== 70));
      for (const bounds of [clipNorm, trainedLayers(model).map(() => clipNorm)]) {
        const sum = engine.clippedSum(parameters, spoilt, bounds);
        expect(sum).toEqual(engine.clippedSum(parameters, examples, bounds, others));
      }
      expect(engine.gradientNorms(parameters, spoilt)[3]).toBe(Infinity);
      expect(engine.gradientSum(parameters, spoilt).some(Number.isNaN)).toBe(true);
    });

    it("never gives one example more than its bounds", async () => {
      const engine = await tensorflowEngine(kind, model);
      const bounds = trainedLayers(model).map((_, layer) => 1e-3 * (layer + 1));
      for (let i = 0; i < 20; i++) {
        const one = exampleSlice(examples, i, i + 1);
        expect(norm(engine.clippedSum(parameters, one, 1e-3))).toBeLessThanOrEqual(1e-3);
        const byLayer = engine.clippedSum(parameters, one, bounds);
        for (const [l, { offset, parameters: own }] of trainedLayers(model).entries())
          expect(norm(byLayer.subarray(offset, offset + own))).toBeLessThanOrEqual(bounds[l] ?? 0);
      }
    });
  });

  it("adds nothing of an example of which one layer's gradient is too long, not even another's", async () => {
    const layers = [dense(1), dense(1)];
    const loss = "meanSquaredError";
    const model = buildModel({ input: [1, 1, 1], layers, loss, init: { kind: "zeros" } });
    // Input 1e16, hidden 1, output 1e4: the upper layer's gradient is 2e4, the lower one's 2e24.
    const parameters = Float32Array.of(1e-16, 0, 1e4, 0);
    const inputs = Float32Array.of(1e16);
    const examples = { count: 1, width: 1, inputs, labels: new Float32Array(1) };
    const engine = await tensorflowEngine(kind, model);
    const sums = [engine, plainEngine(model)].map((one) =>
      one.clippedSum(parameters, examples, [1, 1]),
    );
    expect(sums).toEqual([new Float64Array(4), new Float64Array(4)]);
  });

  it("leaves no tensor behind", async () => {
    const { model, parameters, examples } = random("average, padding left out", 70);
    const engine = await tensorflowEngine(kind, model);
    const call = () => {
      engine.clippedSum(parameters, examples, 0.5);
      engine.gradientSum(parameters, examples);
      engine.gradientNorms(parameters, examples);
      engine.outputs(parameters, examples);
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return { numTensors, numDataBuffers, numBytes };
    };
    const before = call();
    for (let i = 0; i < 5; i++) call();
    expect(call()).toEqual(before);
  });

  it("takes a block in parts where an example goes through many numbers", async () => {
    // 40·40·12 numbers come out of the first layer alone: 32 examples to a chunk.
    const { model, parameters, examples } = caseOf(
      {
        input: [40, 40, 1],
        layers: [
          conv(12, { size: [2, 2], padding: "same", activation: "relu" }),
          pool("max", "valid", [2, 2]),
          dense(3),
        ],
        loss: "categoricalCrossEntropy",
        init: { kind: "heNormal" },
      },
      70,
    );
    const engine = await tensorflowEngine(kind, model);
    const due = plainEngine(model).clippedSum(parameters, examples, 0.5);
    const sum = engine.clippedSum(parameters, examples, 0.5);
    expect(apart(sum, due)).toBeLessThan(1e-5 * norm(due));
    const first = engine.clippedSum(parameters, exampleSlice(examples, 0, 64), 0.5);
    expect(first).toEqual(first.map(Math.fround));
    engine.clippedSum(parameters, exampleSlice(examples, 64, 70), 0.5, undefined, first);
    expect(sum).toEqual(first);
  });
});

it("gives a maximum that is there twice to the first place alone", async () => {
  const model = buildModel({
    input: [1, 2, 1],
    layers: [
      conv(1, { size: [1, 1], activation: "linear" }),
      { kind: "pool", pooling: "max", size: [1, 2], stride: [1, 2], padding: "valid" },
      dense(1),
    ],
    loss: "meanSquaredError",
    init: { kind: "zeros" },
  });
  const engine = await tensorflowEngine("tfjsWasm", model);
  // Kernel 0 and bias 2: both places hold 2, of inputs 3 and 5. Output 2·1, label 0: delta 2·2.
  const parameters = Float32Array.of(0, 2, 1, 0);
  const examples = {
    count: 1,
    width: 2,
    inputs: Float32Array.of(3, 5),
    labels: new Float32Array(1),
  };
  expect([...engine.gradientSum(parameters, examples)]).toEqual([12, 4, 8, 4]);
});

it("trains a small convolutional net on WebAssembly: the loss falls by half", async () => {
  const { model, parameters, examples } = stripes();
  const engine = await tensorflowEngine("tfjsWasm", model);
  const before = meanLoss(engine, parameters, examples);
  let net = parameters;
  for (let step = 0; step < 30; step++) {
    const sum = engine.clippedSum(net, examples, 1);
    net = net.map((w, i) => w - (0.8 * (sum[i] ?? NaN)) / examples.count);
  }
  expect(before).toBeGreaterThan(0.5);
  expect(meanLoss(engine, net, examples)).toBeLessThan(before / 2);
});

/** 10 × 10 pictures of stripes that lie, stand, or lean, each a class, with noise on them. */
function stripes() {
  const made = caseOf(
    {
      input: [10, 10, 1],
      layers: [
        conv(6, { size: [3, 3], stride: [2, 2], padding: "same", activation: "linear" }),
        { kind: "groupNorm", groups: 2, epsilon: 1e-3 },
        { kind: "activation", activation: "relu" },
        pool("average", "valid", [2, 2]),
        dense(3),
      ],
      loss: "categoricalCrossEntropy",
      init: { kind: "heNormal" },
    },
    96,
    9,
  );
  const labels = made.examples.labels.map((_, i) => i % 3);
  const inputs = made.examples.inputs.map((noise, i) => {
    const [y, x] = [Math.floor((i % 100) / 10), i % 10];
    const along = [y, x, x + y][labels[Math.floor(i / 100)] ?? 0] ?? 0;
    return (along % 4 < 2 ? 1 : -1) + 0.3 * noise;
  });
  return { ...made, examples: { ...made.examples, inputs, labels } };
}

function meanLoss(engine: Engine, parameters: Float32Array, examples: Examples): number {
  const { loss, outputs: width }: Model = engine.model;
  const outputs = engine.outputs(parameters, examples);
  const losses = [...examples.labels].map((label, i) =>
    lossOf(loss, outputs, i * width, width, label),
  );
  return losses.reduce((sum, x) => sum + x, 0) / losses.length;
}
