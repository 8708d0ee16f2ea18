import { describe, expect, it } from "vitest";
import { calibration } from "../../../server/evaluation/calibration.ts";
import { reportHeldOut } from "../../../server/evaluation/held-out.ts";
import type { Loss } from "../../../shared/model/model-spec.ts";

/** What is told of given outputs. */
function told(loss: Loss, width: number, outputs: number[], labels: number[]) {
  const model = { loss, outputs: width };
  return reportHeldOut(model, Float32Array.from(outputs), Float32Array.from(labels));
}

describe("what is told of held-out rows", () => {
  it("of two classes by one logit", () => {
    const { confusion, auc, calibration } = told(
      "binaryCrossEntropy",
      1,
      [2, -1, 0.5, -3],
      [1, 1, 0, 0],
    );
    expect(confusion).toEqual([
      [1, 1],
      [1, 1],
    ]);
    // Pairs (2, .5) (2, -3) (-1, -3) are in order, (-1, .5) is not.
    expect(auc).toBe(0.75);
    const p = [2, -1, 0.5, -3].map((z) => 1 / (1 + Math.exp(-z)));
    const squares = p.map((x, i) => 2 * (x - (i < 2 ? 1 : 0)) ** 2);
    expect(calibration?.brier).toBeCloseTo(squares.reduce((a, b) => a + b) / 4, 12);
  });

  it("of three classes by their logits", () => {
    const outputs = [3, 0, 0, 0, 3, 0, 0, 2, 1, 0, 0, 5];
    const { confusion, auc } = told("categoricalCrossEntropy", 3, outputs, [0, 1, 2, 2]);
    expect(confusion).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
    ]);
    expect(auc).toBeGreaterThan(0.9);
  });

  it("of squared errors: no chances, and so no calibration", () => {
    const { confusion, auc, calibration } = told("meanSquaredError", 1, [0.9, 0.2], [1, 0]);
    expect(confusion).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect([auc, calibration]).toEqual([1, null]);
  });
});

describe("calibration", () => {
  it("holds mean confidence against accuracy, bin by bin", () => {
    // Confidences .65 (right), .61 (wrong), .95 (right), 1 (right).
    const chances = Float64Array.of(0.65, 0.35, 0.39, 0.61, 0.95, 0.05, 0, 1);
    const { bins, expectedError } = calibration(chances, [0, 0, 0, 1], 2);
    expect(bins.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0, 2, 0, 0, 2]);
    expect(bins[6]?.confidence).toBeCloseTo(0.63, 12);
    expect(bins[6]?.accuracy).toBe(0.5);
    expect(expectedError).toBeCloseTo((2 * 0.13 + 2 * 0.025) / 4, 12);
  });
});
