/**
 * A model as TensorFlow.js keeps it on disk ("layers format"): model.json holds the topology and
 * names the weights, weights.bin holds them. `tf.loadLayersModel` opens it and predicts what the loss
 * makes of the outputs: probabilities, or the outputs as they are. Group normalization is Keras's
 * class: TensorFlow.js 4.22 has none, so that whoever opens such a model registers one by that name
 * (`tf.serialization.registerClass`). Nothing of TensorFlow.js is imported here.
 */
import { z } from "zod";
import { canonicalJson } from "../../canonical.ts";
import { ScenarioError } from "../../errors.ts";
import type { Model } from "../model.ts";
import { SAVED_CLASSES, savedLayers, savedWeights } from "./saved-layers.ts";

/** The name that model.json gives the weights' file, which lies beside it. */
export const WEIGHTS_FILE = "weights.bin";

const FORMAT = "layers-model";
const WRITER = "Murmur";
const FLOAT32_BYTES = 4;

/** What `JSON.stringify` is to write to model.json. */
export function modelJson(model: Model): unknown {
  return {
    format: FORMAT,
    generatedBy: WRITER,
    convertedBy: null,
    modelTopology: {
      class_name: "Sequential",
      config: { name: "murmur", layers: savedLayers(model) },
      keras_version: "tfjs-layers 4.22.0",
      backend: "tensor_flow.js",
    },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: savedWeights(model) }],
  };
}

/** What weights.bin holds: the flat parameters, little-endian float32, in the order of model.ts. */
export function weightBytes(parameters: Float32Array): Uint8Array {
  const bytes = new Uint8Array(parameters.length * FLOAT32_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, w] of parameters.entries()) view.setFloat32(i * FLOAT32_BYTES, w, true);
  return bytes;
}

/**
 * The flat parameters of a saved model, if it is the model that the plan has.
 *
 * @param json model.json, parsed
 * @param bytes weights.bin
 * @param model the plan's
 * @param where the folder, for the refusal
 * @returns float32[parameters]
 * @throws ScenarioError `checkpoint.format`, `.path`, `.shape` or `.weight`
 */
export function parametersFromLayers(
  json: unknown,
  bytes: Uint8Array,
  model: Model,
  where: string,
): Float32Array {
  const parsed = savedModel.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join(".") || "the whole file";
    throw refusal("format", where, `${path}: ${issue?.message}`, "a model.json that Murmur wrote");
  }
  const { modelTopology, weightsManifest } = parsed.data;
  const [{ paths, weights }] = weightsManifest;
  // A name that could lead elsewhere ("../", an absolute path, a URL) is never followed.
  if (paths[0] !== WEIGHTS_FILE) {
    throw refusal("path", where, paths[0], `weights in ${WEIGHTS_FILE}, beside model.json`);
  }
  expectSame(where, weights, savedWeights(model));
  expectSame(where, modelTopology.config.layers, savedLayers(model));
  expectSame(where, [`${bytes.length} bytes`], [`${model.parameters * FLOAT32_BYTES} bytes`]);
  return finiteWeights(bytes, where);
}

// Strict, key by key: what modelJson writes, and no key more.
const size = z.number().int().min(1);
/** Its config is compared with the plan's, whatever it is. */
const layer = z.strictObject({ class_name: z.enum(SAVED_CLASSES), config: z.unknown() });
const weight = z.strictObject({
  name: z.string(),
  shape: z.array(size),
  dtype: z.literal("float32"),
});
const savedModel = z.strictObject({
  format: z.literal(FORMAT),
  generatedBy: z.literal(WRITER),
  convertedBy: z.null(),
  modelTopology: z.strictObject({
    class_name: z.literal("Sequential"),
    config: z.strictObject({ name: z.string(), layers: z.array(layer) }),
    keras_version: z.string(),
    backend: z.string(),
  }),
  weightsManifest: z.tuple([
    z.strictObject({ paths: z.tuple([z.string()]), weights: z.array(weight) }),
  ]),
});

/** Reads the weights, of which each must be finite: a NaN would spread to every prediction. */
function finiteWeights(bytes: Uint8Array, where: string): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const weights = Float32Array.from({ length: bytes.length / FLOAT32_BYTES }, (_, i) =>
    view.getFloat32(i * FLOAT32_BYTES, true),
  );
  const bad = weights.findIndex((w) => !Number.isFinite(w));
  if (bad >= 0) throw refusal("weight", where, `${weights[bad]} at ${bad}`, "finite weights");
  return weights;
}

/** Refuses, with the first entry that differs, unless both lists say the same. */
function expectSame(where: string, got: readonly unknown[], expected: readonly unknown[]): void {
  for (let i = 0; i < Math.max(got.length, expected.length); i++) {
    const [a, b] = [canonicalJson(got[i] ?? null), canonicalJson(expected[i] ?? null)];
    if (a !== b) throw refusal("shape", where, a, `the plan's ${b}`);
  }
}

function refusal(code: string, where: string, got: string, expected: string): ScenarioError {
  const fix = "Take the model folder of a run of this scenario, unchanged.";
  return new ScenarioError({ what: `checkpoint.${code}`, where, got, expected, fix });
}
