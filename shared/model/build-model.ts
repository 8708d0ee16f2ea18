/** A spec → the model laid out: each layer's shapes, its name, and its place in the flat parameters. */
import { ScenarioError } from "../errors.ts";
import { isOfNumbers } from "./loss.ts";
import { entriesOf, type Layer, type Model, positionsOf } from "./model.ts";
import type { LayerSpec, ModelSpec, Shape } from "./model-spec.ts";

/** Their float32 values, and a control variate's beside them, fill what one message may hold. */
const MOST_PARAMETERS = 2 ** 27;

/** @throws ScenarioError `model.…` where a layer does not fit the one below it */
export function buildModel({ input, layers: specs, loss, init }: ModelSpec): Model {
  const counts = new Map<string, number>();
  const layers: Layer[] = [];
  let shape = input;
  let offset = 0;
  for (const [i, spec] of specs.entries()) {
    const last = i === specs.length - 1;
    const name = last ? "output" : nameOf(spec, counts);
    const layer = layOut(spec, name, shape, offset);
    layers.push(layer);
    shape = shapeAbove(layer, shape);
    offset += layer.parameters;
  }
  if (!(offset <= MOST_PARAMETERS))
    throw misfit("all layers", `${offset} parameters`, `at most ${MOST_PARAMETERS}`);
  const outputs = entriesOf(shape);
  checkOutput({ input, layers: specs, loss, init }, outputs);
  return { input, inputs: entriesOf(input), outputs, loss, init, layers, parameters: offset };
}

/** hidden1, conv2: by kind, in order; what comes out last is the output. */
function nameOf({ kind }: LayerSpec, counts: Map<string, number>): string {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return `${kind === "dense" ? "hidden" : kind}${count}`;
}

function layOut(spec: LayerSpec, name: string, from: Shape, offset: number): Layer {
  const inputs = entriesOf(from);
  switch (spec.kind) {
    case "dense": {
      const { kind, units, activation } = spec;
      const parameters = (inputs + 1) * units;
      return { kind, name, inputs, outputs: units, offset, parameters, activation };
    }
    case "conv": {
      const { kind, filters, activation } = spec;
      const placed = window(spec, name, from, filters);
      const parameters = (spec.size[0] * spec.size[1] * from[2] + 1) * filters;
      return { kind, name, inputs, ...placed, offset, parameters, activation };
    }
    case "pool": {
      const { kind, pooling } = spec;
      const placed = window(spec, name, from, from[2]);
      return { kind, name, inputs, ...placed, offset, parameters: 0, pooling };
    }
    case "groupNorm": {
      const { kind, groups, epsilon } = spec;
      const [, , channels] = from;
      if (channels % groups !== 0)
        throw misfit(name, `${groups} groups`, `a divisor of its ${channels} channels`);
      const laid = { name, inputs, outputs: inputs, offset, parameters: 2 * channels };
      return { kind, ...laid, shape: from, groups, epsilon };
    }
    case "activation": {
      const { kind, activation } = spec;
      return { kind, name, inputs, outputs: inputs, offset, parameters: 0, activation };
    }
  }
}

/** Where windows come to lie: TensorFlow's rule, padding `same` the odd row below and to the right. */
function window(
  { size, stride, padding }: Extract<LayerSpec, { readonly padding: unknown }>,
  name: string,
  from: Shape,
  channels: number,
) {
  const along = (axis: 0 | 1) => {
    const [have, width, step] = [from[axis], size[axis], stride[axis]];
    if (padding === "valid") {
      if (width > have) throw misfit(name, `a window of ${width}`, `at most the ${have} below it`);
      return { count: Math.floor((have - width) / step) + 1, pad: 0 };
    }
    const count = Math.ceil(have / step);
    return { count, pad: Math.floor(Math.max(0, (count - 1) * step + width - have) / 2) };
  };
  const [rows, columns] = [along(0), along(1)];
  const to = [rows.count, columns.count, channels] as const;
  const pad = [rows.pad, columns.pad] as const;
  return { from, to, outputs: entriesOf(to), size, stride, pad };
}

/** A dense layer gives a plain row; the others keep an image. */
function shapeAbove(layer: Layer, below: Shape): Shape {
  if (layer.kind === "dense") return [1, 1, layer.outputs];
  return "to" in layer ? layer.to : below;
}

function checkOutput({ layers, loss }: ModelSpec, outputs: number): void {
  const last = layers.at(-1);
  if (last?.kind !== "dense" || last.activation !== "linear")
    throw misfit("output", last?.kind, "a dense layer without an activation of its own");
  const fits = loss === "categoricalCrossEntropy" ? outputs >= 2 : outputs >= 1;
  const isSingle = loss === "binaryCrossEntropy" || isOfNumbers(loss);
  if (isSingle ? outputs === 1 : fits) return;
  throw misfit("output", `${outputs} outputs`, `as many as ${loss} takes`);
}

function misfit(layer: string, got: unknown, expected: string): ScenarioError {
  const fix = "Mend model in the scenario.";
  return new ScenarioError({ what: "model", where: layer, got, expected, fix });
}

/** Rows × columns of a window's patches: what a convolution multiplies its kernel by. */
export function patchesOf({ to, from, size }: Extract<Layer, { readonly kind: "conv" }>) {
  return { positions: positionsOf(to), width: size[0] * size[1] * from[2], filters: to[2] };
}
