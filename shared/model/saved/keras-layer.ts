/** One layer of a TensorFlow.js model → layers that the engines know, or why there are none. */
import { z } from "zod";
import type { LayerSpec, Shape } from "../model-spec.ts";
import type { FileLayer } from "./layers-chain.ts";

/** Softmax is left to the loss: it may stand at the end alone. */
export type FoundLayer = LayerSpec | { readonly kind: "softmax" };

/** What a layer stands on. */
export interface Ground {
  readonly shape: Shape;
  /** A plain row; else an image, even if it has a single place. */
  readonly row: boolean;
}

export type KerasLayer =
  | { readonly found: readonly FoundLayer[]; readonly row: boolean }
  | { readonly got: unknown; readonly expected: string; readonly fix?: string };

/** Layers that people will ask for, why there are none of them, and the mend. */
const NEVER: Record<string, readonly [why: string, fix: string]> = {
  BatchNormalization: [
    "a layer that sees one example at a time: this one mixes those of a batch, so that none can be clipped by itself",
    "Take GroupNormalization in its place.",
  ],
  Reshape: ["none but right above the input, to an image", "Remove it."],
  Dropout: ["a layer without coins of its own: no engine draws its masks", "Remove it."],
};

/** @param ground what the layer stands on */
export function kerasLayer({ className, config }: FileLayer, ground: Ground): KerasLayer {
  const common = commonConfig.safeParse(config);
  if (!common.success) return misread(common.error, config);
  const reader = Object.hasOwn(READERS, className) ? READERS[className] : undefined;
  if (reader) return reader(config, ground);
  const never = Object.hasOwn(NEVER, className) ? NEVER[className] : undefined;
  if (never) return { got: className, expected: never[0], fix: never[1] };
  return { got: className, expected: `one of ${Object.keys(READERS).join(", ")}` };
}

type Reader = (config: FileLayer["config"], ground: Ground) => KerasLayer;

const READERS: Readonly<Record<string, Reader>> = {
  Dense: reading(
    z.object({ units: count(), activation: activation(), use_bias: always(true) }),
    ({ units, activation }, { shape, row }) => {
      if (!row) return { got: shape.join(" × "), expected: "a Flatten below it" };
      const dense = { kind: "dense", units } as const;
      return activation === "softmax"
        ? found([{ ...dense, activation: "linear" }, { kind: "softmax" }], true)
        : found([{ ...dense, activation }], true);
    },
  ),
  Conv2D: reading(
    z.object({
      filters: count(),
      kernel_size: pair(),
      strides: pair().default([1, 1]),
      padding: padding(),
      data_format: channelsLast(),
      dilation_rate: pair().default([1, 1]).refine(isOne, "1, no dilation"),
      groups: always(1),
      activation: activation().refine((name) => name !== "softmax", "no softmax"),
      use_bias: always(true),
    }),
    ({ filters, kernel_size: size, strides: stride, padding, activation }, ground) => {
      return onImage({ kind: "conv", filters, size, stride, padding, activation }, ground);
    },
  ),
  MaxPooling2D: pooling("max"),
  AveragePooling2D: pooling("average"),
  GlobalAveragePooling2D: reading(
    z.object({ data_format: channelsLast(), keepdims: always(false) }),
    (_config, ground) => {
      const size = [ground.shape[0], ground.shape[1]] as const;
      const whole = { size, stride: size, padding: "valid" } as const;
      const placed = onImage({ kind: "pool", pooling: "average", ...whole }, ground);
      return "found" in placed ? { ...placed, row: true } : placed;
    },
  ),
  Flatten: reading(z.object({ data_format: channelsLast() }), () => found([], true)),
  Activation: reading(z.object({ activation: activation() }), ({ activation }, { row }) =>
    found([activated(activation)], row),
  ),
  ReLU: reading(
    z.object({
      max_value: z.null().optional(),
      negative_slope: always(0),
      threshold: always(0),
    }),
    (_config, { row }) => found([activated("relu")], row),
  ),
  Softmax: reading(z.object({ axis: z.unknown().optional() }), ({ axis }, { row }) =>
    isLastAxis(axis, row)
      ? found([{ kind: "softmax" }], row)
      : { got: axis, expected: "the last axis" },
  ),
  GroupNormalization: reading(
    z.object({ groups: z.number().int().default(32), axis: z.unknown().optional(), ...scaled() }),
    ({ groups, axis, epsilon }, { shape, row }) =>
      isLastAxis(axis, row)
        ? found([{ kind: "groupNorm", groups: groups === -1 ? shape[2] : groups, epsilon }], row)
        : { got: axis, expected: "the last axis" },
  ),
  LayerNormalization: reading(
    z.object({ axis: z.unknown().optional(), ...scaled() }),
    ({ axis, epsilon }, { shape, row }) =>
      row && isLastAxis(axis, row)
        ? found([{ kind: "groupNorm", groups: 1, epsilon }], row)
        : { got: row ? axis : shape.join(" × "), expected: "a plain row, normalized as a whole" },
  ),
};

function pooling(kind: "max" | "average"): Reader {
  const config = z.object({
    pool_size: pair().default([2, 2]),
    strides: pair().nullish(),
    padding: padding(),
    data_format: channelsLast(),
  });
  return reading(config, ({ pool_size: size, strides, padding }, ground) =>
    onImage({ kind: "pool", pooling: kind, size, stride: strides ?? size, padding }, ground),
  );
}

function onImage(spec: LayerSpec, { shape, row }: Ground): KerasLayer {
  if (row) return { got: `a row of ${shape[2]}`, expected: "an image below it" };
  return found([spec], false);
}

function found(layers: readonly FoundLayer[], row: boolean): KerasLayer {
  return { found: layers, row };
}

function activated(name: z.infer<ReturnType<typeof activation>>): FoundLayer {
  return name === "softmax" ? { kind: "softmax" } : { kind: "activation", activation: name };
}

/** A reader that checks a layer's config first. */
function reading<T>(schema: z.ZodType<T>, read: (config: T, ground: Ground) => KerasLayer): Reader {
  return (config, ground) => {
    const parsed = schema.safeParse(config);
    return parsed.success ? read(parsed.data, ground) : misread(parsed.error, config);
  };
}

function misread(error: z.ZodError, config: FileLayer["config"]): KerasLayer {
  const [issue] = error.issues;
  const key = String(issue?.path[0] ?? "config");
  const words = issue?.message.replace(/^[^:]*: expected /, "").replace(/, received .*$/, "");
  const got = JSON.stringify(config[key]) ?? "nothing";
  return { got: `${key} ${got}`, expected: `${key}: ${words ?? "another value"}` };
}

/** What the engines do to every layer, whatever it is. */
const commonConfig = z.object({
  trainable: always(true),
  dtype: always("float32"),
  ...Object.fromEntries(
    ["kernel", "bias", "activity", "gamma", "beta"].flatMap((name) => [
      [`${name}_regularizer`, z.null().optional()],
      [`${name}_constraint`, z.null().optional()],
    ]),
  ),
});

/** Absent, or that value. */
function always<T extends string | number | boolean>(value: T) {
  return z.literal(value).optional();
}

function count() {
  return z.number().int().min(1).max(65_536);
}

function pair() {
  return z
    .union([count(), z.tuple([count(), count()])])
    .transform((both) => (typeof both === "number" ? ([both, both] as const) : both));
}

function isOne([a, b]: readonly [number, number]): boolean {
  return a === 1 && b === 1;
}

function activation() {
  return z.enum(["linear", "tanh", "relu", "sigmoid", "softmax"]).default("linear");
}

function padding() {
  return z.enum(["same", "valid"]).default("valid");
}

function channelsLast() {
  return z.enum(["channels_last", "channelsLast"]).nullish();
}

function scaled() {
  const epsilon = z.number().positive().max(1).default(1e-3);
  return { epsilon, center: always(true), scale: always(true) };
}

/** -1 or its number, alone or in a list; absent it is the last too. */
function isLastAxis(axis: unknown, row: boolean): boolean {
  const one: unknown = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  return one === undefined || one === -1 || one === (row ? 1 : 3);
}
