// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * An image → model inputs by scattering: padded, transformed, brought to scale by what is public or by
 * the image's own statistics, and pooled where the contract says so.
 */
import type { ScatterFeature } from "../../../shared/contract/feature.ts";
import {
  POOLED_CELLS,
  SCATTER_CELLS,
  SCATTER_CHANNELS,
  SCATTER_GRID,
} from "../../../shared/contract/scatter-shape.ts";
import { Scattering } from "./scattering.ts";

/** Writes the inputs of one image at `start`. */
export type ImageWriter = (image: Uint8Array, inputs: Float32Array, start: number) => void;

/** Added to a group's variance (Wu & He 2018, arXiv:1803.08494, as it is commonly taken). */
const GROUP_EPSILON = 1e-5;
const BRIGHTEST = 255;

/** Filters take a tenth of a second to make, and all images of a process share them. */
let shared: Scattering | undefined;

export function scatterWriter(feature: ScatterFeature): ImageWriter {
  shared ??= new Scattering();
  const scattering = shared;
  const pad = padder(feature);
  const padded = new Float64Array(SCATTER_GRID * SCATTER_GRID);
  const normalise = normaliser(feature.normalisation);
  return (image, inputs, start) => {
    pad(image, padded);
    const coefficients = scattering.coefficients(padded);
    normalise(coefficients);
    if (feature.pool === null) inputs.set(coefficients, start);
    else pool(coefficients, inputs, start);
  };
}

/** By reflection about the outermost pixels, which are not repeated; bytes to [0, 1]. */
function padder({ shape: [height, width], pad }: ScatterFeature) {
  const mirrored = (at: number, side: number) => {
    const inside = Math.abs(at);
    return inside < side ? inside : 2 * (side - 1) - inside;
  };
  const from = Uint32Array.from({ length: SCATTER_GRID * SCATTER_GRID }, (_, i) => {
    const [row, column] = [Math.floor(i / SCATTER_GRID) - pad, (i % SCATTER_GRID) - pad];
    return mirrored(row, height) * width + mirrored(column, width);
  });
  return (image: Uint8Array, padded: Float64Array) => {
    for (let i = 0; i < from.length; i++) padded[i] = image[from[i]!]! / BRIGHTEST;
  };
}

/** In place: coefficients, channels last. */
function normaliser(rule: ScatterFeature["normalisation"]): (coefficients: Float64Array) => void {
  switch (rule.kind) {
    case "none":
      return () => {};
    case "channels": {
      const { means, stddevs } = rule;
      return (coefficients) => {
        for (let at = 0; at < coefficients.length; ) {
          for (let channel = 0; channel < SCATTER_CHANNELS; channel++, at++)
            coefficients[at] = (coefficients[at]! - means[channel]!) / stddevs[channel]!;
        }
      };
    }
    case "groups": {
      const channels = SCATTER_CHANNELS / rule.groups;
      return (coefficients) => {
        for (let first = 0; first < SCATTER_CHANNELS; first += channels)
          standardise(coefficients, first, channels);
      };
    }
  }
}

/** Some channels of all positions together, to mean 0 and variance 1. */
function standardise(coefficients: Float64Array, first: number, channels: number): void {
  const count = (coefficients.length / SCATTER_CHANNELS) * channels;
  let sum = 0;
  for (let at = first; at < coefficients.length; at += SCATTER_CHANNELS)
    for (let i = 0; i < channels; i++) sum += coefficients[at + i]!;
  const mean = sum / count;
  let squares = 0;
  for (let at = first; at < coefficients.length; at += SCATTER_CHANNELS)
    for (let i = 0; i < channels; i++) squares += (coefficients[at + i]! - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / count + GROUP_EPSILON);
  for (let at = first; at < coefficients.length; at += SCATTER_CHANNELS)
    for (let i = 0; i < channels; i++)
      coefficients[at + i] = (coefficients[at + i]! - mean) * scale;
}

/** Means of 3 × 3 cells, the first at every second one: rows and columns 0–2, 2–4, 4–6. */
function pool(coefficients: Float64Array, inputs: Float32Array, start: number): void {
  for (let cell = 0; cell < POOLED_CELLS * POOLED_CELLS; cell++) {
    const top = 2 * Math.floor(cell / POOLED_CELLS);
    const left = 2 * (cell % POOLED_CELLS);
    for (let channel = 0; channel < SCATTER_CHANNELS; channel++) {
      let sum = 0;
      for (let row = top; row < top + 3; row++)
        for (let column = left; column < left + 3; column++)
          sum += coefficients[(row * SCATTER_CELLS + column) * SCATTER_CHANNELS + channel]!;
      inputs[start + cell * SCATTER_CHANNELS + channel] = sum / 9;
    }
  }
}
