/** What every engine must do, whatever it is made of: run by plain.test.ts and fused.test.ts. */
import { describe, expect, it } from "vitest";
import { clipBounds } from "../../shared/engine/core/clip.ts";
import {
  BLOCK_SLOTS,
  type Engine,
  type Examples,
  exampleSlice,
} from "../../shared/engine/core/engine.ts";
import { buildModel } from "../../shared/model/build-model.ts";
import { layerRanges, type Model, trainedLayers } from "../../shared/model/model.ts";
import { denseModel, denseSpec, LAYERED, type Net, window } from "./nets.ts";
import {
  apart,
  inputOf,
  labelOf,
  norm,
  randomCase,
  randomCaseOf,
  slowGradients,
  slowLoss,
  slowOutputs,
  sumClipped,
  sumClippedByLayer,
} from "./slow-network.ts";

export type MakeEngine = (model: Model) => Omit<Engine, "kind">;

/** Nets of two classes, by themselves and their number of inputs. */
const NETS: Readonly<Record<string, readonly [Net, number]>> = {
  logistic: [{ kind: "logistic", activation: "tanh" }, 9],
  "9-16-1 tanh": [{ kind: "mlp", hidden: [16], activation: "tanh" }, 9],
  "5-12-1 relu": [{ kind: "mlp", hidden: [12], activation: "relu" }, 5],
  "4-6-1 sigmoid": [{ kind: "mlp", hidden: [6], activation: "sigmoid" }, 4],
  "6-7-3-1 tanh": [{ kind: "mlp", hidden: [7, 3], activation: "tanh" }, 6],
  "3-1-2-1 relu": [{ kind: "mlp", hidden: [1, 2], activation: "relu" }, 3],
};

/** All nets that an engine is tried on. */
export const SPECS = {
  ...Object.fromEntries(
    Object.entries(NETS).map(([name, [net, inputs]]) => [name, denseSpec(net, inputs)]),
  ),
  ...LAYERED,
};

const COUNT = 150;
// clip.ts, TOO_LONG: a gradient as long as this counts as not finite.
const TOO_LONG = 2 ** 60;

export function describeEngine(make: MakeEngine): void {
  describe.each(Object.entries(SPECS))("of a net: %s", (_name, spec) => {
    const { model, parameters, examples } = randomCaseOf(spec, COUNT, 7);
    const gradients = slowGradients(model, parameters, examples);
    describeGradients(make(model), parameters, examples, gradients);
    describeClipping(make(model), parameters, examples, gradients);
    describeSlots(make(model), parameters, examples);
  });
  describeByHand(make);
}

function each(examples: Examples): number[] {
  return Array.from({ length: examples.count }, (_, i) => i);
}

function only(examples: Examples, index: number): Uint8Array {
  return Uint8Array.from(each(examples), (i) => Number(i === index));
}

type Tried = Omit<Engine, "kind">;

function describeGradients(
  engine: Tried,
  parameters: Float32Array,
  examples: Examples,
  gradients: readonly number[][],
): void {
  const { model } = engine;

  it("gives each example the gradient that finite differences of its loss give", () => {
    const step = 1e-5;
    for (const i of [0, 77]) {
      const loss = (at: number, by: number) => {
        const moved = Float64Array.from(parameters, (w, j) => (j === at ? w + by : w));
        return slowLoss(model, moved, inputOf(examples, i), labelOf(examples, i));
      };
      // A bound far above any gradient here leaves it unclipped.
      const gradient = engine.clippedSum(parameters, examples, 1e3, only(examples, i));
      const stride = Math.ceil(model.parameters / 100);
      for (let j = i % stride; j < model.parameters; j += stride) {
        const difference = (loss(j, step) - loss(j, -step)) / (2 * step);
        expect(Math.abs((gradient[j] ?? NaN) - difference)).toBeLessThan(1e-5);
      }
    }
  });

  it("sums gradients as a plain loop does", () => {
    const slow = sumClipped(gradients, 1e9);
    const sum = engine.gradientSum(parameters, examples);
    expect(apart(sum, slow)).toBeLessThan(1e-5 * norm(slow));
  });

  it("measures each gradient's norm before clipping", () => {
    const norms = engine.gradientNorms(parameters, examples);
    for (const [i, expected] of gradients.map(norm).entries()) {
      expect(Math.abs((norms[i] ?? NaN) - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
    }
  });

  it("predicts as a plain loop does", () => {
    const slow = each(examples).flatMap((i) =>
      slowOutputs(model, parameters, inputOf(examples, i)),
    );
    expect(apart(engine.outputs(parameters, examples), slow)).toBeLessThan(1e-5);
  });
}

function describeClipping(
  engine: Tried,
  parameters: Float32Array,
  examples: Examples,
  gradients: readonly number[][],
): void {
  const { model } = engine;
  const layers = trainedLayers(model);
  const bounds = layers.map((_, layer) => 0.05 * (layer + 1));

  it.each([1, 63, 64, 65, COUNT])("sums %s clipped gradients as a plain loop does", (count) => {
    const some = exampleSlice(examples, 0, count);
    const norms = [...engine.gradientNorms(parameters, examples)].sort((a, b) => a - b);
    const clipNorm = norms[50] ?? NaN; // a third of them pass, the rest are clipped
    const sum = engine.clippedSum(parameters, some, clipNorm);
    const slow = sumClipped(gradients.slice(0, count), clipNorm);
    expect(apart(sum, slow)).toBeLessThan(1e-5 * norm(slow));
    if (count === COUNT) expect(norm(slow)).toBeGreaterThan(clipNorm);
  });

  it("sums gradients clipped layer by layer as a plain loop does", () => {
    const sum = engine.clippedSum(parameters, examples, bounds);
    const slow = sumClippedByLayer(model, gradients, bounds);
    expect(apart(sum, slow)).toBeLessThan(1e-5 * norm(slow));
    expect(norm(slow)).toBeGreaterThan(0.05);
  });

  it("keeps the joint bound where each layer keeps its share of it", () => {
    const shares = clipBounds("perLayer", 0.1, model);
    for (const i of each(examples).slice(0, 20)) {
      const one = engine.clippedSum(parameters, examples, shares, only(examples, i));
      expect(norm(one)).toBeLessThanOrEqual(0.1);
      for (const [start, end] of layerRanges(model)) {
        expect(norm(one.subarray(start, end))).toBeLessThanOrEqual(0.1 / Math.sqrt(layers.length));
      }
    }
    if (typeof shares === "number") throw new Error("one bound for all layers");
    expect(norm(shares)).toBeCloseTo(0.1, 12);
  });

  it.each([1e-3, 0.5, 20])("never gives one example more than a clipNorm of %s", (clipNorm) => {
    // From far below the bound to 1e17 times an ordinary record; beyond, it counts as not finite.
    for (const scale of [1e-6, 1e-2, 1, 30, 1e4, 1e12, 1e17]) {
      const some = exampleSlice(examples, 0, 8);
      const scaled = { ...some, inputs: some.inputs.map((x) => x * scale) };
      const norms = engine.gradientNorms(parameters, scaled);
      for (const i of each(some)) {
        const own = norms[i] ?? NaN;
        const given = norm(engine.clippedSum(parameters, scaled, clipNorm, only(some, i)));
        expect(given).toBeLessThanOrEqual(clipNorm);
        const expected = own < TOO_LONG ? Math.min(clipNorm, own) : 0;
        expect(Math.abs(given - expected)).toBeLessThanOrEqual(2e-6 * expected);
      }
    }
  });

  // A pool, an activation or a norm makes something finite of what is only long.
  const multiplies = layers[0] === model.layers[0] && layers[0]?.kind !== "groupNorm";
  it.each(multiplies ? [NaN, Infinity, -Infinity, 1e38] : [NaN])(
    "adds zero for a record holding %s",
    (bad) => {
      const at = [3, 70, 149];
      const spoilt = { ...examples, inputs: examples.inputs.slice() };
      for (const i of at) spoilt.inputs[i * model.inputs + (i % model.inputs)] = bad;
      const others = Uint8Array.from(each(examples), (i) => Number(!at.includes(i)));
      for (const bound of [0.5, bounds]) {
        const sum = engine.clippedSum(parameters, spoilt, bound);
        expect(sum).toEqual(engine.clippedSum(parameters, examples, bound, others));
        expect(norm(sum)).toBeGreaterThan(0.1);
      }
    },
  );
}

function describeSlots(engine: Tried, parameters: Float32Array, examples: Examples): void {
  const coins = (share: number) =>
    Uint8Array.from(each(examples), (i) => Number(Math.sin(i * i) > 1 - 2 * share));

  it.each([0.05, 0.4, 0.7])("keeps every block's bytes at %s, whoever else is in", (share) => {
    const sampled = coins(share);
    const blocks = [0, 1, 2].map((block) => {
      const own = sampled.map((bit, i) => (Math.floor(i / BLOCK_SLOTS) === block ? bit : 0));
      return engine.clippedSum(parameters, examples, 0.5, own);
    });
    for (const block of blocks) expect(block).toEqual(block.map(Math.fround));
    const [first, second, third] = blocks;
    const added = first?.map((x, j) => x + (second?.[j] ?? NaN) + (third?.[j] ?? NaN));
    expect(engine.clippedSum(parameters, examples, 0.5, sampled)).toEqual(added);
  });

  it("adds slices of whole blocks to a sum with the bits that all have at once", () => {
    const start = Float64Array.from(parameters, (w) => w / 3);
    const sampled = coins(0.6);
    const whole = engine.clippedSum(parameters, examples, 0.5, sampled, start.slice());
    const sliced = start.slice();
    for (const [from, to] of [
      [0, 64],
      [64, COUNT],
    ] as const) {
      const [some, own] = [exampleSlice(examples, from, to), sampled.subarray(from, to)];
      expect(engine.clippedSum(parameters, some, 0.5, own, sliced)).toBe(sliced);
    }
    expect(sliced).toEqual(whole);
    expect(apart(whole, start)).toBeGreaterThan(0);
  });

  it("goes on with a sum of whole gradients", () => {
    const twice = engine.gradientSum(parameters, examples);
    expect(engine.gradientSum(parameters, examples, twice)).toBe(twice);
    const once = engine.gradientSum(parameters, examples);
    expect(
      apart(
        twice,
        once.map((x) => 2 * x),
      ),
    ).toBeLessThan(1e-12 * norm(once));
  });

  it("begins a sum of whole gradients anew in a buffer that has been used", () => {
    const once = engine.gradientSum(parameters, examples);
    const used = new Float64Array(once.length).fill(Number.NaN);
    expect(engine.gradientSum(parameters, examples, used, true)).toBe(used);
    expect(used).toEqual(once);
  });
}

function describeByHand(make: MakeEngine): void {
  const engine = make(denseModel({ kind: "logistic", activation: "tanh" }, 2));
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

  it.each([1, 4, 6])("takes the first of equal maxima, of %s channels", (filters) => {
    // Two pixels that the kernel of ones makes equal, the one by its first channel, the other by its second.
    const model = buildModel({
      input: [1, 2, 2],
      layers: [
        { kind: "conv", filters, ...window([1, 1], [1, 1], "valid"), activation: "linear" },
        { kind: "pool", pooling: "max", ...window([1, 2], [1, 1], "valid") },
        { kind: "dense", units: 1, activation: "linear" },
      ],
      loss: "meanSquaredError",
      init: { kind: "zeros" },
    });
    const examples = {
      count: 1,
      width: 4,
      inputs: Float32Array.of(1, 0, 0, 1),
      labels: Float32Array.of(0),
    };
    const ones = new Float32Array(model.parameters).fill(1);
    const gradient = make(model).gradientSum(ones, examples);
    // The output is 2·filters + 1, and each of the kernel's first row gets twice that.
    const slope = 2 * (2 * filters + 1);
    expect([...gradient.subarray(0, 2 * filters)]).toEqual([
      ...Array<number>(filters).fill(slope),
      ...Array<number>(filters).fill(0),
    ]);
  });

  it("stays finite where a logit is far beyond what exp can hold", () => {
    const parameters = Float32Array.of(1e4, 1e4, 0);
    expect([...engine.outputs(parameters, rows(1))]).toEqual([6e4]);
    expect([...engine.gradientNorms(parameters, rows(1, 0))]).toEqual([0, Math.sqrt(19)]);
    const negative = parameters.map((w) => -w);
    expect([...engine.gradientNorms(negative, rows(0, 1))]).toEqual([0, Math.sqrt(19)]);
  });

  it("gives zeros for no examples", () => {
    expect(engine.clippedSum(new Float32Array(3), rows(), 0.5)).toEqual(new Float64Array(3));
    expect(engine.clippedSum(new Float32Array(3), rows(1), 0.5, Uint8Array.of(0))).toEqual(
      new Float64Array(3),
    );
  });

  it("gives no number for the sum of gradients where one is none", () => {
    const spoilt = { ...rows(1, 0), inputs: Float32Array.of(NaN, 1, 1, 1) };
    expect(engine.gradientSum(new Float32Array(3), spoilt).every(Number.isNaN)).toBe(true);
  });

  it("leaves its arguments alone and keeps nothing from one call to the next", () => {
    const {
      model: net,
      parameters,
      examples,
    } = randomCase({ kind: "mlp", hidden: [4], activation: "tanh" }, 3, 70, 5);
    const copy = [parameters.slice(), examples.inputs.slice(), examples.labels.slice()];
    const fresh = make(net).clippedSum(parameters, examples, 0.5);
    const used = make(net);
    const spoilt = { ...examples, inputs: examples.inputs.map(() => NaN) };
    used.clippedSum(
      parameters.map((w) => -w),
      spoilt,
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
    expect(() => engine.clippedSum(three, rows(1), [1, 1])).toThrow(RangeError);
    expect(() => engine.outputs(three, { ...rows(1), width: 3 })).toThrow(RangeError);
    expect(() => engine.gradientNorms(three, { ...rows(1), count: 2 })).toThrow(RangeError);
  });
}
