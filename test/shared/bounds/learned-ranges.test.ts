import { expect, it } from "vitest";
import { binOf, countRecord } from "../../../shared/bounds/histogram.ts";
import {
  cutsOf,
  type Learned,
  learn,
  nothingLearned,
} from "../../../shared/bounds/learned-ranges.ts";
import type { Outer } from "../../../shared/bounds/range.ts";
import {
  BOUNDS_RELEASES,
  boundsSensitivity,
  FEATURE_BINS,
} from "../../../shared/privacy/bounds-terms.ts";
import { mulberry32 } from "../../support/mulberry32.ts";

const OUTER = { scale: "linear", bounds: [-(2 ** 21), 2 ** 21] } as const;
const LOG = { scale: "log", bounds: [0, 2 ** 21] } as const;

/** All releases, without noise but what `noise` adds to each entry. */
function learnedFrom(
  rows: readonly (readonly number[])[],
  outers: readonly Outer[],
  noise: () => number = () => 0,
  deviation = 0,
): Learned {
  let learned = nothingLearned(outers);
  for (let release = 0; release < BOUNDS_RELEASES; release++) {
    const counts = new Int32Array(outers.length * FEATURE_BINS);
    for (const row of rows) countRecord(counts, row, cutsOf(learned, outers));
    learned = learn(
      learned,
      counts.map((count) => count + noise()),
      outers,
      deviation,
    );
  }
  return learned;
}

it("puts a value into the octave that holds it, whatever its sign", () => {
  const octaves = { kind: "octaves" } as const;
  for (let exponent = -20; exponent <= 20; exponent++)
    for (const value of [2 ** exponent, 2 ** (exponent + 1) * (1 - 2 ** -24)]) {
      expect(binOf(value, octaves)).toBe(41 + 21 + exponent);
      expect(binOf(-value, octaves)).toBe(41 - 21 - exponent);
    }
  expect([0, 2 ** -21, -(2 ** -21)].map((value) => binOf(value, octaves))).toEqual([41, 41, 41]);
  expect([1e300, Number.NEGATIVE_INFINITY].map((value) => binOf(value, octaves))).toEqual([82, 0]);
  expect(binOf(Number.NaN, octaves)).toBe(83);
});

it("cuts a range into 32 equal bins, what lies beyond in the outer ones", () => {
  const cut = { kind: "equal", range: [0, 64], scale: "linear" } as const;
  expect([-5, 0, 1.99, 2, 63.9, 64, 1e9].map((value) => binOf(value, cut))).toEqual([
    0, 0, 0, 1, 31, 31, 31,
  ]);
  expect(binOf(Number.NaN, cut)).toBe(83);
});

it("moves an integer vector of one length, record by record, that Δ bounds and Δ − 1 does not", () => {
  const random = mulberry32(1);
  for (const features of [1, 2, 3, 7, 14, 30, 99]) {
    const outers = Array.from({ length: features }, (_, i) => (i % 2 ? LOG : OUTER));
    const bound = boundsSensitivity(features);
    for (const releases of [0, 1]) {
      const known = { releases, ranges: outers.map(({ bounds }) => bounds) };
      for (let record = 0; record < 200; record++) {
        const values = outers.map(() =>
          random() < 0.2 ? Number.NaN : (random() - 0.5) * 2 ** (40 * random() - 20),
        );
        const counts = new Int32Array(features * FEATURE_BINS);
        countRecord(counts, values, cutsOf(known, outers));
        const squares = counts.reduce((sum, x) => sum + x * x, 0);
        expect(squares).toBe(64 * 64 * features);
        expect(squares).toBeLessThanOrEqual(bound ** 2);
        expect(squares).toBeGreaterThan((bound - 1) ** 2);
      }
    }
  }
});

it("finds quantiles 0.1 and 0.9 and widens them by half, within a bin", () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => [100 + (i % 100), i % 7 ? 3 : Number.NaN]);
  const { ranges, releases } = learnedFrom(rows, [OUTER, OUTER]);
  expect(releases).toBe(3);
  // 109 … 190, 81 apart; of [64, 256] a bin is 6 wide.
  const [low = 0, high = 0] = ranges[0] ?? [];
  expect(low).toBeGreaterThan(109 - 40.5 - 12);
  expect(low).toBeLessThanOrEqual(109 - 40.5);
  expect(high).toBeLessThan(190 + 40.5 + 12);
  expect(high).toBeGreaterThanOrEqual(190 + 40.5);
});

it("looks once more where the quantiles are near, and leaves a range that nearly all is one bin of", () => {
  // All within 1000 … 1001, and one outlier in a hundred far off: [2^9, 2^20].
  const near = Array.from({ length: 2_000 }, (_, i) => [i % 100 ? 1_000 + (i % 64) : 600_000]);
  const [low = 0, high = 0] = learnedFrom(near, [OUTER]).ranges[0] ?? [];
  expect(high - low).toBeLessThan(8 * 32_768);
  expect([low < 1_000, high > 1_063]).toEqual([true, true]);
  const constant = Array.from({ length: 500 }, () => [7]);
  const [from = 0, to = 0] = learnedFrom(constant, [OUTER]).ranges[0] ?? [];
  expect([from <= 7, to > 7]).toEqual([true, true]);
});

it("falls back to what it knew where there is nothing, or noise has quantiles in the wrong order", () => {
  expect(learnedFrom([], [OUTER, LOG]).ranges).toEqual([OUTER.bounds, LOG.bounds]);
  expect(learnedFrom([[Number.NaN]], [OUTER], () => 0, 1).ranges).toEqual([OUTER.bounds]);
  const known = { releases: 1, ranges: [[0, 32]] as const };
  const counts = new Int32Array(FEATURE_BINS);
  // From the left a tenth is reached in the last bin only, from the right in the first.
  counts.set([6_400, -6_400], 0);
  counts.set([-6_400, 12_800], 30);
  const wrong = counts.map((count, bin) => (bin === 0 ? 300 : count));
  for (const own of [counts.map(() => -64), wrong])
    for (const range of learn(known, own, [OUTER], 1).ranges) {
      expect(range[0]).toBeLessThan(range[1]);
      expect(range[0]).toBeGreaterThanOrEqual(0);
      expect(range[1]).toBeLessThanOrEqual(32);
    }
});

it("goes no further than what values can be, and no octave of noise alone is kept", () => {
  const random = mulberry32(2);
  const noise = () =>
    Math.round(64 * 10 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  const rows = Array.from({ length: 5_000 }, (_, i) => [i % 100]);
  for (let seed = 0; seed < 20; seed++) {
    const [range] = learnedFrom(rows, [{ scale: "linear", bounds: [0, 100] }], noise, 10).ranges;
    expect(range?.[0]).toBe(0);
    expect(range?.[1]).toBeGreaterThan(60);
    expect(range?.[1]).toBeLessThanOrEqual(100);
  }
});
