/**
 * How a cell becomes what is kept of it: at one fixed level, written in the scenario, the same for
 * all clients. A recoding maps each cell by itself, so that tables that differ in one row still
 * differ in one row after it.
 */
import { z } from "zod";
import { dateFormat } from "../scenario/date-format.ts";
import { TEXT_SCHEMAS } from "./text-rules/rules.ts";

export const MAX_LEAVES = 100_000;
const MAX_EDGES = 1_000;

const text = z.string().min(1).max(1_000);
const interval = z.tuple([z.number(), z.number()]).readonly();
const labels = z.array(text).min(1).max(MAX_LEAVES).readonly();

/** What a column of numbers may begin with. */
const numeric = {
  integer: z.boolean(),
  /** Cells outside are refused; null: any finite number. */
  bounds: interval.nullable(),
  /** Top and bottom coding: numbers outside become the nearer end. */
  clip: interval.nullable(),
  /** What an empty cell counts as; null: it is refused. */
  missing: z.number().nullable(),
  /** Cells are birth dates; the number is the age in completed years at that moment, in ms. */
  bornBeforeMs: z.number().int().nullable(),
  /** How these are written; absent: as ISO 8601 has them. */
  format: dateFormat.optional(),
};

/** Half-open bands; value: the index. */
const bands = z.strictObject({
  kind: z.literal("bands"),
  ...numeric,
  /** Inner edges, the first band open below; or, where it is closed, its lower end among them. */
  edges: z.array(z.number()).min(1).max(MAX_EDGES).readonly(),
  closed: z.boolean(),
  labels,
});

/** A number kept, as it is or coarser. */
const number = z.strictObject({
  kind: z.literal("number"),
  ...numeric,
  /** To a multiple of it: the nearest, half away from zero; or the one below, for a band as wide. */
  grid: z
    .strictObject({ rule: z.enum(["round", "floor"]), width: z.number().positive() })
    .nullable(),
});

/** A hierarchy at its fixed level, or a vocabulary; value: the index in `labels`. */
export const categories = z.strictObject({
  kind: z.literal("categories"),
  normalise: z.array(z.enum(["nfc", "trim", "collapseSpaces", "caseFold"])).readonly(),
  /** Each leaf, normalised, with the index of its value. */
  leaves: z
    .array(z.tuple([z.string(), z.number().int().min(0)]).readonly())
    .min(1)
    .max(MAX_LEAVES)
    .readonly(),
  /** The values, then other and missing, which every domain has. */
  labels,
  unseen: z.enum(["other", "error"]),
  missing: z.enum(["category", "error"]),
  /** Levels between leaves and values, and between leaves and the root. */
  level: z.number().int().min(0),
  height: z.number().int().min(0),
  /** What lies above each value, up to the root; empty: nothing that is told. */
  above: z.array(z.array(text).max(100).readonly()).max(MAX_LEAVES).readonly(),
});

export const DATE_LEVELS = ["day", "month", "quarter", "year", "*"] as const;

/** A date cut to its level; value: whole days from its first day to the reference. */
const date = z.strictObject({
  kind: z.literal("date"),
  level: z.enum(DATE_LEVELS),
  /** Milliseconds since 1970 UTC. */
  referenceMs: z.number().int(),
  /** First and last day allowed, at midnight UTC in ms; null: any, and no formula reads it. */
  boundsMs: interval.nullable(),
  /** How cells are written; absent: as ISO 8601 has them. */
  format: dateFormat.optional(),
});

const side = z.number().int().min(1).max(4_096);
/** Height, width, channels. Bytes are row by row, channels last. */
export const imageShape = z.tuple([side, side, side]).readonly();
/** Bytes of one image. */
export const MAX_IMAGE_BYTES = 1_048_576;

/** An image's bytes, as they are: no formula reads them, no scan, and no measure of risk. */
const image = z.strictObject({ kind: z.literal("image"), shape: imageShape });

export const recoding = z.discriminatedUnion("kind", [
  bands,
  number,
  categories,
  date,
  ...TEXT_SCHEMAS,
  image,
]);

export type Recoding = z.infer<typeof recoding>;
export type Bands = z.infer<typeof bands>;
export type KeptNumber = z.infer<typeof number>;
export type Categories = z.infer<typeof categories>;
export type KeptDate = z.infer<typeof date>;
export type KeptImage = z.infer<typeof image>;

/** Categories that every domain has, so that its width never depends on rows. */
export const OTHER = "other";
export const MISSING = "missing";

/** Bytes of an image of that shape. */
export function imageBytes([height, width, channels]: KeptImage["shape"]): number {
  return height * width * channels;
}

/** "28×28", and how many channels where there are several. */
export function shapeText([height, width, channels]: readonly [number, number, number]): string {
  return channels === 1 ? `${height}×${width}` : `${height}×${width}×${channels}`;
}

/** Index of the band that holds a number; -1: below a closed first one. */
export function bandOf(value: number, edges: readonly number[], closed: boolean): number {
  let band = 0;
  while (band < edges.length && !(value < (edges[band] ?? Number.NaN))) band++;
  return band - Number(closed);
}

/** A number on its grid. Half away from zero where it is rounded; never -0. */
export function onGrid(value: number, grid: KeptNumber["grid"]): number {
  if (grid === null) return value;
  return onMultiple(value, grid.rule, grid.width);
}

/** A multiple of `width`: the next one down, or the nearest, half away from zero. */
export function onMultiple(value: number, rule: "floor" | "round", width: number): number {
  if (rule === "floor") return Math.floor(value / width) * width + 0;
  return Math.sign(value) * Math.floor(Math.abs(value) / width + 0.5) * width + 0;
}
