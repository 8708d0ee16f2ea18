/** Many examples forwards and back through all layers, a row an example. */
import type { Layer, Model } from "../../model/model.ts";
import { TOO_LONG } from "../core/clip.ts";
import type { Examples } from "../core/engine.ts";
import { activationLayer } from "./activation.ts";
import type { TensorFlow } from "./backend.ts";
import { convLayer } from "./conv.ts";
import { denseLayer, rowSquares } from "./dense.ts";
import type { LayerGradient, LoadLayer, Step, TensorLayer } from "./layer.ts";
import { lossDeltas } from "./loss.ts";
import { groupNormLayer } from "./norm.ts";
import { poolLayer } from "./pool.ts";

export function loadLayer(tf: TensorFlow, layer: Layer): LoadLayer {
  switch (layer.kind) {
    case "dense":
      return denseLayer(tf, layer);
    case "conv":
      return convLayer(tf, layer);
    case "pool":
      return poolLayer(layer);
    case "groupNorm":
      return groupNormLayer(layer);
    case "activation":
      return activationLayer(tf, layer);
  }
}

/** What goes through each layer, first to last; the last one's output is the model's. */
export function forward(
  layers: readonly TensorLayer[],
  { count: rows, inputs }: Examples,
): readonly Step[] {
  const steps: Step[] = [];
  let input = inputs;
  for (const layer of layers) {
    const output = layer.forward(input, rows);
    steps.push({ rows, input, output });
    input = output;
  }
  return steps;
}

export interface Passed {
  /** Of each trained layer, first to last. */
  readonly gradients: readonly LayerGradient[];
  /** False for a row in which something was not finite, or too long to be clipped. */
  readonly sound: (row: number) => boolean;
}

export function pass(
  tf: TensorFlow,
  model: Model,
  layers: readonly TensorLayer[],
  examples: Examples,
): Passed {
  const steps = forward(layers, examples);
  const outputs = steps.at(-1)?.output ?? examples.inputs;
  let delta = lossDeltas(tf, model, outputs, examples.labels);
  const gradients: LayerGradient[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const [layer, step] = [layers[l], steps[l]];
    if (layer === undefined || step === undefined) throw new Error(`no layer ${l}`);
    const { gradient, below } = layer.back(step, delta);
    if (gradient !== null) gradients.unshift(gradient);
    if (l > 0) delta = below();
  }
  const unsound = new Uint8Array(examples.count);
  for (const [l, { layer }] of layers.entries()) markUnsound(layer, steps[l], unsound);
  return { gradients, sound: (row) => unsound[row] === 0 };
}

/** Marks rows of whose inputs one is not finite, which a pool or an activation function may hide. */
function markUnsound({ kind, inputs }: Layer, step: Step | undefined, unsound: Uint8Array): void {
  if (step === undefined) return;
  const most = kind === "dense" || kind === "conv" ? TOO_LONG * TOO_LONG : Number.POSITIVE_INFINITY;
  for (const [row, square] of rowSquares(step.input, inputs).entries())
    if (!(square < most)) unsound[row] = 1;
}
