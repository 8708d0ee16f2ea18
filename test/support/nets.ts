/** Dense nets of two classes, in short. */
import { buildModel } from "../../shared/model/build-model.ts";
import type { Model } from "../../shared/model/model.ts";
import type { Activation, ModelSpec } from "../../shared/model/model-spec.ts";

export interface Net {
  readonly kind: "logistic" | "mlp";
  readonly hidden?: readonly number[];
  readonly activation: Activation;
}

/** The plan's spec of that net on a plain row of `inputs`. */
export function denseSpec({ kind, hidden = [], activation }: Net, inputs: number): ModelSpec {
  return {
    input: [1, 1, inputs],
    layers: [
      ...hidden.map((units) => ({ kind: "dense", units, activation }) as const),
      { kind: "dense", units: 1, activation: "linear" },
    ],
    loss: "binaryCrossEntropy",
    init: { kind: kind === "logistic" ? "zeros" : "glorotUniform" },
  };
}

export function denseModel(net: Net, inputs: number): Model {
  return buildModel(denseSpec(net, inputs));
}

export const dense = (units: number, activation: Activation = "linear") =>
  ({ kind: "dense", units, activation }) as const;
/** Where a window lies. */
export const window = (
  size: readonly [number, number],
  stride: readonly [number, number],
  padding: "same" | "valid",
) => ({ size, stride, padding });
export const conv = (filters: number, placed: ReturnType<typeof window>, activation: Activation) =>
  ({ kind: "conv", filters, ...placed, activation }) as const;
export const pool = (pooling: "max" | "average", placed: ReturnType<typeof window>) =>
  ({ kind: "pool", pooling, ...placed }) as const;
const groupNorm = (groups: number) => ({ kind: "groupNorm", groups, epsilon: 1e-3 }) as const;
const activation = (name: Activation) => ({ kind: "activation", activation: name }) as const;

function net(
  input: ModelSpec["input"],
  layers: ModelSpec["layers"],
  loss: ModelSpec["loss"],
): ModelSpec {
  return { input, layers, loss, init: { kind: "glorotUniform" } };
}

/** Every layer kind, loss, padding and pooling, with odd sizes, each in some net. */
export const LAYERED: Readonly<Record<string, ModelSpec>> = {
  "dense of three classes": net(
    [1, 1, 9],
    [dense(16, "tanh"), dense(7, "sigmoid"), dense(3, "linear")],
    "categoricalCrossEntropy",
  ),
  "dense under squares": net([1, 1, 6], [dense(9, "relu"), dense(4, "linear")], "meanSquaredError"),
  "dense of one number": net([1, 1, 3], [dense(1, "linear")], "meanSquaredError"),
  "a number under squares": net([1, 1, 5], [dense(7, "tanh"), dense(1, "linear")], "squaredError"),
  "a number under Huber": net([1, 1, 5], [dense(6, "relu"), dense(1, "linear")], "huber"),
  "conv of two strides": net(
    [7, 6, 3],
    [
      conv(6, window([3, 2], [2, 1], "same"), "tanh"),
      conv(5, window([2, 3], [1, 2], "valid"), "sigmoid"),
      dense(4, "linear"),
    ],
    "categoricalCrossEntropy",
  ),
  "conv, norm and pools": net(
    [7, 6, 2],
    [
      conv(6, window([3, 2], [1, 1], "same"), "linear"),
      groupNorm(3),
      activation("tanh"),
      pool("max", window([2, 2], [2, 2], "same")),
      conv(8, window([2, 3], [1, 1], "same"), "relu"),
      pool("average", window([2, 3], [1, 2], "same")),
      dense(1, "linear"),
    ],
    "binaryCrossEntropy",
  ),
  "pools that overlap": net(
    [5, 5, 4],
    [
      pool("average", window([3, 2], [2, 1], "same")),
      activation("sigmoid"),
      pool("max", window([2, 2], [1, 1], "valid")),
      conv(4, window([2, 1], [1, 1], "valid"), "tanh"),
      pool("max", window([2, 3], [1, 1], "same")),
      dense(5, "relu"),
      dense(2, "linear"),
    ],
    "categoricalCrossEntropy",
  ),
  "norm first": net(
    [3, 2, 5],
    [groupNorm(1), dense(5, "tanh"), dense(3, "linear")],
    "meanSquaredError",
  ),
};
