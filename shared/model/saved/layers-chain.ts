/** The layers of a TensorFlow.js model.json in the order that numbers go through them. */
import { z } from "zod";
import { fileFault } from "./file-fault.ts";

/** A layer as the file has it: its config is anybody's. */
export interface FileLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const MOST_LAYERS = 300;

const config = z.record(z.string(), z.unknown());
const name = z.string().min(1).max(200);
const layer = z.looseObject({
  class_name: z.string().min(1).max(200),
  name: name.optional(),
  config,
  inbound_nodes: z.unknown().optional(),
});
const layers = z.array(layer).min(1).max(MOST_LAYERS);
const model = z.looseObject({
  class_name: z.enum(["Sequential", "Functional", "Model"]),
  // Before Keras 2.3 a Sequential's config was its list of layers.
  config: z.union([
    z.looseObject({ layers, output_layers: z.unknown().optional() }),
    layers.transform((list) => ({ layers: list, output_layers: undefined })),
  ]),
});
const topology = z.looseObject({
  modelTopology: z.union([
    // As Keras's converter writes it, then as TensorFlow.js does.
    z.looseObject({ model_config: model }).transform(({ model_config }) => model_config),
    model,
  ]),
});

type ParsedLayer = z.infer<typeof layer>;

/**
 * @param json model.json, parsed
 * @param file its name, for messages
 * @throws ScenarioError `model.file` unless it is in layers format and one chain
 */
export function layersChain(json: unknown, file: string): FileLayer[] {
  const parsed = topology.safeParse(json);
  if (!parsed.success) {
    const expected = "a Sequential or Functional model in TensorFlow.js layers format";
    const fix = "Save it with model.save(), or convert it to tfjs_layers_model.";
    const got = "something else";
    throw fileFault({ file, part: "modelTopology", got, expected, fix });
  }
  const { class_name, config } = parsed.data.modelTopology;
  const ordered = class_name === "Sequential" ? config.layers : inOrder(config, file);
  const chain = ordered.map((one) => ({
    className: one.class_name,
    name: nameOf(one),
    config: one.config,
  }));
  const twice = chain.find(({ name }, i) => chain.findIndex((other) => other.name === name) < i);
  if (twice) throw fault(file, twice.name, "two layers of that name", "a name of its own");
  return chain;
}

/** Layers of a functional model, each with at most one below it and one above. */
function inOrder(
  { layers, output_layers }: { readonly layers: readonly ParsedLayer[]; output_layers?: unknown },
  file: string,
): ParsedLayer[] {
  const above = layersAbove(layers, file);
  const chain: ParsedLayer[] = [];
  for (let next = above.get(null); next; next = above.get(nameOf(next))) {
    chain.push(next);
    // No longer than there are layers: a ring has no beginning.
    if (chain.length > layers.length) break;
  }
  const last = chain.at(-1);
  const [output, ...others] = sourcesOf(output_layers);
  if (chain.length !== layers.length || others.length > 0 || !last || output !== nameOf(last))
    throw fault(
      file,
      output ?? "output_layers",
      "another graph",
      "a single chain up to one output",
    );
  return chain;
}

/** The layer above each, by its name; above null: the first. */
function layersAbove(
  layers: readonly ParsedLayer[],
  file: string,
): ReadonlyMap<string | null, ParsedLayer> {
  const above = new Map<string | null, ParsedLayer>();
  for (const one of layers) {
    const below = sourcesOf(one.inbound_nodes);
    const start = one.class_name === "InputLayer";
    if (below.length !== (start ? 0 : 1))
      throw fault(file, nameOf(one), `${below.length} layers below it`, "one, in a single chain");
    const from = below[0] ?? null;
    if (above.has(from))
      throw fault(file, nameOf(one), `a second layer above ${from ?? "nothing"}`, "a single chain");
    above.set(from, one);
  }
  return above;
}

/** Names in [name, node, tensor, …], however deep in lists that stands. */
function sourcesOf(nodes: unknown, depth = 0): string[] {
  if (!Array.isArray(nodes) || depth > 3) return [];
  const [name, node] = nodes;
  if (typeof name === "string" && typeof node === "number") return [name];
  return nodes.flatMap((inner) => sourcesOf(inner, depth + 1));
}

function nameOf({ name: own, config, class_name }: ParsedLayer): string {
  return own ?? name.safeParse(config.name).data ?? class_name;
}

function fault(file: string, part: string, got: string, expected: string) {
  return fileFault({ file, part: `layer ${part}`, got, expected });
}
