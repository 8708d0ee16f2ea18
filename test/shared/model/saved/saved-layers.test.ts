/** Models of every kind of layer, written by Murmur and opened by TensorFlow.js itself. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { plainEngine } from "../../../../shared/engine/plain/engine.ts";
import { buildModel } from "../../../../shared/model/build-model.ts";
import { initialParameters } from "../../../../shared/model/initial-parameters.ts";
import type { LayerSpec, Loss, ModelSpec, Shape } from "../../../../shared/model/model-spec.ts";
import {
  modelJson,
  parametersFromLayers,
  weightBytes,
} from "../../../../shared/model/saved/layers-format.ts";
import { importLayers } from "../../../../shared/model/saved/layers-import.ts";
import { savedWeights } from "../../../../shared/model/saved/saved-layers.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";
import { conv, dense, pool, window } from "../../../support/nets.ts";
import { apart } from "../../../support/slow-network.ts";

/** As whoever opens such a model would write it: TensorFlow.js has no class of that name. */
class GroupNormalization extends tfl.layers.Layer {
  static className = "GroupNormalization";
  readonly #groups: number;
  readonly #epsilon: number;
  #weights: readonly tfl.LayerVariable[] = [];

  constructor(config: { groups: number; epsilon: number; name: string }) {
    super(config);
    this.#groups = config.groups;
    this.#epsilon = config.epsilon;
  }

  override build(shape: tfl.Shape): void {
    const channels = shape.at(-1) ?? 1;
    this.#weights = ["gamma", "beta"].map((name) =>
      this.addWeight(name, [channels], "float32", tfl.initializers.zeros()),
    );
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [input] = Array.isArray(inputs) ? inputs : [inputs];
    const [gamma, beta] = this.#weights.map((weight) => weight.read());
    if (!input || !gamma || !beta) throw new Error("no input");
    const [rows = 0, channels = 1] = [input.shape[0], input.shape.at(-1)];
    const wide = channels / this.#groups;
    const grouped = tf.reshape(input, [rows, -1, this.#groups, wide]);
    const { mean, variance } = tf.moments(grouped, [1, 3], true);
    const normal = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, this.#epsilon)));
    return tf.add(tf.mul(tf.reshape(normal, input.shape), gamma), beta);
  }
}

beforeAll(async () => {
  tf.enableProdMode(); // no greeting
  await tf.setBackend("cpu");
  tf.serialization.registerClass(GroupNormalization);
});

const CASES: [string, Shape, LayerSpec[], Loss][] = [
  ["four classes", [1, 1, 6], [dense(5, "relu"), dense(4)], "categoricalCrossEntropy"],
  ["squared error", [1, 1, 6], [dense(3)], "meanSquaredError"],
  ["a picture flattened at once", [4, 3, 2], [dense(2)], "categoricalCrossEntropy"],
  [
    "a convolutional net",
    [9, 8, 2],
    [
      conv(3, window([3, 2], [2, 1], "same"), "tanh"),
      pool("average", window([2, 3], [1, 2], "same")),
      conv(4, window([2, 2], [2, 1], "valid"), "relu"),
      pool("max", window([2, 2], [2, 2], "valid")),
      dense(3, "relu"),
      dense(1),
    ],
    "binaryCrossEntropy",
  ],
  [
    "group normalization",
    [5, 5, 1],
    [
      conv(6, window([3, 3], [1, 1], "same"), "linear"),
      { kind: "groupNorm", groups: 2, epsilon: 0.01 },
      { kind: "activation", activation: "sigmoid" },
      dense(4),
      { kind: "groupNorm", groups: 2, epsilon: 0.001 },
      dense(3),
    ],
    "categoricalCrossEntropy",
  ],
];

describe.each(CASES)("%s", (_name, input, layers, loss) => {
  const spec: ModelSpec = { input, layers, loss, init: { kind: "glorotUniform" } };
  const model = buildModel(spec);
  const draws = stream(seededRoot(6), "simulate", "weights");
  const parameters = initialParameters(model, draws).map((w) => w + 0.2 * draws.normal());
  const json: unknown = JSON.parse(JSON.stringify(modelJson(model)));
  const bytes = weightBytes(parameters);

  it("opens in TensorFlow.js and predicts what the loss makes of the outputs", async () => {
    const { modelTopology } = topologyOf(json);
    const weightSpecs = savedWeights(model).map(({ name, shape }) => ({
      name,
      shape: [...shape],
      dtype: "float32" as const,
    }));
    const loaded = await tfl.loadLayersModel({
      load: async () => ({ modelTopology, weightSpecs, weightData: bytes.slice().buffer }),
    });
    const inputs = Float32Array.from({ length: 5 * model.inputs }, () => draws.normal());
    const shape = [5, ...(loaded.inputs[0]?.shape.slice(1) ?? [])].map(Number);
    const predicted = loaded.predict(tf.tensor(inputs, shape));
    if (Array.isArray(predicted)) throw new Error("more than one output");
    const examples = { count: 5, width: model.inputs, inputs, labels: new Float32Array(5) };
    const outputs = plainEngine(model).outputs(parameters, examples);
    expect(apart(predicted.dataSync(), asPredicted(loss, outputs, model.outputs))).toBeLessThan(
      1e-6,
    );
  });

  it("comes back bit for bit, to the run that wrote it and to any other", async () => {
    expect(parametersFromLayers(json, bytes, model, "model/")).toEqual(parameters);
    const imported = await importLayers(json, "model.json", async () => bytes);
    expect(imported).toMatchObject({ input, layers, outputs: model.outputs });
    expect(imported.parameters).toEqual(parameters);
  });

  it("is refused where a layer's config says anything else", () => {
    const text = JSON.stringify(json).replace('"dtype":"float32"', '"dtype":"float16"');
    const read = () => parametersFromLayers(JSON.parse(text), bytes, model, "model/");
    expect(read).toThrow("checkpoint.shape (model/)");
  });
});

function topologyOf(json: unknown): { readonly modelTopology: object } {
  if (typeof json !== "object" || json === null || !("modelTopology" in json)) throw new Error();
  const { modelTopology } = json;
  if (typeof modelTopology !== "object" || modelTopology === null) throw new Error();
  return { modelTopology };
}

function asPredicted(loss: Loss, outputs: Float32Array, width: number): Float64Array {
  return Float64Array.from(outputs, (z, i) => {
    if (loss === "meanSquaredError") return z;
    if (loss === "binaryCrossEntropy") return 1 / (1 + Math.exp(-z));
    const row = outputs.subarray(i - (i % width), i - (i % width) + width);
    return Math.exp(z) / row.reduce((sum, x) => sum + Math.exp(x), 0);
  });
}
