import { describe, expect, it } from "vitest";
import { fusedEngine } from "../../shared/engine/fused.ts";
import { forwardLayers } from "../../shared/forward-layers.ts";
import { buildModel, type ModelSpec } from "../../shared/model.ts";
import { randomCase } from "../support/slow-network.ts";

describe("forwardLayers", () => {
  it("shows what goes through a net of two inputs, by hand", () => {
    const model = buildModel({ kind: "mlp", hidden: [2], activation: "relu" }, 2);
    // Kernel rows (1, -1), (2, 3); bias (0.5, -0.5); then kernel (2, 4), bias -6.
    const parameters = Float32Array.of(1, -1, 2, 3, 0.5, -0.5, 2, 4, -6);
    const trace = forwardLayers(model, parameters, Float32Array.of(2, -0.5));
    expect(trace.layers).toEqual([
      { name: "input", size: 2, activations: [2, -0.5] },
      { name: "hidden1", size: 2, activations: [1.5, 0] },
      { name: "output", size: 1, activations: [-3] },
    ]);
    expect(trace.logit).toBe(-3);
    expect(trace.probability).toBeCloseTo(0.047425873177567, 12); // 1 / (1 + e^3)
  });

  it.each<[string, ModelSpec]>([
    ["logistic", { kind: "logistic", activation: "tanh" }],
    ["7-16-1 tanh", { kind: "mlp", hidden: [16], activation: "tanh" }],
    ["7-5-4-1 relu", { kind: "mlp", hidden: [5, 4], activation: "relu" }],
    ["7-6-1 sigmoid", { kind: "mlp", hidden: [6], activation: "sigmoid" }],
  ])("agrees with the engine that a run uses: %s", (_name, spec) => {
    const { model, parameters, examples } = randomCase(spec, 7, 40, 31);
    for (const [i, logit] of fusedEngine(model).logits(parameters, examples).entries()) {
      const input = examples.inputs.slice(7 * i, 7 * (i + 1));
      const trace = forwardLayers(model, parameters, input);
      expect(Math.abs(trace.logit - logit)).toBeLessThan(1e-6 * (1 + Math.abs(logit)));
      expect(Math.abs(trace.probability - 1 / (1 + Math.exp(-logit)))).toBeLessThan(1e-6);
      expect(trace.layers.map(({ size }) => size)).toEqual([
        7,
        ...model.layers.map(({ outputs }) => outputs),
      ]);
    }
  });

  it("gives probabilities 0 and 1 for logits beyond exp, not NaN", () => {
    const model = buildModel({ kind: "logistic", activation: "tanh" }, 1);
    const at = (x: number) =>
      forwardLayers(model, Float32Array.of(1e4, 0), Float32Array.of(x)).probability;
    expect([at(1), at(-1), at(0)]).toEqual([1, 0, 0.5]);
  });

  it("refuses lengths that are not the model's", () => {
    const model = buildModel({ kind: "logistic", activation: "tanh" }, 2);
    const forward = (parameters: number, inputs: number) => () =>
      forwardLayers(model, new Float32Array(parameters), new Float32Array(inputs));
    expect(forward(3, 3)).toThrow(RangeError);
    expect(forward(4, 2)).toThrow(RangeError);
  });
});
