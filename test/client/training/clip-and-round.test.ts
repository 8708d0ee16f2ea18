/** An update clipped and rounded by kernels, against loops written out here. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipAndRound, difference } from "../../../client/training/clip-and-round.ts";
import { layerRanges, type Model } from "../../../shared/model/model.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { clientLattice } from "../../../shared/privacy/lattice-terms.ts";
import { denseModel } from "../../support/nets.ts";

const logistic = (parameters: number) =>
  denseModel({ kind: "logistic", activation: "tanh" }, parameters - 1);

interface Length {
  largest: number;
  ratio: number;
}

/** The definition, one number after the other. */
function lengthOf(x: readonly number[]): Length {
  const largest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (largest === 0) return { largest, ratio: 1 };
  return { largest, ratio: Math.sqrt(x.reduce((sum, v) => sum + (v / largest) ** 2, 0)) };
}

function clippedTo(x: readonly number[], bound: number): number[] {
  const { largest, ratio } = lengthOf(x);
  return largest * ratio <= bound ? [...x] : x.map((v) => (v / largest) * (bound / ratio));
}

function byHand(
  before: Float32Array,
  after: Float32Array,
  clipping: "flat" | "perLayer",
  clipNorm: number,
  model: Model,
  scale: number,
) {
  const x = Array.from(before, (v, i) => v - (after[i] ?? NaN));
  if (x.some((v) => !Number.isFinite(v)))
    return { steps: x.map(() => 0), within: false, finite: false };
  const { largest, ratio } = lengthOf(x);
  const ranges = layerRanges(model);
  const clipped =
    clipping === "flat"
      ? clippedTo(x, clipNorm)
      : ranges.flatMap(([start, end]) =>
          clippedTo(x.slice(start, end), clipNorm / Math.sqrt(ranges.length)),
        );
  const ends = (v: number) => Math.max(-(2 ** 31 - 1), Math.min(2 ** 31 - 1, v));
  const steps = clipped.map((v) => ends(Math.round(scale * v)) + 0);
  return { steps, within: largest * ratio <= clipNorm, finite: true };
}

const FREE = 2 ** 26;
const answerOf = (
  x: readonly [before: Float32Array, after: Float32Array],
  clipping: "flat" | "perLayer",
  clipNorm: number,
  model: Model,
  lattice = { scale: 1, sensitivity: FREE },
) => {
  const [before, after] = x;
  const { steps, ...rest } = clipAndRound({ before, after }, clipping, clipNorm, model, lattice);
  return { steps: [...steps], ...rest };
};

describe("clipAndRound", () => {
  // Shorter than a piece of 4,096, as long, longer; and none of them multiples of four.
  it.each([1, 2, 3, 7, 4095, 4096, 4097, 9001])(
    "has the integers of plain loops for %i parameters, clipped or not",
    (length) => {
      const model = logistic(length);
      const random = stream(seededRoot(length), "simulate", "moved");
      const draw = () => Float32Array.from({ length }, () => random.normal());
      const [before, after] = [draw(), draw()];
      for (const clipNorm of [0.01, 1, 1e6]) {
        const lattice = clientLattice(length, Math.min(clipNorm, 300));
        const expected = byHand(before, after, "flat", clipNorm, model, lattice.scale);
        const free = { ...lattice, sensitivity: FREE };
        expect(answerOf([before, after], "flat", clipNorm, model, free)).toEqual(expected);
        if (length > 100) expect(expected.within).toBe(clipNorm === 1e6);
      }
    },
  );

  const net = denseModel({ kind: "mlp", hidden: [5], activation: "tanh" }, 3);
  const entry = fc.oneof(
    fc.float({ noNaN: true, min: -1000, max: 1000 }),
    fc.constantFrom(0, -0, 0.5, -0.5, 1.5, 2 ** -149, -(2 ** -149), 2 ** 127, -(2 ** 127)),
  );
  const floats = fc
    .array(entry, { minLength: net.parameters, maxLength: net.parameters })
    .map((x) => Float32Array.from(x));

  it("has them for any numbers, flat and by layer, and never more than the sensitivity", () => {
    fc.assert(
      fc.property(
        floats,
        floats,
        fc.double({ noNaN: true, min: 1e-6, max: 1e6 }),
        fc.constantFrom("flat", "perLayer"),
        (before, after, clipNorm, clipping) => {
          const lattice = clientLattice(net.parameters, clipNorm);
          const answer = answerOf([before, after], clipping, clipNorm, net, lattice);
          const square = answer.steps.reduce((sum, q) => sum + BigInt(q) ** 2n, 0n);
          expect(square <= BigInt(lattice.sensitivity) ** 2n).toBe(true);
          const expected = byHand(before, after, clipping, clipNorm, net, lattice.scale);
          const fits =
            expected.steps.reduce((sum, q) => sum + q * q, 0) <= lattice.sensitivity ** 2;
          if (fits) expect(answer).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([NaN, Infinity, -Infinity])("is zeros altogether where one number is %d", (odd) => {
    const length = 9001;
    const model = logistic(length);
    for (const place of [0, 1, 2, 3, 4, 4095, 4096, 8999, 9000]) {
      for (const where of [0, 1] as const) {
        const x = [new Float32Array(length).fill(2), new Float32Array(length).fill(1)] as const;
        x[where].fill(odd, place, place + 1);
        const answer = answerOf(x, "flat", 1, model);
        expect(answer).toEqual({ steps: Array(length).fill(0), within: false, finite: false });
      }
    }
    // The next client's is its own.
    const after = new Float32Array(length);
    const clean = answerOf([after.slice().fill(3), after], "flat", 1e9, model, {
      scale: 1,
      sensitivity: 2 ** 20,
    });
    expect(clean).toEqual({ steps: Array(length).fill(3), within: true, finite: true });
  });

  it("rounds what kernels do not: just below a half, and stays at the end of int32", () => {
    const model = logistic(5);
    const zeros = new Float32Array(5);
    // The largest number below a half: plus a half it is 1, and rounded 0.
    const scale = (0.5 - 2 ** -54) / 2 ** -10;
    const moved = Float32Array.of(2 ** -10, 0, -(2 ** -10), 2 ** -9, 0);
    const steps = answerOf([moved, zeros], "flat", 1, model, { scale, sensitivity: FREE }).steps;
    expect(steps).toEqual([0, 0, 0, 1, 0]);
    const far = Float32Array.of(2 ** 40, -(2 ** 40), 7, 0, 0);
    const wide = { scale: 1, sensitivity: 2 ** 33 };
    expect(answerOf([far, zeros], "flat", 2 ** 50, model, wide).steps).toEqual([
      2147483647, -2147483647, 7, 0, 0,
    ]);
  });

  it("shortens what rounding made too long", () => {
    const model = logistic(2);
    const moved = Float32Array.of(0.50001, -0.7);
    const lattice = { scale: 1, sensitivity: 1.2 };
    const answer = answerOf([moved, new Float32Array(2)], "flat", 1, model, lattice);
    expect(answer.steps).toEqual([0, -1]);
  });

  it("leaves both models as they are", () => {
    const [before, after] = [Float32Array.of(1, 2, 3), Float32Array.of(3, 1, 2)];
    answerOf([before, after], "flat", 0.1, logistic(3));
    expect([...before, ...after]).toEqual([1, 2, 3, 3, 1, 2]);
    expect([...difference({ before, after })]).toEqual([-2, 1, 1]);
  });
});
