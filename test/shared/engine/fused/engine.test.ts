import { describe, expect, it } from "vitest";
import { type Examples, exampleSlice } from "../../../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../../../shared/engine/fused/engine.ts";
import { plainEngine } from "../../../../shared/engine/plain/engine.ts";
import { buildModel } from "../../../../shared/model/build-model.ts";
import { trainedLayers } from "../../../../shared/model/model.ts";
import type { ModelSpec } from "../../../../shared/model/model-spec.ts";
import { describeEngine, SPECS } from "../../../support/engine-tests.ts";
import { norm, randomCaseOf } from "../../../support/slow-network.ts";

/** Widths beyond one panel of the kernels, and both sides of every rest. */
const WIDE: Readonly<Record<string, ModelSpec>> = Object.fromEntries(
  [4, 5, 8, 9, 12, 13, 33].map((units) => [
    `${units * 11}-${units}-10`,
    {
      input: [1, 1, units * 11],
      layers: [
        { kind: "dense", units, activation: "tanh" },
        { kind: "dense", units: 10, activation: "linear" },
      ],
      loss: "categoricalCrossEntropy",
      init: { kind: "glorotUniform" },
    },
  ]),
);

function distance(a: Float64Array | Float32Array, b: Float64Array | Float32Array): number {
  return norm(Float64Array.from(a, (x, i) => x - (b[i] ?? NaN)));
}

describe("fusedEngine", () => describeEngine(fusedEngine));

describe.each(Object.entries({ ...SPECS, ...WIDE }))("fusedEngine of a net: %s", (name, spec) => {
  const { model, parameters, examples } = randomCaseOf(spec, 150, 3);
  const [fused, plain] = [fusedEngine(model), plainEngine(model)];
  const clipNorm = [...plain.gradientNorms(parameters, examples)].sort((a, b) => a - b)[50] ?? NaN;

  it("agrees with the plain engine to a millionth", () => {
    const sampled = Uint8Array.from({ length: 150 }, (_, i) => Number(i % 3 > 0));
    const layered = trainedLayers(model).map((_, layer) => clipNorm / (layer + 1));
    for (const bounds of [clipNorm, layered]) {
      for (const mask of [undefined, sampled]) {
        const expected = plain.clippedSum(parameters, examples, bounds, mask);
        const sum = fused.clippedSum(parameters, examples, bounds, mask);
        expect(distance(sum, expected)).toBeLessThan(1e-6 * norm(expected));
      }
    }
    const gradient = plain.gradientSum(parameters, examples);
    expect(distance(fused.gradientSum(parameters, examples), gradient)).toBeLessThan(
      1e-6 * norm(gradient),
    );
    const outputs = plain.outputs(parameters, examples);
    expect(distance(fused.outputs(parameters, examples), outputs)).toBeLessThan(
      1e-6 * norm(outputs),
    );
  });

  it.each([1, 10, 64, 150])(
    "steps down the gradient of %d to the bits of its own sum and a loop, near the plain engine's",
    (count) => {
      const some = exampleSlice(examples, 0, count);
      const stepped = parameters.slice();
      // Twice, so that nothing is left over from the step before.
      for (const share of [2e-3, 1e-5]) {
        const expected = stepped.map((w) => w);
        const sum = fused.gradientSum(expected, some);
        for (const [i, slope] of sum.entries()) expected[i] = (expected[i] ?? NaN) - share * slope;
        const far = plain.gradientSum(stepped, some);
        const plainly = stepped.map((w, i) => w - share * (far[i] ?? NaN));
        fused.descend?.(stepped, some, share);
        expect(stepped).toEqual(expected);
        expect(distance(stepped, plainly)).toBeLessThan(1e-6 * norm(Float64Array.from(plainly)));
      }
      expect(distance(stepped, parameters)).toBeGreaterThan(0);
    },
  );

  it("measures norms as the plain engine does, each to a millionth", () => {
    const norms = fused.gradientNorms(parameters, examples);
    const plainNorms = plain.gradientNorms(parameters, examples);
    // Of a number the slope is a difference in float32, as exact as what it is a difference of.
    const least = /number under/.test(name)
      ? (plainNorms.toSorted()[plainNorms.length / 2] ?? 0)
      : 0;
    for (const [i, expected] of plainNorms.entries()) {
      const far = Math.abs((norms[i] ?? NaN) - expected);
      expect(far).toBeLessThan(2e-6 * Math.max(expected, least));
    }
  });

  it("gives an example the same bytes wherever it lies among others", () => {
    const moved = (from: number, to: number): Examples => {
      const inputs = Float32Array.from({ length: examples.inputs.length }, (_, k) => 1 / (k + 1));
      const row = examples.inputs.subarray(from * model.inputs, (from + 1) * model.inputs);
      inputs.set(row, to * model.inputs);
      const labels = examples.labels.with(to, examples.labels[from] ?? NaN);
      return { ...examples, inputs, labels };
    };
    const at = (slot: number) => {
      const only = Uint8Array.from({ length: 150 }, (_, i) => Number(i === slot));
      return fused.clippedSum(parameters, moved(5, slot), clipNorm, only);
    };
    for (const slot of [1, 63, 64, 149]) expect(at(slot)).toEqual(at(5));
    const outputs = (slot: number) =>
      fused
        .outputs(parameters, moved(5, slot))
        .subarray(slot * model.outputs, (slot + 1) * model.outputs);
    for (const slot of [1, 63, 64, 149]) expect(outputs(slot)).toEqual(outputs(5));
  });
});

it("has room for its largest layer, whichever that is", () => {
  const dense = (units: number, activation: "tanh" | "linear") =>
    ({ kind: "dense", units, activation }) as const;
  const spec: ModelSpec = {
    ...{ input: [1, 1, 600], layers: [dense(700, "tanh"), dense(10, "linear")] },
    ...{ loss: "categoricalCrossEntropy", init: { kind: "glorotUniform" } },
  };
  const { model, parameters, examples } = randomCaseOf(spec, 2, 5);
  const expected = plainEngine(model).clippedSum(parameters, examples, 1);
  const sum = fusedEngine(model).clippedSum(parameters, examples, 1);
  const worst = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - (sum[i] ?? NaN))), 0);
  expect(worst).toBeLessThan(1e-6);
  expect(Math.max(...expected.slice(-10).map(Math.abs))).toBeGreaterThan(1e-3);
});

it("keeps no block for slots of which none is in the round, however many", () => {
  const few = WIDE["44-4-10"];
  if (!few) throw new Error("a net");
  const { model, parameters, examples } = randomCaseOf(few, 64 * 300, 6);
  const fused = fusedEngine(model);
  const sampled = new Uint8Array(examples.count);
  for (const slot of [3, 64 * 299 + 5]) sampled[slot] = 1;
  const expected = plainEngine(model).clippedSum(parameters, examples, 1, sampled);
  expect(distance(fused.clippedSum(parameters, examples, 1, sampled), expected)).toBeLessThan(
    1e-6 * norm(expected),
  );
});

describe("fusedEngine's activation functions", () => {
  const wave = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100);
  const inputs = Float32Array.from([...wave, 1e-30, -1e-4, 3e-3, 88, -88, 1e4, -1e30]);

  it.each([
    ["tanh", Math.tanh],
    ["sigmoid", (x: number) => 1 / (1 + Math.exp(-x))],
    ["relu", (x: number) => Math.max(0, x)],
  ] as const)("gives %s to 1.5e-7, and near 0 to as many digits", (activation, exact) => {
    const model = buildModel({
      input: [1, 1, 1],
      layers: [
        { kind: "activation", activation },
        { kind: "dense", units: 1, activation: "linear" },
      ],
      loss: "meanSquaredError",
      init: { kind: "zeros" },
    });
    const examples = { count: inputs.length, width: 1, inputs, labels: inputs };
    const outputs = fusedEngine(model).outputs(Float32Array.of(1, 0), examples);
    for (const [i, x] of inputs.entries()) {
      const expected = exact(x);
      const error = Math.abs((outputs[i] ?? NaN) - expected);
      expect(error, `${activation}(${x})`).toBeLessThan(1.5e-7);
      if (Math.abs(x) < 1) expect(error).toBeLessThanOrEqual(4e-7 * Math.abs(expected));
    }
  });
});
