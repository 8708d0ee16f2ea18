/** A model's layers as Keras configures them: what model.json says of each, and of its weights. */
import { type Layer, type Model, positionsOf, weightsOf } from "../model.ts";
import type { Loss } from "../model-spec.ts";

/** Classes of TensorFlow.js, but for GroupNormalization, which Keras has and TensorFlow.js does not. */
export const SAVED_CLASSES = [
  "Dense",
  "Conv2D",
  "MaxPooling2D",
  "AveragePooling2D",
  "Flatten",
  "Activation",
  "GroupNormalization",
] as const;

export interface SavedLayer {
  readonly class_name: (typeof SAVED_CLASSES)[number];
  readonly config: Readonly<Record<string, unknown>>;
}

/** First to last, with a Flatten where a dense layer stands on an image. */
export function savedLayers(model: Model): SavedLayer[] {
  const saved: SavedLayer[] = [];
  let image = startsAsImage(model);
  let flattened = 0;
  const input = image ? [null, ...model.input] : [null, model.inputs];
  for (const [i, layer] of model.layers.entries()) {
    if (layer.kind === "dense" && image) {
      saved.push(configured("Flatten", `flatten${++flattened}`, {}));
      image = false;
    }
    saved.push(savedLayer(layer, i === model.layers.length - 1 ? OUTPUTS[model.loss] : null));
  }
  return saved.map((layer, i) =>
    // Of the first layer only: the rest follow from it. null is any number of examples.
    i > 0 ? layer : { ...layer, config: { ...layer.config, batch_input_shape: input } },
  );
}

/** Of all layers, in the order of the flat parameters. */
export function savedWeights({ layers }: Model) {
  return layers.flatMap((layer) =>
    weightsOf(layer).map(({ name, shape }) => ({
      name: `${layer.name}/${name}`,
      shape,
      dtype: "float32",
    })),
  );
}

/** What training leaves to the loss. */
const OUTPUTS: Record<Loss, string> = {
  binaryCrossEntropy: "sigmoid",
  categoricalCrossEntropy: "softmax",
  meanSquaredError: "linear",
  squaredError: "linear",
  huber: "linear",
};

/** Whether rows come in as height × width × channels. */
function startsAsImage({ input, layers }: Model): boolean {
  if (positionsOf(input) > 1) return true;
  const shaped = layers.find(({ kind }) => kind !== "groupNorm" && kind !== "activation");
  return shaped?.kind === "conv" || shaped?.kind === "pool";
}

/** @param output the last layer's activation, null for the others */
function savedLayer(layer: Layer, output: string | null): SavedLayer {
  switch (layer.kind) {
    case "dense": {
      const activation = output ?? layer.activation;
      return configured("Dense", layer.name, { units: layer.outputs, activation, use_bias: true });
    }
    case "conv":
      return configured("Conv2D", layer.name, {
        filters: layer.to[2],
        kernel_size: layer.size,
        ...windowed(layer),
        dilation_rate: [1, 1],
        activation: layer.activation,
        use_bias: true,
      });
    case "pool": {
      const name = layer.pooling === "max" ? "MaxPooling2D" : "AveragePooling2D";
      return configured(name, layer.name, { pool_size: layer.size, ...windowed(layer) });
    }
    case "groupNorm": {
      const { groups, epsilon } = layer;
      const own = { groups, axis: -1, epsilon, center: true, scale: true };
      return configured("GroupNormalization", layer.name, own);
    }
    case "activation":
      return configured("Activation", layer.name, { activation: layer.activation });
  }
}

function configured(class_name: SavedLayer["class_name"], name: string, own: object): SavedLayer {
  return { class_name, config: { name, trainable: true, dtype: "float32", ...own } };
}

function windowed(layer: Extract<Layer, { readonly stride: unknown }>) {
  const { from, to, stride } = layer;
  // Where both rules place as many windows, they place them alike: there is nothing to pad.
  const same = ([0, 1] as const).every((axis) => to[axis] === Math.ceil(from[axis] / stride[axis]));
  return { strides: stride, padding: same ? "same" : "valid", data_format: "channels_last" };
}
