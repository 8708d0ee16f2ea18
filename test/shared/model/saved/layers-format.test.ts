import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fusedEngine } from "../../../../shared/engine/fused/engine.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import {
  modelJson,
  parametersFromLayers,
  WEIGHTS_FILE,
  weightBytes,
} from "../../../../shared/model/saved/layers-format.ts";
import { denseModel, type Net } from "../../../support/nets.ts";
import { apart, randomCase } from "../../../support/slow-network.ts";

const SPECS: [string, Net][] = [
  ["logistic", { kind: "logistic", activation: "tanh" }],
  ["9-16-1 tanh", { kind: "mlp", hidden: [16], activation: "tanh" }],
  ["9-5-3-1 relu", { kind: "mlp", hidden: [5, 3], activation: "relu" }],
  ["9-4-1 sigmoid", { kind: "mlp", hidden: [4], activation: "sigmoid" }],
];

/** What TensorFlow.js itself reads of a model.json. */
const artifacts = z.object({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(
    z.object({
      weights: z.array(
        z.object({ name: z.string(), shape: z.array(z.number()), dtype: z.literal("float32") }),
      ),
    }),
  ),
});

describe.each(SPECS)("a %s model", (_name, spec) => {
  const { model, parameters, examples } = randomCase(spec, 9, 20, 21);
  const text = JSON.stringify(modelJson(model));
  const bytes = weightBytes(parameters);

  it("opens in TensorFlow.js and predicts the same probabilities", async () => {
    tf.enableProdMode(); // no greeting
    await tf.setBackend("cpu");
    const { modelTopology, weightsManifest } = artifacts.parse(JSON.parse(text));
    const loaded = await loadLayersModel({
      load: async () => ({
        modelTopology,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
        weightData: bytes.slice().buffer,
      }),
    });
    const rows = tf.tensor2d(examples.inputs, [examples.count, examples.width]);
    const predicted = loaded.predict(rows);
    if (Array.isArray(predicted)) throw new Error("more than one output");
    const logits = fusedEngine(model).outputs(parameters, examples);
    const probabilities = Float64Array.from(logits, (z) => 1 / (1 + Math.exp(-z)));
    expect(apart(predicted.dataSync(), probabilities)).toBeLessThan(1e-6);
    expect(predicted.shape).toEqual([examples.count, 1]);
    expect(loaded.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
  });

  it("comes back bit for bit", () => {
    const back = parametersFromLayers(JSON.parse(text), bytes, model, "model/");
    expect(back).toEqual(parameters);
  });
});

it("writes weights as little-endian float32, in the order of the flat parameters", () => {
  expect([...weightBytes(Float32Array.of(1, -2))]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

const EXTRA_LAYER = JSON.stringify({
  class_name: "Dense",
  config: {
    name: "extra",
    trainable: true,
    dtype: "float32",
    units: 3,
    activation: "tanh",
    use_bias: true,
  },
});

describe("parametersFromLayers", () => {
  const { model, parameters } = randomCase(
    { kind: "mlp", hidden: [3], activation: "tanh" },
    2,
    1,
    22,
  );
  const bytes = weightBytes(parameters);
  const text = JSON.stringify(modelJson(model));
  const read = (json: string, weights = bytes) => {
    return parametersFromLayers(JSON.parse(json), weights, model, "runs/a/model");
  };

  it("reads bytes that lie somewhere within a larger buffer", () => {
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(read(text, larger.subarray(3, 3 + bytes.length))).toEqual(parameters);
  });

  it.each([
    ["../weights.bin"],
    ["/etc/passwd"],
    ["https://example.org/weights.bin"],
    ["weights.bin/../../other"],
    ["other.bin"],
  ])("input checkpoint: a model whose weights are at %s → checkpoint.path", (path) => {
    const json = text.replace(`"${WEIGHTS_FILE}"`, JSON.stringify(path));
    expect(json).not.toBe(text);
    expect(() => read(json)).toThrow(ScenarioError);
    expect(() => read(json)).toThrow(`checkpoint.path (runs/a/model): got ${path}`);
  });

  it.each([
    ["a kernel of another shape", '"shape":[2,3]', '"shape":[3,2]', "shape"],
    ["another width", '"units":3', '"units":4', "shape"],
    ["another activation", '"activation":"tanh"', '"activation":"relu"', "shape"],
    ["other inputs", "[null,2]", "[null,5]", "shape"],
    ["a layer too many", '"layers":[', `"layers":[${EXTRA_LAYER},`, "shape"],
    ["weights in another order", "hidden1/bias", "output/bias", "shape"],
    ["weights of another type", '"dtype":"float32"}]', '"dtype":"int32"}]', "format"],
    ["a second file of weights", '"weights.bin"', '"weights.bin","more.bin"', "format"],
    ["a key nobody wrote", '"format"', '"__proto__":{"a":1},"format"', "format"],
    ["a custom layer", '"class_name":"Dense"', '"class_name":"Lambda"', "format"],
    ["another format", '"layers-model"', '"graph-model"', "format"],
  ])("refuses %s", (_what, was, is, code) => {
    const json = text.replace(was, is);
    expect(json).not.toBe(text);
    expect(() => read(json)).toThrow(ScenarioError);
    expect(() => read(json)).toThrow(`checkpoint.${code} (runs/a/model)`);
  });

  it.each(["null", "[]", "7", '"model"', "{}"])("refuses %s for a model.json", (json) => {
    expect(() => read(json)).toThrow("checkpoint.format");
  });

  it("refuses a model of another scenario", () => {
    const other = modelJson(denseModel({ kind: "logistic", activation: "tanh" }, 2));
    expect(() => read(JSON.stringify(other))).toThrow("checkpoint.shape");
  });

  it.each([0, 4, 51, 56])("refuses %s bytes of weights", (length) => {
    // 2-3-1: 13 parameters, 52 bytes.
    expect(() => read(text, new Uint8Array(length))).toThrow("checkpoint.shape");
  });

  it.each([NaN, Infinity])("refuses a weight that is %s", (bad) => {
    const spoilt = weightBytes(parameters.with(7, bad));
    expect(() => read(text, spoilt)).toThrow(`checkpoint.weight (runs/a/model): got ${bad} at 7`);
  });
});
