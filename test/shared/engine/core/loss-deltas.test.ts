import { describe, expect, it } from "vitest";
import { writeLossDeltas } from "../../../../shared/engine/core/loss-deltas.ts";
import type { Loss } from "../../../../shared/model/model-spec.ts";

/** Each loss by its definition, of linear outputs. */
const LOSSES: Record<string, (outputs: readonly number[], label: number) => number> = {
  binaryCrossEntropy: ([x = 0], label) => Math.log(1 + Math.exp(x)) - label * x,
  squaredError: ([x = 0], label) => (x - label) ** 2,
  huber: ([x = 0], label) => {
    const off = Math.abs(x - label);
    return off <= 0.2 ? off ** 2 / 2 : 0.2 * (off - 0.1);
  },
  categoricalCrossEntropy: (outputs, label) =>
    Math.log(outputs.reduce((sum, x) => sum + Math.exp(x), 0)) - (outputs[label] ?? 0),
  meanSquaredError: (outputs, label) =>
    outputs.reduce((sum, x, j) => {
      const target = outputs.length === 1 ? label : Number(j === label);
      return sum + (x - target) ** 2;
    }, 0) / outputs.length,
};

/** What is written, and that nothing else is: three places before and two after. */
function written(loss: Loss, outputs: readonly number[], label: number): number[] {
  const deltas = new Float64Array(outputs.length + 5).fill(77);
  const all = Float64Array.of(50, -60, ...outputs, 70, -80);
  writeLossDeltas(loss, outputs.length, label, all, 2, deltas, 3);
  expect([...deltas.slice(0, 3), ...deltas.slice(-2)]).toEqual([77, 77, 77, 77, 77]);
  return [...deltas.slice(3, -2)];
}

const CASES: readonly (readonly [Loss, readonly number[], number])[] = [
  ["binaryCrossEntropy", [0.3], 1],
  ["binaryCrossEntropy", [-1.7], 0],
  ["squaredError", [0.4], -0.25],
  ["squaredError", [-3], 0.5],
  ["huber", [0.625], 0.5],
  ["huber", [0.375], 0.5],
  ["huber", [3], 0.5],
  ["huber", [-3], 0.5],
  ["categoricalCrossEntropy", [0.1, -0.4, 1.2], 0],
  ["categoricalCrossEntropy", [0.1, -0.4, 1.2], 2],
  ["categoricalCrossEntropy", [2, 1], 1],
  ["meanSquaredError", [0.3], 1],
  ["meanSquaredError", [-0.2, 0.7, 0.4], 1],
];

describe.each(CASES)("%s of %j, label %d", (loss, outputs, label) => {
  it("are the slopes of the loss", () => {
    const of = LOSSES[loss] ?? (() => Number.NaN);
    const step = 2 ** -17;
    const got = written(loss, outputs, label);
    outputs.forEach((_, j) => {
      const moved = (by: number) => outputs.map((x, i) => (i === j ? x + by : x));
      const slope = (of(moved(step), label) - of(moved(-step), label)) / (2 * step);
      expect(got[j], `output ${j}`).toBeCloseTo(slope, 8);
    });
  });
});

it("cross-entropy's exponents do not overflow, far up or down", () => {
  expect(written("categoricalCrossEntropy", [1000, 999, -1000], 1)).toEqual([
    expect.closeTo(1 / (1 + Math.exp(-1)), 12),
    expect.closeTo(1 / (1 + Math.E) - 1, 12),
    0,
  ]);
  expect(written("categoricalCrossEntropy", [-900, -901], 0)[1]).toBeCloseTo(1 / (1 + Math.E), 12);
});
