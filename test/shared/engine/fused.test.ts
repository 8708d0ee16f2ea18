import { describe, expect, it } from "vitest";
import { clipBounds } from "../../../shared/engine/clip.ts";
import { BLOCK_SLOTS, type Examples } from "../../../shared/engine/engine.ts";
import { fusedEngine } from "../../../shared/engine/fused.ts";
import { buildModel, type ModelSpec } from "../../../shared/model.ts";
import {
  apart,
  inputOf,
  labelOf,
  norm,
  randomCase,
  slowClippedSum,
  slowGradient,
  slowLogit,
  slowLoss,
  slowSumByLayer,
} from "../../support/slow-network.ts";

const NETS: Record<string, { spec: ModelSpec; inputs: number }> = {
  logistic: { spec: { kind: "logistic", activation: "tanh" }, inputs: 9 },
  "9-16-1 tanh": { spec: { kind: "mlp", hidden: [16], activation: "tanh" }, inputs: 9 },
  "5-12-1 relu": { spec: { kind: "mlp", hidden: [12], activation: "relu" }, inputs: 5 },
  "4-6-1 sigmoid": { spec: { kind: "mlp", hidden: [6], activation: "sigmoid" }, inputs: 4 },
  "6-7-3-1 tanh": { spec: { kind: "mlp", hidden: [7, 3], activation: "tanh" }, inputs: 6 },
  "3-1-2-1 relu": { spec: { kind: "mlp", hidden: [1, 2], activation: "relu" }, inputs: 3 },
};

describe.each(Object.entries(NETS))("of a %s net", (_name, { spec, inputs }) => {
  const { model, parameters, examples } = randomCase(spec, inputs, 150, 7);
  const engine = fusedEngine(model);
  const each = Array.from({ length: examples.count }, (_, i) => i);

  it("gives each example the gradient that finite differences of its loss give", () => {
    const step = 1e-5;
    for (const i of each.slice(0, 12)) {
      const loss = (at: number, by: number) => {
        const moved = Float64Array.from(parameters, (w, j) => (j === at ? w + by : w));
        return slowLoss(model, moved, inputOf(examples, i), labelOf(examples, i));
      };
      const differences = Array.from(
        { length: model.parameters },
        (_, j) => (loss(j, step) - loss(j, -step)) / (2 * step),
      );
      // A bound far above any gradient here leaves it unclipped.
      const only = Uint8Array.from(each, (k) => (k === i ? 1 : 0));
      expect(apart(engine.clippedSum(parameters, examples, 1e3, only), differences)).toBeLessThan(
        1e-5,
      );
    }
  });

  it("sums clipped gradients as a plain loop does", () => {
    const norms = [...engine.gradientNorms(parameters, examples)].sort((a, b) => a - b);
    const clipNorm = norms[50] ?? NaN; // a third of them pass, the rest are clipped
    const sum = engine.clippedSum(parameters, examples, clipNorm);
    const slow = slowClippedSum(model, parameters, examples, clipNorm);
    expect(apart(sum, slow)).toBeLessThan(1e-5 * norm(slow));
    expect(norm(slow)).toBeGreaterThan(clipNorm);
  });

  it("sums gradients clipped layer by layer as a plain loop does", () => {
    const bounds = model.layers.map((_, layer) => 0.05 * (layer + 1));
    const sum = engine.clippedSum(parameters, examples, bounds);
    const slow = slowSumByLayer(model, parameters, examples, bounds);
    expect(apart(sum, slow)).toBeLessThan(1e-5 * norm(slow));
    expect(norm(slow)).toBeGreaterThan(0.05);
  });

  it("keeps the joint bound where each layer keeps its share of it", () => {
    const bounds = clipBounds("perLayer", 0.1, model);
    for (const i of each.slice(0, 20)) {
      const only = Uint8Array.from(each, (k) => (k === i ? 1 : 0));
      expect(norm(engine.clippedSum(parameters, examples, bounds, only))).toBeLessThanOrEqual(0.1);
    }
    if (typeof bounds === "number") throw new Error("one bound for all layers");
    expect(bounds).toHaveLength(model.layers.length);
    expect(norm(bounds)).toBeCloseTo(0.1, 12);
  });

  it("measures each gradient's norm before clipping", () => {
    const slow = each.map((i) =>
      norm(slowGradient(model, parameters, inputOf(examples, i), labelOf(examples, i))),
    );
    expect(apart(engine.gradientNorms(parameters, examples), slow)).toBeLessThan(1e-5);
  });

  it("predicts as a plain loop does", () => {
    const slow = each.map((i) => slowLogit(model, parameters, inputOf(examples, i)));
    expect(apart(engine.logits(parameters, examples), slow)).toBeLessThan(1e-5);
  });

  it.each([1e-3, 0.5, 20])("never gives one example more than a clipNorm of %s", (clipNorm) => {
    // From far below the bound to 1e17 times an ordinary record; beyond, it counts as not finite.
    const scales = [1e-6, 1e-2, 1, 30, 1e4, 1e12, 1e17];
    for (const scale of scales) {
      const scaled = { ...examples, inputs: examples.inputs.map((x) => x * scale) };
      const norms = engine.gradientNorms(parameters, scaled);
      for (const i of each.slice(0, 8)) {
        const only = Uint8Array.from(each, (k) => (k === i ? 1 : 0));
        const given = norm(engine.clippedSum(parameters, scaled, clipNorm, only));
        expect(given).toBeLessThanOrEqual(clipNorm);
        const expected = Math.min(clipNorm, norms[i] ?? NaN);
        expect(Math.abs(given - expected)).toBeLessThanOrEqual(2e-6 * expected);
      }
    }
  });

  it.each([NaN, Infinity, -Infinity, 1e38])("adds zero for a record holding %s", (bad) => {
    const at = [3, 70, 149];
    const spoilt = { ...examples, inputs: examples.inputs.slice() };
    for (const i of at) spoilt.inputs[i * inputs + (i % inputs)] = bad;
    const others = Uint8Array.from(each, (i) => (at.includes(i) ? 0 : 1));
    for (const bounds of [0.5, model.layers.map(() => 0.5)]) {
      const sum = engine.clippedSum(parameters, spoilt, bounds);
      expect(sum).toEqual(engine.clippedSum(parameters, examples, bounds, others));
      expect(norm(sum)).toBeGreaterThan(0.5);
    }
  });

  it("keeps every block's bytes, whoever else is in the round", () => {
    const random = Uint8Array.from(each, (i) => Number(Math.sin(i * i) > -0.2));
    const blocks = [0, 1, 2].map((block) => {
      const own = random.map((bit, i) => (Math.floor(i / BLOCK_SLOTS) === block ? bit : 0));
      return engine.clippedSum(parameters, examples, 0.5, own);
    });
    for (const block of blocks) expect(block).toEqual(block.map(Math.fround));
    const [first, second, third] = blocks;
    const added = first?.map((x, j) => x + (second?.[j] ?? NaN) + (third?.[j] ?? NaN));
    expect(engine.clippedSum(parameters, examples, 0.5, random)).toEqual(added);
  });
});

describe("fusedEngine", () => {
  const model = buildModel({ kind: "logistic", activation: "tanh" }, 2);
  const engine = fusedEngine(model);
  const rows = (...labels: number[]): Examples => ({
    count: labels.length,
    width: 2,
    inputs: new Float32Array(2 * labels.length).fill(3),
    labels: Float32Array.from(labels),
  });

  it("clips each example and not their sum", () => {
    // By hand: at zero parameters each gradient is ±(1.5, 1.5, .5), of norm sqrt(4.75).
    const sum = engine.clippedSum(new Float32Array(3), rows(0, 0, 0, 1), 0.5);
    const entry = (x: number) => ((3 - 1) * x * 0.5) / Math.sqrt(4.75);
    expect(apart(sum, [entry(1.5), entry(1.5), entry(0.5)])).toBeLessThan(2e-6);
  });

  it("stays finite where a logit is far beyond what exp can hold", () => {
    const parameters = Float32Array.of(1e4, 1e4, 0);
    expect([...engine.logits(parameters, rows(1))]).toEqual([6e4]);
    expect([...engine.gradientNorms(parameters, rows(1, 0))]).toEqual([0, Math.sqrt(19)]);
    const negative = parameters.map((w) => -w);
    expect([...engine.gradientNorms(negative, rows(0, 1))]).toEqual([0, Math.sqrt(19)]);
  });

  it("gives zeros for no examples", () => {
    expect(engine.clippedSum(new Float32Array(3), rows(), 0.5)).toEqual(new Float64Array(3));
  });

  it("leaves its arguments alone and keeps nothing from one call to the next", () => {
    const {
      model: net,
      parameters,
      examples,
    } = randomCase({ kind: "mlp", hidden: [4], activation: "tanh" }, 3, 70, 5);
    const copy = [parameters.slice(), examples.inputs.slice(), examples.labels.slice()];
    const fresh = fusedEngine(net).clippedSum(parameters, examples, 0.5);
    const used = fusedEngine(net);
    used.clippedSum(
      parameters.map((w) => -w),
      examples,
      2,
    );
    expect(used.clippedSum(parameters, examples, 0.5)).toEqual(fresh);
    expect([parameters, examples.inputs, examples.labels]).toEqual(copy);
  });

  it.each([0, -1, NaN, Infinity])("refuses a clipNorm of %s", (clipNorm) => {
    expect(() => engine.clippedSum(new Float32Array(3), rows(1), clipNorm)).toThrow(RangeError);
  });

  it("refuses lengths that do not belong to the model", () => {
    const three = new Float32Array(3);
    expect(() => engine.clippedSum(new Float32Array(4), rows(1), 1)).toThrow(RangeError);
    expect(() => engine.clippedSum(three, rows(1), 1, new Uint8Array(2))).toThrow(RangeError);
    expect(() => engine.logits(three, { ...rows(1), width: 3 })).toThrow(RangeError);
    expect(() => engine.gradientNorms(three, { ...rows(1), count: 2 })).toThrow(RangeError);
  });
});
