import { describe, expect, it } from "vitest";
import { evaluate } from "../../../server/rounds/evaluate.ts";
import type { Engine, Examples } from "../../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { wilsonInterval } from "../../../shared/model/wilson-interval.ts";
import { denseModel } from "../../support/nets.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);

const TARGET = { kind: "column", name: "y", column: "y", positive: 1 } as const;

/** Evaluates given logits. */
function evaluated(logits: number[], labels: number[]) {
  const engine: Engine = { ...fusedEngine(model), outputs: () => Float32Array.from(logits) };
  const rows: Examples = {
    count: labels.length,
    width: 1,
    inputs: new Float32Array(labels.length),
    labels: Float32Array.from(labels),
  };
  return evaluate(engine, new Float32Array(2), rows, TARGET);
}

describe("evaluate", () => {
  it("averages the cross-entropy and counts the right side of one half", async () => {
    const threeToOne = Math.log(3);
    const { loss, accuracy, count } = await evaluated(
      [threeToOne, threeToOne, -threeToOne],
      [1, 0, 0],
    );
    // Probabilities 3/4, 3/4, 1/4 of label 1.
    expect(loss).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25) + Math.log(0.75)) / 3, 7);
    expect(accuracy).toBe(2 / 3);
    expect(count).toBe(3);
  });

  it("takes a probability of exactly one half for label 0", async () => {
    const { loss, accuracy } = await evaluated([0, 0, 0, 0], [0, 1, 1, 1]);
    expect(accuracy).toBe(0.25);
    expect(loss).toBeCloseTo(Math.LN2, 12);
  });

  it("stays finite for logits that exp cannot hold", async () => {
    expect((await evaluated([1e4, -1e4], [1, 0])).loss).toBe(0);
    expect((await evaluated([1e4, -1e4], [0, 1])).loss).toBe(1e4);
    expect((await evaluated([Infinity, -Infinity], [1, 0])).loss).toBe(0);
  });

  it("says NaN for a model that is broken, and counts it wrong", async () => {
    const { loss, accuracy } = await evaluated([NaN, 1], [1, 1]);
    expect(loss).toBeNaN();
    expect(accuracy).toBe(0.5);
  });

  it("asks the engine for the logits of the given model", async () => {
    const rows: Examples = {
      count: 2,
      width: 1,
      inputs: Float32Array.of(3, -5),
      labels: Float32Array.of(1, 1),
    };
    const { loss } = await evaluate(fusedEngine(model), Float32Array.of(2, 1), rows, TARGET);
    expect(loss).toBeCloseTo((Math.log1p(Math.exp(-7)) + Math.log1p(Math.exp(9))) / 2, 6);
  });

  it("says of many rows, taken in pieces, what a plain loop says", async () => {
    const count = 2_500_000;
    const rows: Examples = {
      count,
      width: 1,
      inputs: Float32Array.from({ length: count }, (_, i) => ((i % 101) - 50) / 25),
      labels: Float32Array.from({ length: count }, (_, i) => i % 2),
    };
    const found = await evaluate(fusedEngine(model), Float32Array.of(1, 0), rows, TARGET);
    let right = 0;
    for (let i = 0; i < count; i++) right += Number((i % 101) - 50 > 0 === (i % 2 === 1));
    expect(found.accuracy).toBe(right / count);
  });

  it("gives the interval of its own counts", async () => {
    const { interval } = await evaluated([1, 1, 1, -1], [1, 1, 1, 1]);
    expect(interval).toEqual(wilsonInterval(3, 4));
  });

  it("refuses to average over no rows", async () => {
    await expect(evaluated([], [])).rejects.toThrow(RangeError);
  });
});

// Newcombe 1998, Statistics in Medicine 17, table I, method 3.
it.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("wilsonInterval of %s in %s is the published one", (right, count, low, high) => {
  const [from, to] = wilsonInterval(right, count);
  expect(from).toBeCloseTo(low, 4);
  expect(to).toBeCloseTo(high, 4);
});
