import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Engine, Examples } from "../../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { ProtocolError, ScenarioError } from "../../../shared/errors.ts";
import {
  decode,
  fitsInt32,
  largestSum,
  roundToLattice,
  roundUpdate,
  squareSum,
} from "../../../shared/noise/lattice.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { recordLattice } from "../../../shared/privacy/lattice-terms.ts";
import { denseModel } from "../../support/nets.ts";
import { randomCase } from "../../support/slow-network.ts";

/** secure-aggregation notes, section 5, written out for blocks of 64: the float error's share. */
const share = (records: number) =>
  (2 * 64 * 66) / 2 ** 24 + (2 * (Math.ceil(records / 64) + 1) * records) / 2 ** 53;

describe("recordLattice", () => {
  it("takes rounding and float error off the scale", () => {
    const { scale, sensitivity } = recordLattice(113, 0.5, 1000);
    expect(sensitivity).toBe(4096);
    // s·C + √d + η·s·C is the whole sensitivity.
    expect(scale * 0.5 * (1 + share(1000)) + Math.sqrt(113)).toBeCloseTo(4096, 9);
    expect(scale).toBeCloseTo(8166.627, 2); // by hand: (4096 - 10.63015) / (.5 · 1.00050354)
  });

  it("grows so that they take at most one part in a hundred", () => {
    for (const parameters of [1, 1_600, 101_770, 1_000_000]) {
      const { scale, sensitivity } = recordLattice(parameters, 2, 60_000);
      expect(sensitivity - scale * 2).toBeLessThanOrEqual(0.01 * sensitivity);
      expect(Number.isInteger(sensitivity)).toBe(true);
    }
    expect(recordLattice(1_000_000, 2, 60_000).sensitivity).toBe(105_303);
  });

  it("refuses a population whose float error alone would take that much", () => {
    expect(() => recordLattice(10, 1, 100_000_000)).toThrow(ScenarioError);
    expect(() => recordLattice(10, 1, NaN)).toThrow(ScenarioError);
  });
});

describe("a client's rounded sum", () => {
  /**
   * Squared L2 distance, exact in integers below 2^53, that the record moves the sum which moves it
   * most.
   */
  function largestMove(
    engine: Engine,
    parameters: Float32Array,
    examples: Examples,
    clipNorm: number,
    scale: number,
  ): number {
    const sumOf = (sampled?: Uint8Array) =>
      roundToLattice(engine.clippedSum(parameters, examples, clipNorm, sampled), scale);
    const whole = sumOf();
    let largest = 0;
    for (let gone = 0; gone < examples.count; gone++) {
      const without = sumOf(new Uint8Array(examples.count).fill(1).fill(0, gone, gone + 1));
      const square = whole.reduce((sum, q, i) => sum + (q - (without[i] ?? NaN)) ** 2, 0);
      largest = Math.max(largest, square);
    }
    return largest;
  }

  it("moves by at most the sensitivity, whichever of some hundred records is gone", () => {
    const spec = { kind: "mlp", hidden: [6], activation: "tanh" } as const;
    for (const seed of [1, 2, 3]) {
      const { model, parameters, examples } = randomCase(spec, 4, 300, seed);
      const clipNorm = 1e-3 * seed; // all at the bound
      const { scale, sensitivity } = recordLattice(model.parameters, clipNorm, 300);
      const move = largestMove(fusedEngine(model), parameters, examples, clipNorm, scale);
      expect(move).toBeLessThanOrEqual(sensitivity ** 2);
      // The bound is no larger than it must be: the signal alone is 99 % of it.
      expect(move).toBeGreaterThan((0.985 * sensitivity) ** 2);
    }
  });

  // What a search found to be the worst. Inputs of 1 make all gradients parallel, with one value in
  // every coordinate: label 0 gives one at the clip bound, label 1 a small one against it. In the
  // first block float32 errors add up when slot 2 goes. The bias tells how large the small ones are,
  // so it brings the sum, in all coordinates at once, within 0.01 of a rounding tie. 11 and 155
  // parameters are such that whole steps times √d come to just over 4096.
  const firstBlock = "1100000101111100010100110000010010100101111000100111111111111101";
  const otherBlock = "1".repeat(33).padEnd(64, "0");
  const labels = Float32Array.from(firstBlock + otherBlock.repeat(3), Number);
  const sensitivity = 4096;

  function worstMove(parameters: number, scale: number, bias = 4.510169982910156): number {
    const width = parameters - 1;
    const inputs = new Float32Array(width * labels.length).fill(1);
    const examples: Examples = { count: labels.length, width, inputs, labels };
    const model = denseModel({ kind: "logistic", activation: "tanh" }, width);
    const weights = new Float32Array(parameters).fill(bias, width);
    return largestMove(fusedEngine(model), weights, examples, 1, scale);
  }

  it("moves by at most the sensitivity where ties and float error are at their worst", () => {
    for (const parameters of [11, 155]) {
      const right = recordLattice(parameters, 1, labels.length);
      expect(right.sensitivity).toBe(sensitivity);
      for (const bias of [4.510169982910156, 4.5, 4.7]) {
        const move = worstMove(parameters, right.scale, bias);
        expect(move).toBeLessThanOrEqual(sensitivity ** 2);
      }
    }
  });

  it("would move further, had the scale left float error out", () => {
    expect(worstMove(11, sensitivity - Math.sqrt(11))).toBeGreaterThan(sensitivity ** 2);
  });

  it.each([
    ["left rounding out", 0],
    ["counted half of it, as for a clipped update", 0.5],
  ])("would move further, had the scale %s", (_what, counted) => {
    const scale = (sensitivity - counted * Math.sqrt(155)) / (1 + share(labels.length));
    const moves = [4.5, 4.7].map((bias) => worstMove(155, scale, bias));
    expect(Math.max(...moves)).toBeGreaterThan(sensitivity ** 2);
  });
});

const doubles = z
  .array(z.string())
  .transform((list) => Float64Array.from(list, (hex) => Buffer.from(hex, "hex").readDoubleBE()));
const vectorFile = z.object({
  vectors: z.array(
    z.object({
      name: z.string(),
      C: z.number(),
      x: doubles,
      s: z.number().optional(),
      q: z.array(z.number()).optional(),
      decoded: z.array(z.number()).optional(),
      error: z.string().optional(),
    }),
  ),
  sum: z.object({
    C: z.number(),
    delta_z: z.number(),
    x: z.array(z.array(z.number())),
    q: z.array(z.array(z.number())),
    sum: z.array(z.number()),
    mean_decoded: z.array(z.number()),
    mean_tolerance: z.number(),
  }),
});
const { vectors, sum } = vectorFile.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/quantisation.json"), "utf8")),
);

/** The golden vectors are of unit client, which clips a whole update; this is how they say to. */
function clipped(x: Float64Array, clipNorm: number): Float64Array {
  const m = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (m === 0) return x;
  const r = Math.sqrt(x.reduce((square, v) => square + (v / m) ** 2, 0));
  return m * r <= clipNorm ? x : x.map((v) => (v / m) * (clipNorm / r));
}

describe("roundToLattice", () => {
  it.each(vectors)("rounds the golden vector $name", ({ C, x, s, q, decoded, error }) => {
    if (error !== undefined) {
      const rounding = () => roundToLattice(x, 1);
      expect(rounding).toThrow(ProtocolError);
      expect(rounding).toThrow(error);
      return;
    }
    const rounded = roundToLattice(clipped(x, C), s ?? NaN);
    expect([...rounded]).toEqual(q);
    if (decoded !== undefined) expect([...decode(rounded, s ?? NaN)]).toEqual(decoded);
  });

  it("rounds halves up, below zero too, and has no -0", () => {
    const rounded = roundToLattice(Float64Array.of(0.5, -0.5, 1.5, -1.5, -0, -0.2), 1);
    expect([...rounded]).toEqual([1, 0, 2, -1, 0, 0]);
  });

  it("rounds as Math.round does, next to a half and anywhere", () => {
    const nextTo = (x: number) => [
      x,
      x - 2 ** -54 * Math.abs(x || 1),
      x + 2 ** -52 * Math.abs(x || 1),
    ];
    const halves = [0.5, 1.5, 2.5, 3.5, 1023.5, 2 ** 20 - 0.5, 2 ** 30 + 0.5, 2 ** 31 - 2];
    const near = [...halves, 0, 0.25, 1, 2].flatMap((x) => [...nextTo(x), ...nextTo(-x)]);
    const numbers = [...near, 0.5 - 2 ** -54, 2 ** -54 - 0.5, 2 ** -1074, 2 ** 31 - 1, 1 - 2 ** 31];
    // + 0: what is kept as an integer has no -0.
    const byHand = (x: number) => Math.round(x) + 0;
    expect([...roundToLattice(Float64Array.from(numbers), 1)]).toEqual(numbers.map(byHand));
    const wide = fc.double({ min: -(2 ** 31 - 2), max: 2 ** 31 - 2, noNaN: true });
    const any = fc.array(fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), wide));
    fc.assert(
      fc.property(any, (x) => {
        expect([...roundToLattice(Float64Array.from(x), 1)]).toEqual(x.map(byHand));
      }),
    );
  });

  it("stays at the end of int32 instead of wrapping", () => {
    const rounded = roundToLattice(Float64Array.of(3e9, -3e9, 1e300, -7), 2);
    expect([...rounded]).toEqual([2147483647, -2147483647, 2147483647, -14]);
  });

  it("refuses a sum that scaling makes infinite", () => {
    expect(() => roundToLattice(Float64Array.of(1e300), 1e10)).toThrow("update.non-finite");
  });

  it("is off by half a step at most, decoded again", () => {
    const { scale } = recordLattice(40, 0.5, 1000);
    const random = stream(seededRoot(3), "simulate", "lattice");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (length) => {
        const x = Float64Array.from({ length }, () => 200 * random.normal());
        const back = decode(roundToLattice(x, scale), scale);
        const errors = back.map((v, i) => Math.abs(v - (x[i] ?? NaN)));
        expect(Math.max(...errors)).toBeLessThanOrEqual((0.5 * (1 + 1e-9)) / scale);
      }),
    );
  });
});

describe("decode", () => {
  it("gives the golden mean of three updates", () => {
    const scale = (sum.delta_z - Math.sqrt(5) / 2) / sum.C;
    const updates = sum.x.map((x) => roundToLattice(clipped(Float64Array.from(x), sum.C), scale));
    expect(updates.map((update) => [...update])).toEqual(sum.q);
    const means = decode(Int32Array.from(sum.sum), scale).map((x) => x / 3);
    for (const [i, mean] of means.entries()) {
      expect(Math.abs(mean - (sum.mean_decoded[i] ?? NaN))).toBeLessThanOrEqual(sum.mean_tolerance);
    }
  });
});

describe("fitsInt32", () => {
  it("holds the units that 31 bits hold, without noise", () => {
    expect(fitsInt32(524_287, 4096, 0, 10, 113)).toBe(true); // 2^31 - 4096
    expect(fitsInt32(524_288, 4096, 0, 10, 113)).toBe(false); // 2^31
  });

  it("leaves room for the noise of every client that adds some", () => {
    // λ = sqrt(2·(ln 2d + 40 ln 2)): 9.19 at a million parameters, by hand.
    expect(largestSum(0, 4096, 1, 1, 1_000_000)).toBeCloseTo(9.191, 3);
    expect(largestSum(0, 4096, 1000, 25, 1_000_000)).toBeCloseTo(45_955, -1);
    expect(fitsInt32(1000, 4096, 2 ** 25, 10, 113)).toBe(true);
    expect(fitsInt32(1000, 4096, 2 ** 27, 10, 113)).toBe(false);
  });
});

it("shortens an update that rounding made too long, and no further than it must", () => {
  // (1, 1) is longer than 1.2; a step of 2^-20 at a time, the first entry falls below 1/2 first.
  const lattice = { scale: 1, sensitivity: 1.2 };
  expect(roundUpdate(Float64Array.of(0.50001, -0.7), lattice)).toEqual(Int32Array.of(0, -1));
  expect(roundUpdate(Float64Array.of(0.4, -0.7), lattice)).toEqual(Int32Array.of(0, -1));
  expect(squareSum(Int32Array.of(3, -4))).toBe(25);
});
