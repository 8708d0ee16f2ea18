/** What a plan says of its model: flat JSON under the plan hash, from which every peer lays it out alike. */
import { z } from "zod";

const MOST_LAYERS = 100;
const size = z.number().int().min(1).max(65_536);
const pair = z.tuple([size, size]).readonly();

export const ACTIVATIONS = ["linear", "tanh", "relu", "sigmoid"] as const;
const activation = z.enum(ACTIVATIONS);

/** Height, width, channels; a plain row of n numbers is [1, 1, n]. */
const shape = z.tuple([size, size, size]).readonly();

const padding = z.enum(["same", "valid"]);

export const layerSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("dense"), units: size, activation }),
  z.strictObject({
    kind: z.literal("conv"),
    filters: size,
    size: pair,
    stride: pair,
    padding,
    activation,
  }),
  z.strictObject({
    kind: z.literal("pool"),
    pooling: z.enum(["max", "average"]),
    size: pair,
    stride: pair,
    padding,
  }),
  z.strictObject({
    kind: z.literal("groupNorm"),
    groups: size,
    epsilon: z.number().positive().max(1),
  }),
  z.strictObject({ kind: z.literal("activation"), activation }),
]);

/**
 * Mean over the examples, in nats or in squared units. The last two are of a target that is a number,
 * brought to [-1, 1] by its bounds.
 */
const LOSSES = [
  "binaryCrossEntropy",
  "categoricalCrossEntropy",
  "meanSquaredError",
  "squaredError",
  "huber",
] as const;

const init = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("zeros") }),
  /** Uniform within ± sqrt(6 / (in + out)) (Glorot & Bengio 2010). */
  z.strictObject({ kind: z.literal("glorotUniform") }),
  /** Normal of standard deviation sqrt(2 / in) (He, Zhang, Ren & Sun 2015). */
  z.strictObject({ kind: z.literal("heNormal") }),
  /** Those of a file, by their hash (model.ts, parametersHash). */
  z.strictObject({ kind: z.literal("given"), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

export const modelSpecSchema = z.strictObject({
  input: shape,
  layers: z.array(layerSpecSchema).min(1).max(MOST_LAYERS).readonly(),
  loss: z.enum(LOSSES),
  init,
});

export type Activation = (typeof ACTIVATIONS)[number];
export type Loss = (typeof LOSSES)[number];
export type Shape = z.infer<typeof shape>;
export type Init = z.infer<typeof init>;
export type LayerSpec = z.infer<typeof layerSpecSchema>;
export type ModelSpec = z.infer<typeof modelSpecSchema>;
