import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BLOCK_SLOTS, type Engine, type Examples } from "../../../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../../../shared/engine/fused/engine.ts";
import { tensorflowEngine } from "../../../../shared/engine/tensorflow/engine.ts";
import { roundToLattice } from "../../../../shared/noise/lattice.ts";
import { recordLattice } from "../../../../shared/privacy/lattice-terms.ts";
import type { Net } from "../../../support/nets.ts";
import { apart, norm, randomCase } from "../../../support/slow-network.ts";

const NETS: Record<string, { spec: Net; inputs: number }> = {
  logistic: { spec: { kind: "logistic", activation: "tanh" }, inputs: 9 },
  "9-16-1 tanh": { spec: { kind: "mlp", hidden: [16], activation: "tanh" }, inputs: 9 },
  "5-12-1 relu": { spec: { kind: "mlp", hidden: [12], activation: "relu" }, inputs: 5 },
  "6-7-3-1 sigmoid": { spec: { kind: "mlp", hidden: [7, 3], activation: "sigmoid" }, inputs: 6 },
};

const crashListeners = () =>
  ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
const listenersBefore = crashListeners();

const printed = { log: vi.spyOn(console, "log"), warn: vi.spyOn(console, "warn") };
beforeEach(() => vi.clearAllMocks());
afterEach(() => {
  for (const spy of Object.values(printed)) expect(spy).not.toHaveBeenCalled();
});

describe.each(["tfjsWasm", "tfjsCpu"] as const)("%s", (kind) => {
  describe.each(Object.entries(NETS))("of a %s net", (_name, { spec, inputs }) => {
    const { model, parameters, examples } = randomCase(spec, inputs, 150, 11);
    const fused = fusedEngine(model);
    const sampled = Uint8Array.from({ length: 150 }, (_, i) => Number(i % 3 > 0));

    it("agrees with the fused kernel", async () => {
      const engine = await tensorflowEngine(kind, model);
      const norms = fused.gradientNorms(parameters, examples);
      const clipNorm = [...norms].sort((a, b) => a - b)[50] ?? NaN;
      for (const mask of [undefined, sampled]) {
        const sum = fused.clippedSum(parameters, examples, clipNorm, mask);
        const other = engine.clippedSum(parameters, examples, clipNorm, mask);
        expect(apart(other, sum)).toBeLessThan(1e-5 * norm(sum));
        const bounds = model.layers.map((_, layer) => clipNorm / (layer + 2));
        const byLayer = fused.clippedSum(parameters, examples, bounds, mask);
        const others = engine.clippedSum(parameters, examples, bounds, mask);
        expect(apart(others, byLayer)).toBeLessThan(1e-5 * norm(byLayer));
      }
      expect(apart(engine.gradientNorms(parameters, examples), norms)).toBeLessThan(1e-5);
      const logits = fused.outputs(parameters, examples);
      expect(apart(engine.outputs(parameters, examples), logits)).toBeLessThan(1e-5);
    });

    it("adds blocks of 64 slots in float32 and the blocks in float64", async () => {
      const engine = await tensorflowEngine(kind, model);
      const [first, second, third] = [0, 1, 2].map((block) => {
        const own = sampled.map((bit, i) => (Math.floor(i / BLOCK_SLOTS) === block ? bit : 0));
        const sum = engine.clippedSum(parameters, examples, 0.5, own);
        expect(sum).toEqual(sum.map(Math.fround));
        return sum;
      });
      const added = first?.map((x, j) => x + (second?.[j] ?? NaN) + (third?.[j] ?? NaN));
      expect(engine.clippedSum(parameters, examples, 0.5, sampled)).toEqual(added);
    });

    it("adds zero for records whose gradient is not finite", async () => {
      const engine = await tensorflowEngine(kind, model);
      const spoilt = { ...examples, inputs: examples.inputs.slice() };
      const bad = [NaN, Infinity, -Infinity, 1e38];
      for (const [i, value] of bad.entries()) spoilt.inputs[40 * i * inputs] = value;
      const others = sampled.map((bit, i) => (i % 40 === 0 ? 0 : bit));
      for (const bounds of [0.5, model.layers.map(() => 0.5)]) {
        const sum = engine.clippedSum(parameters, spoilt, bounds, sampled);
        expect(sum).toEqual(engine.clippedSum(parameters, examples, bounds, others));
      }
    });

    it("never gives one example more than clipNorm", async () => {
      const engine = await tensorflowEngine(kind, model);
      for (const scale of [1e-3, 1, 1e5, 1e17]) {
        const scaled = { ...examples, inputs: examples.inputs.map((x) => x * scale) };
        const only = new Uint8Array(150).fill(1, 70, 71);
        expect(norm(engine.clippedSum(parameters, scaled, 0.01, only))).toBeLessThanOrEqual(0.01);
      }
    });
  });

  it("moves a rounded sum by at most the sensitivity, whichever record is gone", async () => {
    const { model, parameters, examples } = randomCase(
      { kind: "mlp", hidden: [6], activation: "tanh" },
      4,
      160,
      2,
    );
    const engine = await tensorflowEngine(kind, model);
    const { scale, sensitivity } = recordLattice(model.parameters, 1e-3, 160);
    const sumOf = (sampled?: Uint8Array) =>
      roundToLattice(engine.clippedSum(parameters, examples, 1e-3, sampled), scale);
    const whole = sumOf();
    for (let gone = 0; gone < 160; gone++) {
      const without = sumOf(new Uint8Array(160).fill(1).fill(0, gone, gone + 1));
      const square = whole.reduce((sum, q, i) => sum + (q - (without[i] ?? NaN)) ** 2, 0);
      expect(square).toBeLessThanOrEqual(sensitivity ** 2);
    }
  });

  it("goes through more examples than one chunk of tensors holds", async () => {
    const spec = { kind: "mlp", hidden: [8], activation: "relu" } as const;
    const { model, parameters, examples } = randomCase(spec, 1100, 1000, 4);
    const engine = await tensorflowEngine(kind, model);
    const sum = fusedEngine(model).clippedSum(parameters, examples, 0.5);
    const other = engine.clippedSum(parameters, examples, 0.5);
    expect(apart(other, sum)).toBeLessThan(1e-5 * norm(sum));
  });

  it("clips wide examples as tightly as narrow ones", async () => {
    const spec = { kind: "logistic", activation: "tanh" } as const;
    const { model, parameters, examples } = randomCase(spec, 20_000, 1, 4);
    const engine = await tensorflowEngine(kind, model);
    // Equal inputs, whose squares summed in float32 would err to one side by more than the margin.
    for (const value of [0.1, 0.3, 0.7, 1.1]) {
      const alike = { ...examples, inputs: examples.inputs.map(() => value) };
      expect(norm(engine.clippedSum(parameters, alike, 0.01))).toBeLessThanOrEqual(0.01);
    }
  });

  it("leaves no tensor behind, however often it is called", async () => {
    const spec = { kind: "mlp", hidden: [5], activation: "sigmoid" } as const;
    const { model, parameters, examples } = randomCase(spec, 4, 70, 6);
    const engine = await tensorflowEngine(kind, model);
    const call = () => {
      engine.clippedSum(parameters, examples, 0.5);
      engine.gradientNorms(parameters, examples);
      engine.outputs(parameters, examples);
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      return { numTensors, numDataBuffers, numBytes };
    };
    const before = call();
    for (let i = 0; i < 100; i++) call();
    expect(call()).toEqual(before);
  });
});

describe("tensorflowEngine", () => {
  it("serves two backends in turn in one process", async () => {
    const { model, parameters, examples } = randomCase(
      { kind: "logistic", activation: "tanh" },
      3,
      70,
      8,
    );
    const engines: Engine[] = [];
    for (const kind of ["tfjsWasm", "tfjsCpu"] as const) {
      engines.push(await tensorflowEngine(kind, model));
    }
    const backends = engines.map((engine) => {
      engine.outputs(parameters, examples);
      return tf.getBackend();
    });
    expect(backends).toEqual(["wasm", "cpu"]);
  });

  it("leaves crashes to Node: no backend listens for them once it is loaded", async () => {
    const { model } = randomCase({ kind: "logistic", activation: "tanh" }, 3, 1, 8);
    await tensorflowEngine("tfjsWasm", model);
    expect(crashListeners()).toEqual(listenersBefore);
  });

  it("checks lengths as the fused kernel does", async () => {
    const { model, parameters, examples } = randomCase(
      { kind: "logistic", activation: "tanh" },
      3,
      5,
      8,
    );
    const engine = await tensorflowEngine("tfjsCpu", model);
    const short: Examples = { ...examples, count: 4 };
    expect(() => engine.clippedSum(parameters, short, 0.5)).toThrow(RangeError);
    expect(() => engine.clippedSum(parameters, examples, 0)).toThrow(RangeError);
    expect(() => engine.gradientNorms(parameters, short)).toThrow(RangeError);
    expect(() => engine.outputs(parameters, short)).toThrow(RangeError);
  });
});
