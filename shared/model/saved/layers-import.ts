/**
 * Anybody's TensorFlow.js model ("layers format": model.json and its weight shards) as a start for a
 * run: layers that every engine knows, and the parameters that they begin with. Those are public by
 * declaration: whoever names the file hands them to every client. What cannot be clipped
 * example by example, or is not computed here, is refused by the layer's name.
 */
import { z } from "zod";
import { ScenarioError } from "../../errors.ts";
import { buildModel } from "../build-model.ts";
import { entriesOf, type Layer, type Model, weightsOf } from "../model.ts";
import { type LayerSpec, layerSpecSchema, type Shape } from "../model-spec.ts";
import { fileFault } from "./file-fault.ts";
import { type FoundLayer, type Ground, kerasLayer } from "./keras-layer.ts";
import { type FileLayer, layersChain } from "./layers-chain.ts";
import { type ReadShard, readWeights, type Weight } from "./layers-weights.ts";

export interface ImportedModel {
  /** The file, as the scenario names it. */
  readonly file: string;
  readonly input: Shape;
  /** The last is linear: what stood above it is `head`. */
  readonly layers: readonly LayerSpec[];
  readonly outputs: number;
  /** What the file makes of its outputs, which a run leaves to its loss. */
  readonly head: "linear" | "sigmoid" | "softmax";
  /** float32[parameters], or null where the file has no weights. */
  readonly parameters: Float32Array | null;
}

/**
 * @param json model.json, parsed
 * @param file its name, for messages
 * @throws ScenarioError `model.file`, naming the layer, weight or shard at fault
 */
export async function importLayers(
  json: unknown,
  file: string,
  read: ReadShard,
): Promise<ImportedModel> {
  const { input, named, head } = readTopology(layersChain(json, file), file);
  const layers = named.map(({ spec }) => spec);
  const model = laidOut(input, layers, file, named.at(-1)?.name ?? "");
  const manifest = z.object({ weightsManifest: z.unknown() }).safeParse(json).data?.weightsManifest;
  const weights = await readWeights(manifest, file, read);
  const names = named.map(({ name }) => name);
  const parameters = weights && flatParameters(model, names, weights, file);
  return { file, input, layers, outputs: model.outputs, head, parameters };
}

/** A layer's spec, and the name that it has in the file. */
interface Named {
  readonly name: string;
  readonly spec: LayerSpec;
}

function readTopology(chain: readonly FileLayer[], file: string) {
  const { input, ground: start, rest } = inputOf(chain, file);
  let ground = start;
  const found: { name: string; layer: FoundLayer }[] = [];
  for (const layer of rest) {
    const { name } = layer;
    const read = kerasLayer(layer, ground);
    if ("got" in read) throw fileFault({ file, part: `layer ${name}`, ...read });
    found.push(...read.found.map((own) => ({ name, layer: own })));
    const specs = found.flatMap(({ layer: own }) => (own.kind === "softmax" ? [] : [own]));
    ground = { shape: shapeAbove(input, specs, file, name), row: read.row };
  }
  return { input, ...withoutHead(found, file) };
}

const dims = z.array(z.number().int().min(1).max(65_536));
const batchShape = z.tuple([z.null()]).rest(z.number().int().min(1).max(65_536));

/** The model's input: an image, or a row, which a Reshape right above it makes an image. */
function inputOf(chain: readonly FileLayer[], file: string) {
  const [first] = chain;
  const config = first?.config ?? {};
  const shape = batchShape.safeParse(config.batch_input_shape ?? config.batch_shape);
  const part = `layer ${first?.name}`;
  const [, ...sizes] = shape.data ?? [];
  const input = asShape(sizes);
  if (!input) {
    const expected = "inputs of [null, numbers] or [null, height, width, channels]";
    throw fileFault({ file, part, got: JSON.stringify(config.batch_input_shape), expected });
  }
  const rest = first?.className === "InputLayer" ? chain.slice(1) : chain;
  const ground: Ground = { shape: input, row: sizes.length === 1 };
  const [next, ...others] = rest;
  if (next?.className !== "Reshape") return { input, ground, rest };
  const target = dims.safeParse(next.config.target_shape).data ?? [];
  const image = asShape(target);
  if (!image || entriesOf(image) !== entriesOf(input)) {
    const got = JSON.stringify(next.config.target_shape);
    const expected = `${entriesOf(input)} numbers as [height, width, channels]`;
    throw fileFault({ file, part: `layer ${next.name}`, got, expected });
  }
  return { input: image, ground: { shape: image, row: target.length === 1 }, rest: others };
}

function asShape(sizes: readonly (number | null)[]): Shape | null {
  const [a, b, c] = sizes;
  if (sizes.length === 1 && a) return [1, 1, a];
  return sizes.length === 3 && a && b && c ? [a, b, c] : null;
}

/** What comes out of the last of `layers`. */
function shapeAbove(input: Shape, layers: readonly LayerSpec[], file: string, name: string): Shape {
  const probe: LayerSpec = { kind: "dense", units: 1, activation: "linear" };
  const laid = laidOut(input, [...layers, probe], file, name).layers.slice(0, -1);
  const shaped = laid.findLast((layer) => layer.kind === "dense" || "to" in layer);
  if (!shaped) return input;
  return "to" in shaped ? shaped.to : [1, 1, shaped.outputs];
}

/** @throws ScenarioError naming layer `name`, the last that was read */
function laidOut(input: Shape, layers: readonly LayerSpec[], file: string, name: string): Model {
  const part = `layer ${name}`;
  const bad = layers.map((layer) => layerSpecSchema.safeParse(layer)).find(({ error }) => error);
  if (bad) throw fileFault({ file, part, got: bad.error?.issues[0]?.path[0], expected: "less" });
  try {
    return buildModel({ input, layers, loss: "meanSquaredError", init: { kind: "zeros" } });
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw fileFault({ file, part, got: cause.problem.got, expected: cause.problem.expected });
  }
}

/** Takes off what the loss does to the outputs of the last layer. */
function withoutHead(
  found: readonly { readonly name: string; readonly layer: FoundLayer }[],
  file: string,
): { readonly named: readonly Named[]; readonly head: ImportedModel["head"] } {
  const layers = [...found];
  let head: ImportedModel["head"] = "linear";
  const top = layers.at(-1);
  if (top?.layer.kind === "softmax") head = "softmax";
  else if (top?.layer.kind === "activation" && top.layer.activation === "sigmoid") head = "sigmoid";
  if (head !== "linear") layers.pop();
  const named = layers.map(({ name, layer }): Named => {
    if (layer.kind !== "softmax") return { name, spec: layer };
    const expected = "a softmax at the end alone, which is left to the loss";
    throw fileFault({ file, part: `layer ${name}`, got: "one before", expected });
  });
  const last = named.at(-1);
  if (last?.spec.kind !== "dense") {
    const part = `layer ${last?.name ?? "of the output"}`;
    throw fileFault({ file, part, got: last?.spec.kind, expected: "a Dense layer as the last" });
  }
  const { activation } = last.spec;
  if (activation === "sigmoid" && head === "linear") head = "sigmoid";
  else if (activation !== "linear") {
    const expected = "linear, sigmoid or softmax on the last layer";
    throw fileFault({ file, part: `layer ${last.name}`, got: activation, expected });
  }
  const output: Named = { name: last.name, spec: { ...last.spec, activation: "linear" } };
  return { named: [...named.slice(0, -1), output], head };
}

/** Every weight in its place; none may be missing, nor left over. */
function flatParameters(
  model: Model,
  names: readonly string[],
  weights: ReadonlyMap<string, Weight>,
  file: string,
): Float32Array {
  const left = new Map(weights);
  const parameters = new Float32Array(model.parameters);
  for (const [i, layer] of model.layers.entries()) {
    let at = layer.offset;
    for (const { name, shape } of weightsOf(layer)) {
      const full = `${names[i]}/${name}`;
      const weight = left.get(full);
      left.delete(full);
      const got = weight ? weight.shape.join(" × ") : "none";
      if (got !== shape.join(" × "))
        throw fileFault({ file, part: `weight ${full}`, got, expected: shapeOf(layer, shape) });
      if (weight) parameters.set(weight.values, at);
      at += weight?.values.length ?? 0;
    }
  }
  const [stray] = left.keys();
  if (stray === undefined) return parameters;
  const expected = "weights of its layers alone";
  throw fileFault({ file, part: `weight ${stray}`, got: "one of no layer", expected });
}

function shapeOf({ kind }: Layer, shape: readonly number[]): string {
  return `${shape.join(" × ")}, by its ${kind} layer`;
}
