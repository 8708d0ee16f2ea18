import { describe, expect, it } from "vitest";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { plainEngine } from "../../../shared/engine/plain/engine.ts";
import { buildModel } from "../../../shared/model/build-model.ts";
import { forwardLayers } from "../../../shared/model/forward-layers.ts";
import { initialParameters } from "../../../shared/model/initial-parameters.ts";
import type { LayerSpec, Shape } from "../../../shared/model/model-spec.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { conv, denseModel, type Net, pool, window } from "../../support/nets.ts";
import { apart, randomCase } from "../../support/slow-network.ts";

describe("forwardLayers", () => {
  it("shows what goes through a net of two inputs, by hand", () => {
    const model = denseModel({ kind: "mlp", hidden: [2], activation: "relu" }, 2);
    // Kernel rows (1, -1), (2, 3); bias (0.5, -0.5); then kernel (2, 4), bias -6.
    const parameters = Float32Array.of(1, -1, 2, 3, 0.5, -0.5, 2, 4, -6);
    const trace = forwardLayers(model, parameters, Float32Array.of(2, -0.5));
    expect(trace.layers).toEqual([
      { name: "input", size: 2, activations: [2, -0.5] },
      { name: "hidden1", size: 2, activations: [1.5, 0] },
      { name: "output", size: 1, activations: [-3] },
    ]);
    expect(trace.outputs).toEqual([-3]);
    const [no = NaN, yes = NaN] = trace.probabilities;
    expect(yes).toBeCloseTo(0.047425873177567, 12); // 1 / (1 + e^3)
    expect(no + yes).toBeCloseTo(1, 12);
  });

  it.each<[string, Net]>([
    ["logistic", { kind: "logistic", activation: "tanh" }],
    ["7-16-1 tanh", { kind: "mlp", hidden: [16], activation: "tanh" }],
    ["7-5-4-1 relu", { kind: "mlp", hidden: [5, 4], activation: "relu" }],
    ["7-6-1 sigmoid", { kind: "mlp", hidden: [6], activation: "sigmoid" }],
  ])("agrees with the engine that a run uses: %s", (_name, spec) => {
    const { model, parameters, examples } = randomCase(spec, 7, 40, 31);
    for (const [i, logit] of fusedEngine(model).outputs(parameters, examples).entries()) {
      const input = examples.inputs.slice(7 * i, 7 * (i + 1));
      const trace = forwardLayers(model, parameters, input);
      expect(Math.abs((trace.outputs[0] ?? NaN) - logit)).toBeLessThan(
        1e-6 * (1 + Math.abs(logit)),
      );
      const p = 1 / (1 + Math.exp(-logit));
      expect(Math.abs((trace.probabilities[1] ?? NaN) - p)).toBeLessThan(1e-6);
      expect(trace.layers.map(({ size }) => size)).toEqual([
        7,
        ...model.layers.map(({ outputs }) => outputs),
      ]);
    }
  });

  it.each<[string, Shape, readonly LayerSpec[]]>([
    [
      "convolutions and pools",
      [8, 7, 2],
      [
        conv(3, window([3, 2], [2, 1], "same"), "tanh"),
        pool("average", window([3, 2], [1, 2], "same")),
        conv(2, window([2, 2], [1, 1], "valid"), "relu"),
        pool("max", window([2, 2], [1, 1], "valid")),
      ],
    ],
    [
      "group normalization",
      [3, 3, 4],
      [
        { kind: "groupNorm", groups: 2, epsilon: 0.01 },
        { kind: "activation", activation: "sigmoid" },
      ],
    ],
  ])("agrees with the plain engine: %s", (_name, input, below) => {
    const layers = [...below, { kind: "dense", units: 4, activation: "linear" } as const];
    const loss = "categoricalCrossEntropy";
    const model = buildModel({ input, layers, loss, init: { kind: "glorotUniform" } });
    const draws = stream(seededRoot(3), "simulate", "case");
    const parameters = initialParameters(model, draws).map((w) => w + 0.3 * draws.normal());
    const inputs = Float32Array.from({ length: model.inputs }, () => draws.normal());
    const examples = { count: 1, width: model.inputs, inputs, labels: new Float32Array(1) };
    const due = plainEngine(model).outputs(parameters, examples);
    const trace = forwardLayers(model, parameters, inputs);
    expect(apart(trace.outputs, due)).toBeLessThan(1e-6);
    const sum = due.reduce((all, z) => all + Math.exp(z), 0);
    expect(
      apart(
        trace.probabilities,
        due.map((z) => Math.exp(z) / sum),
      ),
    ).toBeLessThan(1e-6);
    // However many numbers a layer has, a reader gets the first.
    expect(trace.layers[0]).toEqual({
      name: "input",
      size: model.inputs,
      activations: [...inputs.slice(0, 9)],
    });
  });

  it("keeps squared error's outputs within probabilities", () => {
    const layers = [{ kind: "dense", units: 3, activation: "linear" }] as const;
    const loss = "meanSquaredError";
    const model = buildModel({ input: [1, 1, 1], layers, loss, init: { kind: "zeros" } });
    const trace = forwardLayers(model, Float32Array.of(2, -2, 0.5, 0, 0, 0), Float32Array.of(1));
    expect(trace.outputs).toEqual([2, -2, 0.5]);
    expect(trace.probabilities).toEqual([1, 0, 0.5]);
  });

  it("gives probabilities 0 and 1 for logits beyond exp, not NaN", () => {
    const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);
    const at = (x: number) =>
      forwardLayers(model, Float32Array.of(1e4, 0), Float32Array.of(x)).probabilities;
    expect([at(1), at(-1), at(0)]).toEqual([
      [0, 1],
      [1, 0],
      [0.5, 0.5],
    ]);
  });

  it("refuses lengths that are not the model's", () => {
    const model = denseModel({ kind: "logistic", activation: "tanh" }, 2);
    const forward = (parameters: number, inputs: number) => () =>
      forwardLayers(model, new Float32Array(parameters), new Float32Array(inputs));
    expect(forward(3, 3)).toThrow(RangeError);
    expect(forward(4, 2)).toThrow(RangeError);
  });
});
