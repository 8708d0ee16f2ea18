/** What a contract says of a feature: from which column or formula it comes, and all its public constants. */
import { z } from "zod";
import { imageShape } from "./recoding.ts";
import { SCATTER_CHANNELS, SCATTER_GRID } from "./scatter-shape.ts";
import { formula, identifier, interval, labels } from "./values.ts";

/** Not so small that a quotient by it leaves float32. */
export const LEAST_DEVIATION = 1e-6;
const constant = z.number().min(-1e6).max(1e6);
const deviation = z.number().min(LEAST_DEVIATION).max(1e6);
/** Model inputs. */
const width = z.number().int().min(1);

/** Beyond it nobody looks for the bounds of a feature that is to learn them. */
export const LARGEST_LEARNED = 2 ** 21;

/** A number, clipped to its bounds before it is scaled to [-1, 1]. */
const number = z.strictObject({
  name: identifier,
  ...formula.shape,
  kind: z.literal("number"),
  /** Where they are to be learned, those that hold whatever the rows are: no learned ones lie beyond. */
  bounds: interval,
  /** Its bounds are not known yet; absent: they are these. */
  learned: z.literal(true).optional(),
  scale: z.enum(["linear", "log"]),
  width,
  /** The name of each model input. */
  labels,
});

/** One 0/1 input a label. */
const oneHot = z.strictObject({
  name: identifier,
  ...formula.shape,
  kind: z.literal("oneHot"),
  bounds: z.null(),
  scale: z.literal("linear"),
  width,
  labels,
});

/** An image's bytes, each over 255, less `mean`, over `stddev`; in their order, channels last. */
const image = z.strictObject({
  name: identifier,
  kind: z.literal("image"),
  column: identifier,
  shape: imageShape,
  mean: constant,
  stddev: deviation,
  width,
});

/** What brings coefficients of all orders to one scale: constants that are public, or nothing but the image. */
const normalisation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  /** Each channel less a mean, over a standard deviation: of other, public images. */
  z.strictObject({
    kind: z.literal("channels"),
    means: z.array(constant).length(SCATTER_CHANNELS).readonly(),
    stddevs: z.array(deviation).length(SCATTER_CHANNELS).readonly(),
  }),
  /** Groups of channels to mean 0 and variance 1 in each image (Wu & He 2018, arXiv:1803.08494). */
  z.strictObject({
    kind: z.literal("groups"),
    groups: z.number().int().min(1).max(SCATTER_CHANNELS),
  }),
]);

/** Scattering coefficients of a grey image: positions row by row, channels last. */
const scatter = z.strictObject({
  name: identifier,
  kind: z.literal("scatter"),
  column: identifier,
  shape: imageShape,
  /** Pixels that are added on each side by reflection, up to the transform's grid. */
  pad: z
    .number()
    .int()
    .min(0)
    .max(SCATTER_GRID / 2),
  normalisation,
  /** 3: the 7 × 7 positions as 3 × 3 means; null: as they are. */
  pool: z.literal(3).nullable(),
  outputShape: z.tuple([width, width, width]).readonly(),
  width,
});

export const feature = z.discriminatedUnion("kind", [number, oneHot, image, scatter]);

export type Feature = z.infer<typeof feature>;
export type NumberFeature = z.infer<typeof number>;
export type ImageFeature = z.infer<typeof image>;
export type ScatterFeature = z.infer<typeof scatter>;
/** One that a formula says. */
export type FormulaFeature = NumberFeature | z.infer<typeof oneHot>;

export function isFormulaFeature(feature: Feature): feature is FormulaFeature {
  return "postfix" in feature;
}
