/**
 * A model laid out: its layers with their shapes, and where each keeps its parameters in one flat
 * array. Layers are chained; images are height × width × channels, row by row, channels last, as
 * TensorFlow.js has them, so that to flatten one moves nothing.
 */
import { sha256 } from "../canonical.ts";
import type { Activation, Init, Loss, Shape } from "./model-spec.ts";

interface Laid {
  readonly name: string;
  /** Entries that go in and come out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Where its parameters start in the flat array, and how many they are. */
  readonly offset: number;
  readonly parameters: number;
}

/** Kernel (inputs × outputs, row by row), then bias. */
export interface DenseLayer extends Laid {
  readonly kind: "dense";
  readonly activation: Activation;
}

interface Windowed extends Laid {
  readonly from: Shape;
  readonly to: Shape;
  /** Of the window, height and width. */
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Rows above and columns to the left of the image that count as padding. */
  readonly pad: readonly [number, number];
}

/** Kernel (height × width × channels × filters: patch × filters, row by row), then bias. */
export interface ConvLayer extends Windowed {
  readonly kind: "conv";
  readonly activation: Activation;
}

/** Padding is never a maximum, nor counted in an average. */
export interface PoolLayer extends Windowed {
  readonly kind: "pool";
  readonly pooling: "max" | "average";
}

/** Group normalization (Wu & He 2018, arXiv:1803.08494): gamma, then beta, each a number a channel. */
export interface GroupNormLayer extends Laid {
  readonly kind: "groupNorm";
  readonly shape: Shape;
  readonly groups: number;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** Of its own where what is below has none: behind a normalization, say. */
export interface ActivationLayer extends Laid {
  readonly kind: "activation";
  readonly activation: Activation;
}

export type Layer = DenseLayer | ConvLayer | PoolLayer | GroupNormLayer | ActivationLayer;

export interface Model {
  readonly input: Shape;
  /** Entries of `input`. */
  readonly inputs: number;
  /** Of the last layer, linear: one logit for two classes, one for each of more, or one number. */
  readonly outputs: number;
  readonly loss: Loss;
  readonly init: Init;
  /** First to last. */
  readonly layers: readonly Layer[];
  /** Length of the flat parameters. */
  readonly parameters: number;
}

/** Entries of an image, or of a plain row. */
export function entriesOf([height, width, channels]: Shape): number {
  return height * width * channels;
}

/** Positions of a window or an image. */
export function positionsOf([height, width]: Shape): number {
  return height * width;
}

/** Those with parameters, first to last. */
export function trainedLayers({ layers }: Pick<Model, "layers">): readonly Layer[] {
  return layers.filter(({ parameters }) => parameters > 0);
}

/** Where each trained layer's parameters begin and end in the flat array. */
export function layerRanges(model: Model): readonly (readonly [start: number, end: number])[] {
  return trainedLayers(model).map(({ offset, parameters }) => [offset, offset + parameters]);
}

/** A layer's weights one by one, in their order in the flat array, with the shapes that they are saved in. */
export function weightsOf(
  layer: Layer,
): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  switch (layer.kind) {
    case "dense":
      return [
        { name: "kernel", shape: [layer.inputs, layer.outputs] },
        { name: "bias", shape: [layer.outputs] },
      ];
    case "conv":
      return [
        { name: "kernel", shape: [...layer.size, layer.from[2], layer.to[2]] },
        { name: "bias", shape: [layer.to[2]] },
      ];
    case "groupNorm":
      return [
        { name: "gamma", shape: [layer.shape[2]] },
        { name: "beta", shape: [layer.shape[2]] },
      ];
    default:
      return [];
  }
}

/** SHA-256 of the flat parameters as little-endian float32, hexadecimal. */
export function parametersHash(parameters: Float32Array): string {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}
