/** Models that TensorFlow.js itself has made and saved, read by Murmur and run by its plain engine. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { plainEngine } from "../../../../shared/engine/plain/engine.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import { buildModel } from "../../../../shared/model/build-model.ts";
import { entriesOf } from "../../../../shared/model/model.ts";
import { type ImportedModel, importLayers } from "../../../../shared/model/saved/layers-import.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";
import { apart } from "../../../support/slow-network.ts";

beforeAll(async () => {
  tf.enableProdMode(); // no greeting
  await tf.setBackend("cpu");
});

interface Saved {
  /** Of model.json. */
  readonly json: unknown;
  readonly shards: ReadonlyMap<string, Uint8Array>;
}

/** What `model.save` would write to a folder, its weights in two shards. */
async function saved(model: tfl.LayersModel): Promise<Saved> {
  let files: Saved | undefined;
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }) => {
      if (!(weightData instanceof ArrayBuffer)) throw new Error("several buffers of weights");
      const bytes = new Uint8Array(weightData);
      const shards = new Map([
        ["group1-shard1of2.bin", bytes.subarray(0, 10)],
        ["group1-shard2of2.bin", bytes.subarray(10)],
      ]);
      const weightsManifest = [{ paths: [...shards.keys()], weights: weightSpecs }];
      const all = { modelTopology, format, generatedBy, convertedBy, weightsManifest };
      files = { json: JSON.parse(JSON.stringify(all)), shards };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  });
  if (!files) throw new Error("TensorFlow.js saved nothing");
  return files;
}

function imported({ json, shards }: Saved): Promise<ImportedModel> {
  return importLayers(json, "model.json", async (name) => shards.get(name) ?? new Uint8Array(0));
}

/** Draws weights anew: TensorFlow.js starts its biases at zero, where a lost one would not show. */
function withRandomWeights(model: tfl.LayersModel): tfl.LayersModel {
  const draws = stream(seededRoot(3), "simulate", "weights");
  model.setWeights(
    model.getWeights().map((weight) => {
      const values = Float32Array.from({ length: weight.size }, () => 0.4 * draws.normal());
      return tf.tensor(values, weight.shape);
    }),
  );
  return model;
}

const { layers } = tfl;

const MODELS: Record<string, () => tfl.LayersModel> = {
  "a dense net": () =>
    tfl.sequential({
      layers: [
        layers.dense({ inputShape: [5], units: 4, activation: "tanh" }),
        layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    }),
  "a convolutional net": () =>
    tfl.sequential({
      layers: [
        layers.conv2d({
          inputShape: [9, 8, 2],
          filters: 3,
          kernelSize: [3, 2],
          strides: [2, 1],
          padding: "same",
          activation: "relu",
        }),
        layers.averagePooling2d({ poolSize: [2, 3], strides: [1, 2], padding: "same" }),
        layers.conv2d({ filters: 2, kernelSize: 2, activation: "tanh" }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 3 }),
        layers.softmax(),
      ],
    }),
  "a functional model with an input and a reshape": () => {
    const input = tfl.input({ shape: [16] });
    const image = layers.reshape({ targetShape: [4, 4, 1] }).apply(input);
    const conv = layers.conv2d({ filters: 4, kernelSize: 2 }).apply(image);
    const pooled = layers
      .globalAveragePooling2d({ dataFormat: "channelsLast" })
      .apply(layers.activation({ activation: "tanh" }).apply(conv));
    const normal = layers.layerNormalization({ epsilon: 0.01 }).apply(pooled);
    const output = layers.dense({ units: 2 }).apply(layers.reLU().apply(normal));
    if (Array.isArray(output) || !(output instanceof tfl.SymbolicTensor)) throw new Error();
    return tfl.model({ inputs: input, outputs: output });
  },
};

function withHead(head: ImportedModel["head"], outputs: Float32Array, width: number): Float32Array {
  if (head === "sigmoid") return outputs.map((z) => 1 / (1 + Math.exp(-z)));
  if (head === "linear") return outputs;
  return outputs.map((z, i) => {
    const row = outputs.subarray(i - (i % width), i - (i % width) + width);
    return Math.exp(z) / row.reduce((sum, x) => sum + Math.exp(x), 0);
  });
}

describe.each(Object.entries(MODELS))("%s", (_name, make) => {
  it("predicts here what it predicts in TensorFlow.js", async () => {
    const original = withRandomWeights(make());
    const {
      input,
      layers: specs,
      outputs,
      head,
      parameters,
    } = await imported(await saved(original));
    const init = { kind: "zeros" } as const;
    const model = buildModel({ input, layers: specs, loss: "meanSquaredError", init });
    const draws = stream(seededRoot(4), "simulate", "rows");
    const shape = [7, ...(original.inputs[0]?.shape.slice(1) ?? [])].map(Number);
    const inputs = Float32Array.from({ length: 7 * entriesOf(input) }, () => draws.normal());
    const predicted = original.predict(tf.tensor(inputs, shape));
    if (Array.isArray(predicted)) throw new Error("more than one output");
    const examples = { count: 7, width: model.inputs, inputs, labels: new Float32Array(7) };
    const mine = plainEngine(model).outputs(parameters ?? new Float32Array(0), examples);
    expect(apart(withHead(head, mine, outputs), predicted.dataSync())).toBeLessThan(1e-6);
  });
});

it("reads what Keras's converter writes: model_config, batch_shape, group normalization", async () => {
  const config = (name: string, own: object) => ({
    name,
    trainable: true,
    dtype: "float32",
    ...own,
  });
  const {
    input,
    layers: specs,
    head,
    parameters,
  } = await importLayers(
    {
      format: "layers-model",
      modelTopology: {
        keras_version: "2.15.0",
        backend: "tensorflow",
        model_config: {
          class_name: "Sequential",
          config: {
            name: "sequential",
            layers: [
              { class_name: "InputLayer", config: config("in", { batch_shape: [null, 4, 4, 6] }) },
              {
                class_name: "GroupNormalization",
                config: config("norm", {
                  groups: 3,
                  axis: -1,
                  epsilon: 0.002,
                  center: true,
                  scale: true,
                }),
              },
              { class_name: "Activation", config: config("act", { activation: "relu" }) },
              { class_name: "Flatten", config: config("flat", { data_format: "channels_last" }) },
              {
                class_name: "Dense",
                config: config("top", { units: 2, activation: "linear", use_bias: true }),
              },
            ],
          },
        },
      },
    },
    "model.json",
    async () => new Uint8Array(0),
  );
  expect({ input, specs, head, parameters }).toEqual({
    input: [4, 4, 6],
    specs: [
      { kind: "groupNorm", groups: 3, epsilon: 0.002 },
      { kind: "activation", activation: "relu" },
      { kind: "dense", units: 2, activation: "linear" },
    ],
    head: "linear",
    // No weightsManifest: a run draws them.
    parameters: null,
  });
});

describe("a model that does not fit", () => {
  const dense = (more: object = {}) => layers.dense({ units: 2, name: "top", ...more });
  const image = { inputShape: [8, 8, 3] };
  const REFUSED: [string, () => tfl.LayersModel, layer: string, words: string][] = [
    [
      "batch normalization",
      () =>
        tfl.sequential({
          layers: [layers.batchNormalization({ inputShape: [4], name: "bn" }), dense()],
        }),
      "layer bn",
      "Take GroupNormalization in its place",
    ],
    [
      "dropout",
      () =>
        tfl.sequential({
          layers: [layers.dropout({ rate: 0.5, inputShape: [4], name: "drop" }), dense()],
        }),
      "layer drop",
      "Remove it",
    ],
    [
      "an embedding",
      () =>
        tfl.sequential({
          layers: [
            layers.embedding({ inputDim: 9, outputDim: 3, inputLength: 4, name: "words" }),
            layers.flatten(),
            dense(),
          ],
        }),
      "layer words",
      "got Embedding",
    ],
    [
      "a dilated convolution",
      () =>
        tfl.sequential({
          layers: [
            layers.conv2d({ ...image, filters: 2, kernelSize: 3, dilationRate: 2, name: "wide" }),
            layers.flatten(),
            dense(),
          ],
        }),
      "layer wide",
      "no dilation",
    ],
    [
      "a convolution without bias",
      () =>
        tfl.sequential({
          layers: [
            layers.conv2d({ ...image, filters: 2, kernelSize: 3, useBias: false, name: "bare" }),
            layers.flatten(),
            dense(),
          ],
        }),
      "layer bare",
      "use_bias: true",
    ],
    [
      "channels first",
      () =>
        tfl.sequential({
          layers: [
            layers.maxPooling2d({
              ...image,
              poolSize: 2,
              dataFormat: "channelsFirst",
              name: "first",
            }),
            layers.flatten(),
            dense(),
          ],
        }),
      "layer first",
      "data_format",
    ],
    [
      "a dense layer on an image",
      () =>
        tfl.sequential({
          layers: [layers.dense({ ...image, units: 2, name: "across" }), layers.flatten(), dense()],
        }),
      "layer across",
      "a Flatten below it",
    ],
    [
      "normalization of every pixel by itself",
      () =>
        tfl.sequential({
          layers: [
            layers.layerNormalization({ ...image, name: "each" }),
            layers.flatten(),
            dense(),
          ],
        }),
      "layer each",
      "a plain row",
    ],
    [
      "another activation",
      () => tfl.sequential({ layers: [dense({ inputShape: [4], activation: "elu" })] }),
      "layer top",
      'got activation "elu"',
    ],
    [
      "a last layer that squashes",
      () => tfl.sequential({ layers: [dense({ inputShape: [4], activation: "tanh" })] }),
      "layer top",
      "linear, sigmoid or softmax",
    ],
    [
      "no dense layer at the end",
      () =>
        tfl.sequential({
          layers: [
            layers.globalAveragePooling2d({ ...image, dataFormat: "channelsLast", name: "mean" }),
          ],
        }),
      "layer mean",
      "a Dense layer as the last",
    ],
    [
      "a softmax on the way",
      () =>
        tfl.sequential({
          layers: [
            layers.dense({ units: 3, inputShape: [4], activation: "softmax", name: "early" }),
            dense(),
          ],
        }),
      "layer early",
      "a softmax at the end alone",
    ],
    [
      "a frozen layer",
      () =>
        tfl.sequential({
          layers: [
            layers.dense({ units: 3, inputShape: [4], trainable: false, name: "cold" }),
            dense(),
          ],
        }),
      "layer cold",
      "trainable: true",
    ],
    [
      "a weight's price",
      () => tfl.sequential({ layers: [dense({ inputShape: [4], kernelRegularizer: "l1l2" })] }),
      "layer top",
      "kernel_regularizer",
    ],
    [
      "a sequence for an input",
      () =>
        tfl.sequential({ layers: [layers.flatten({ inputShape: [4, 3], name: "seq" }), dense()] }),
      "layer seq",
      "[null, height, width, channels]",
    ],
    [
      "a branch",
      () => {
        const input = tfl.input({ shape: [4] });
        const [a, b] = ["a", "b"].map((name) => layers.dense({ units: 2, name }).apply(input));
        if (!(a instanceof tfl.SymbolicTensor && b instanceof tfl.SymbolicTensor))
          throw new Error();
        const sum = layers.add({ name: "sum" }).apply([a, b]);
        if (!(sum instanceof tfl.SymbolicTensor)) throw new Error();
        return tfl.model({ inputs: input, outputs: sum });
      },
      "layer b",
      "a single chain",
    ],
  ];

  it.each(REFUSED)("is refused by the layer's name: %s", async (_what, make, layer, words) => {
    const refused = imported(await saved(make()));
    await expect(refused).rejects.toThrow(ScenarioError);
    await expect(refused).rejects.toThrow(`model.file (model.json, ${layer})`);
    await expect(refused).rejects.toThrow(words);
  });

  it.each([[null], [7], [[]], [{}], [{ modelTopology: { class_name: "Graph", config: {} } }]])(
    "is refused where it is no model: %j",
    async (json) => {
      const refused = importLayers(json, "model.json", async () => new Uint8Array(0));
      await expect(refused).rejects.toThrow("model.file (model.json, modelTopology)");
    },
  );
});

describe("weights", () => {
  const net = () =>
    tfl.sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: "top" })] });
  const changed = async (change: (text: string) => string, bytes?: Uint8Array) => {
    const { json, shards } = await saved(net());
    const text = change(JSON.stringify(json));
    if (bytes === undefined) expect(text).not.toBe(JSON.stringify(json));
    return imported({
      json: JSON.parse(text),
      shards: bytes ? new Map([["group1-shard1of2.bin", bytes]]) : shards,
    });
  };

  it.each([
    ["../outside.bin"],
    ["/etc/passwd"],
    ["https://example.org/w.bin"],
    ["a/b.bin"],
    ["..\\\\w.bin"],
    [".hidden"],
  ])("are read from no place but beside the model, not %s", async (path) => {
    const refused = changed((text) => text.replace("group1-shard1of2.bin", path));
    await expect(refused).rejects.toThrow("the name of a file beside the model");
  });

  it.each([
    ["a kernel of another shape", '"shape":[3,2]', '"shape":[2,3]', "weight top/kernel"],
    ["one that is missing", "top/bias", "top/other", "weight top/bias"],
    ["integers", '"dtype":"float32"}]', '"dtype":"int32"}]', "weight top/bias"],
    [
      "quantized ones",
      '"dtype":"float32"}]',
      '"dtype":"float32","quantization":{"dtype":"uint8"}}]',
      "weight top/bias",
    ],
    ["more than there are bytes", '"shape":[2]', '"shape":[2000]', "shards group1"],
    ["more than memory likes", '"shape":[2]', '"shape":[99999999]', "weightsManifest"],
  ])("are refused: %s", async (_what, was, is, part) => {
    const refused = changed((text) => text.replace(was, is));
    await expect(refused).rejects.toThrow(ScenarioError);
    await expect(refused).rejects.toThrow(`model.file (model.json, ${part}`);
  });

  it("are refused where one is not finite", async () => {
    const bytes = new Uint8Array(Float32Array.of(1, 2, NaN, 4, 5, 6, 7, 8).buffer);
    const refused = changed((text) => text.replace(',"group1-shard2of2.bin"', ""), bytes);
    await expect(refused).rejects.toThrow("weight top/kernel): got NaN at 2");
  });

  it("of an optimizer stay where they are", async () => {
    const bytes = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9).buffer);
    const step = '{"name":"step","shape":[],"dtype":"float32","group":"optimizer"}';
    const { parameters } = await changed(
      (text) => text.replace(',"group1-shard2of2.bin"', "").replace(/\]\}\]\}$/, `,${step}]}]}`),
      bytes,
    );
    expect(parameters).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  });
});
