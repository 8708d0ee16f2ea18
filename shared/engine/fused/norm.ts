/**
 * Group normalization over a batch (Wu & He 2018, arXiv:1803.08494): sums in float64, values in
 * float32. Its gradient is two numbers a channel, so it is written out.
 */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { type GroupNormLayer, positionsOf } from "../../model/model.ts";
import { BLOCK_SLOTS } from "../core/engine.ts";
import type { Arena, Machine } from "./arena.ts";
import { fours, type LayerRows, type Placed, type RowTrained, startOf } from "./layer.ts";
import { placeWritten, type Written } from "./written.ts";

export function placeNorm(layer: GroupNormLayer, io: LayerRows, arena: Arena): Placed {
  const entries = 4 * fours(layer.parameters);
  const total = arena.doubles(entries);
  const writtenOf = placeWritten(arena, entries);
  const tables = placeTables(layer, arena);
  return (machine) => {
    const norm = { ...tables, layer, io, machine, total };
    return {
      trained: trainedNorm(norm, writtenOf(machine, total)),
      forward(rows) {
        for (let row = 0; row < rows; row++) forward(norm, row);
      },
      backward(rows) {
        for (let row = 0; row < rows; row++) backward(norm, row);
      },
    };
  };
}

/** Addresses of float64 by channel, an even number of them (simd/norms.as.ts). */
function placeTables({ shape }: GroupNormLayer, arena: Arena) {
  const channels = 2 * Math.ceil(shape[2] / 2);
  const once = () => arena.doubles(channels);
  const perRow = () => arena.doubles(BLOCK_SLOTS * channels);
  return {
    /** Bytes of a table. */
    size: 8 * channels,
    gamma: once(),
    beta: once(),
    sums: once(),
    products: once(),
    /** Of each row: means and 1 / standard deviations of the channel's group, derivatives. */
    means: perRow(),
    scales: perRow(),
    byGamma: perRow(),
    byBeta: perRow(),
  };
}

interface Norm extends ReturnType<typeof placeTables> {
  readonly layer: GroupNormLayer;
  readonly io: LayerRows;
  readonly machine: Machine;
  readonly total: number;
}

function forward(norm: Norm, row: number): void {
  const { machine, layer, io, size, sums, gamma, beta } = norm;
  const { kernel, doubles } = machine;
  const [positions, channels] = [positionsOf(layer.shape), layer.shape[2]];
  const [x, y] = [startOf(io.input, row), startOf(io.output, row)];
  const [means, scales] = [norm.means + row * size, norm.scales + row * size];
  const entries = (positions * channels) / layer.groups;
  kernel.channelSums(x, positions, channels, sums);
  shareInGroups(norm, sums, means);
  for (let c = 0; c < channels; c++) doubles[means / 8 + c]! /= entries;
  kernel.channelSquares(x, positions, channels, means, sums);
  shareInGroups(norm, sums, scales);
  for (let c = 0; c < channels; c++) {
    const variance = doubles[scales / 8 + c]! / entries;
    doubles[scales / 8 + c] = 1 / Math.sqrt(variance + layer.epsilon);
  }
  kernel.normalize(x, positions, channels, means, scales, gamma, beta, y);
}

function backward(norm: Norm, row: number): void {
  const { machine, layer, io, size, sums, products, gamma } = norm;
  const { kernel, doubles } = machine;
  const [positions, channels] = [positionsOf(layer.shape), layer.shape[2]];
  const [x, d] = [startOf(io.input, row), startOf(io.deltas, row)];
  const [means, scales] = [norm.means + row * size, norm.scales + row * size];
  const [byGamma, byBeta] = [norm.byGamma + row * size, norm.byBeta + row * size];
  kernel.channelProducts(x, d, positions, channels, means, scales, byGamma, byBeta);
  if (io.below === null) return;
  const entries = (positions * channels) / layer.groups;
  // Mean and variance hold the input too: what moves them has no part in the derivative.
  for (let c = 0; c < channels; c++) {
    const share = doubles[gamma / 8 + c]! / entries;
    doubles[sums / 8 + c] = share * doubles[byBeta / 8 + c]!;
    doubles[products / 8 + c] = share * doubles[byGamma / 8 + c]!;
  }
  shareInGroups(norm, sums, sums);
  shareInGroups(norm, products, products);
  const below = startOf(io.below, row);
  kernel.normalizeBack(x, d, positions, channels, means, scales, gamma, sums, products, below);
}

/** Writes to each channel the sum over all channels of its group. */
function shareInGroups({ layer, machine }: Norm, from: number, to: number): void {
  const { doubles } = machine;
  const width = layer.shape[2] / layer.groups;
  for (let first = 0; first < layer.shape[2]; first += width) {
    let sum = 0;
    for (let c = first; c < first + width; c++) sum += doubles[from / 8 + c]!;
    for (let c = first; c < first + width; c++) doubles[to / 8 + c] = sum;
  }
}

function trainedNorm(norm: Norm, written: Written): RowTrained {
  const { machine, layer, size, total, gamma, beta, byGamma, byBeta } = norm;
  const { floats, doubles } = machine;
  const { offset, parameters: count } = layer;
  const channels = layer.shape[2];
  const measure = (row: number) => {
    const first = written.gradient / 4;
    for (let c = 0; c < channels; c++) {
      floats[first + c] = doubles[(byGamma + row * size) / 8 + c]!;
      floats[first + channels + c] = doubles[(byBeta + row * size) / 8 + c]!;
    }
    return written.square();
  };
  return {
    kind: "row",
    measure,
    add: written.add,
    flush: written.flush,

    begin(parameters, sum) {
      for (let c = 0; c < channels; c++) {
        doubles[gamma / 8 + c] = parameters[offset + c]!;
        doubles[beta / 8 + c] = parameters[offset + channels + c]!;
      }
      doubles.fill(0, total / 8, total / 8 + count);
      if (sum !== null) doubles.set(sum.subarray(offset, offset + count), total / 8);
    },

    end: (sum) => sum.set(doubles.subarray(total / 8, total / 8 + count), offset),

    move(share) {
      for (let c = 0; c < channels; c++) {
        const [byGammas, byBetas] = [total / 8 + c, total / 8 + channels + c];
        doubles[gamma / 8 + c] = Math.fround(doubles[gamma / 8 + c]! - share * doubles[byGammas]!);
        doubles[beta / 8 + c] = Math.fround(doubles[beta / 8 + c]! - share * doubles[byBetas]!);
      }
    },

    read(parameters) {
      for (let c = 0; c < channels; c++) {
        parameters[offset + c] = doubles[gamma / 8 + c]!;
        parameters[offset + channels + c] = doubles[beta / 8 + c]!;
      }
    },

    addWhole(row) {
      measure(row);
      written.add(1);
    },
  };
}
