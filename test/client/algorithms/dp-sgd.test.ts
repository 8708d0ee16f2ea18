import { describe, expect, it } from "vitest";
import { dpSgd } from "../../../client/algorithms/dp-sgd.ts";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { type Random, seededRoot, stream } from "../../../shared/noise/random.ts";
import type { PrivacyPlan } from "../../../shared/privacy/plan.ts";
import { denseModel } from "../../support/nets.ts";
import { planWith } from "../../support/plans.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);
const engine = fusedEngine(model);
const coins = (round = 0) => stream(seededRoot(2), "sample", round, 0, "c1");
const parameters = new Float32Array(2);

/** n alike records: input 0 and label 0, so each one's gradient is 1/2 on the bias alone. */
const alike = (count: number): ClientRows => ({
  examples: {
    count,
    width: 1,
    inputs: new Float32Array(count),
    labels: new Float32Array(count),
  },
});

const sumOf = async (rows: ClientRows, plan: PrivacyPlan, own: Random) =>
  (await dpSgd(parameters, rows, engine, plan, plan.clipNorm, own)).sum;

it("sums every record's clipped gradient when all are in", async () => {
  const plan = planWith({ clipNorm: 0.125 });
  const [kernel = 1, bias = 0] = await sumOf(alike(100), plan, coins());
  expect(kernel).toBe(0);
  // Clipped to 0.125 · (1 - 2^-20) each.
  expect(bias).toBeCloseTo(12.5, 3);
  expect(bias).toBeLessThan(12.5);
});

it("is finite whatever its records are: one whose gradient is not adds nothing", async () => {
  const rows = alike(3);
  rows.examples.inputs[1] = Number.NaN;
  const plan = planWith({ clipNorm: 3 });
  const random = stream(seededRoot(2), "sample", 0, 0, "c1");
  const { sum, finite } = await dpSgd(parameters, rows, engine, plan, plan.clipNorm, random);
  expect(finite).toBe(true);
  expect(sum[1]).toBeCloseTo(1, 6);
});

it("leaves records below the bound as they are", async () => {
  const [, bias = 0] = await sumOf(alike(100), planWith({ clipNorm: 3 }), coins());
  expect(bias).toBeCloseTo(50, 6);
});

it("leaves records outside the population out, in their slots", async () => {
  const present = Uint8Array.from({ length: 100 }, (_, i) => Number(i % 4 !== 0));
  const plan = planWith({ clipNorm: 3 });
  const [, bias = 0] = await sumOf({ ...alike(100), present }, plan, coins());
  expect(bias).toBeCloseTo(37.5, 6);
});

it("never counts more records of one client than the whole population", async () => {
  const plan = planWith({ clipNorm: 3, population: 40 });
  const [, bias = 0] = await sumOf(alike(100), plan, coins());
  expect(bias).toBeCloseTo(20, 6);
});

it("row 50: gives zeros for a client without rows", async () => {
  expect(await sumOf(alike(0), planWith(), coins())).toEqual(new Float64Array(2));
});

describe("Poisson sampling", () => {
  const [RECORDS, ROUNDS, RATE] = [50, 2_000, 0.3];
  const plan = planWith({
    clipNorm: 3,
    sampling: { kind: "poisson", rate: RATE },
    accountant: "rdp",
    targetEpsilon: null,
    statedNoise: 5,
  });
  /** How many of the records were in each round: each adds 1/2 to the bias. */
  const sizesOf = async () => {
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [, bias = 0] = await sumOf(alike(RECORDS), plan, coins(round));
      sizes.push(Math.round(2 * bias));
    }
    return sizes;
  };

  it("takes each record by a coin of its own at the plan's rate", async () => {
    const sizes = await sizesOf();
    const mean = sizes.reduce((sum, n) => sum + n, 0) / ROUNDS;
    const variance = sizes.reduce((sum, n) => sum + (n - mean) ** 2, 0) / ROUNDS;
    const due = RECORDS * RATE * (1 - RATE);
    // Five standard errors each; a fixed-size sample would have no variance at all.
    expect(Math.abs(mean - RECORDS * RATE)).toBeLessThan(5 * Math.sqrt(due / ROUNDS));
    expect(Math.abs(variance - due)).toBeLessThan(5 * due * Math.sqrt(2 / ROUNDS));
  });

  it("draws anew in each round, and the same again for the same round", async () => {
    expect(new Set(await sizesOf()).size).toBeGreaterThan(5);
    const again = await sumOf(alike(RECORDS), plan, coins(4));
    expect(again).toEqual(await sumOf(alike(RECORDS), plan, coins(4)));
  });
});

it("draws once a person, whose slots are in together or out together, filled or not", async () => {
  const plan = planWith({
    ...{ clipNorm: 3, population: 3, rowsPerPerson: 3, rows: 9, delta: 1e-5 },
    ...{ sampling: { kind: "poisson", rate: 0.5, rowsPerCoin: 3 }, accountant: "rdp" },
    ...{ targetEpsilon: null, statedNoise: 5 },
  });
  const recordsWith = async (drawn: readonly boolean[], rows: ClientRows) => {
    const left = [...drawn];
    const tossed = { bernoulli: () => left.shift() ?? expect.fail("a draw more than persons") };
    const { sum } = await dpSgd(parameters, rows, engine, plan, plan.clipNorm, tossed);
    expect(left).toEqual([]);
    return 2 * (sum[1] ?? 0);
  };
  expect(await recordsWith([true, false, true], alike(9))).toBeCloseTo(6, 6);
  expect(await recordsWith([false, true, false], alike(9))).toBeCloseTo(3, 6);
  const present = Uint8Array.of(0, 1, 1, 1, 1, 1, 0, 0, 1);
  expect(await recordsWith([true, false, true], { ...alike(9), present })).toBeCloseTo(3, 6);
});

describe("a drawn record that adds nothing", () => {
  // Amplification mixes the sum with it and the sum without: those two must be one, to the last bit.
  const [RECORDS, RATE] = [300, 0.4];
  const wide = denseModel({ kind: "mlp", hidden: [6], activation: "tanh" }, 5);
  const plan = planWith({
    clipNorm: 0.5,
    parameters: wide.parameters,
    population: RECORDS,
    sampling: { kind: "poisson", rate: RATE },
    accountant: "rdp",
    targetEpsilon: null,
    statedNoise: 5,
  });
  const random = stream(seededRoot(8), "simulate", "rows");
  const weights = Float32Array.from({ length: wide.parameters }, () => random.normal());
  const examples = {
    count: RECORDS,
    width: 5,
    inputs: Float32Array.from({ length: 5 * RECORDS }, () => random.normal()),
    labels: Float32Array.from({ length: RECORDS }, () => random.below(2)),
  };
  const drawn = Array.from({ length: RECORDS }, () => random.bernoulli(RATE));
  const sumWith = async (rows: ClientRows, slot: number, isDrawn: boolean) => {
    const all = drawn.with(slot, isDrawn).values();
    const tossed = { bernoulli: () => all.next().value ?? false };
    return (await dpSgd(weights, rows, fusedEngine(wide), plan, plan.clipNorm, tossed)).sum;
  };

  it.each([0, 70, 299])(
    "leaves the sum as it is where it is outside the population: %i",
    async (slot) => {
      const present = new Uint8Array(RECORDS).fill(1);
      present[slot] = 0;
      const rows = { examples, present };
      expect(await sumWith(rows, slot, true)).toEqual(await sumWith(rows, slot, false));
    },
  );

  it.each([0, 70, 299])("leaves the sum as it is where it is not finite: %i", async (slot) => {
    const inputs = examples.inputs.with(5 * slot, Number.NaN);
    const rows = { examples: { ...examples, inputs } };
    expect(await sumWith(rows, slot, true)).toEqual(await sumWith(rows, slot, false));
  });
});

describe("bits, where the clip norm adapts", () => {
  const adaptiveClipping = {
    quantile: 0.5,
    learningRate: 0.2,
    bounds: [0.01, 8],
    bitNoise: 30,
  } as const;
  /** Gradients at a zero model are ∓1/2 of (input, 1): of norm √(input² + 1) / 2. */
  const rows = (...inputs: number[]): ClientRows => ({
    examples: {
      count: inputs.length,
      width: 1,
      inputs: Float32Array.from(inputs),
      labels: new Float32Array(inputs.length),
    },
  });
  const bitsOf = async (given: ClientRows, clipNorm = 0.75, terms = {}) => {
    const plan = planWith({ adaptiveClipping, ...terms });
    return (await dpSgd(parameters, given, engine, plan, clipNorm, coins())).bits;
  };

  it("are +1 within the round's clip norm, its end included, and -1 beyond", async () => {
    expect(await bitsOf(rows(0, 0, 0, 2, 3))).toBe(1);
    expect(await bitsOf(rows(0, 2), 0.5)).toBe(0);
    expect(await bitsOf(rows(0), 0.499_999)).toBe(-1);
    expect(await bitsOf(rows(2, 2, Number.NaN))).toBe(-3);
  });

  it("are nothing of who is not there, not in the population, or not drawn", async () => {
    expect(await bitsOf(rows())).toBe(0);
    expect(await bitsOf({ ...rows(0, 0, 2), present: Uint8Array.of(0, 1, 1) })).toBe(0);
    expect(await bitsOf({ ...rows(0, 0, 2), present: Uint8Array.of(1, 1, 0) })).toBe(2);
    expect(await bitsOf(rows(0, 0, 0, 0), 0.75, { population: 3 })).toBe(3);
    const sampling = { kind: "poisson", rate: 0.5 } as const;
    const sampled = { sampling, accountant: "pld", targetEpsilon: null, statedNoise: 9 } as const;
    const bits = await bitsOf(rows(...Array(200).fill(0)), 0.75, sampled);
    expect(bits).toBeGreaterThan(50);
    expect(bits).toBeLessThan(150);
  });

  it("are none where it stays", async () => {
    expect(await bitsOf(rows(0, 0), 0.75, { adaptiveClipping: null })).toBe(0);
  });
});

it("clips each layer to its share where layers are clipped apart", async () => {
  const net = denseModel({ kind: "mlp", hidden: [2], activation: "tanh" }, 1);
  const own = new Float32Array(net.parameters).fill(0.5);
  const plan = planWith({ clipping: "perLayer", clipNorm: 1e-3, parameters: net.parameters });
  const { sum } = await dpSgd(own, alike(1), fusedEngine(net), plan, 1e-3, coins());
  const [hidden, output] = [sum.slice(0, 4), sum.slice(4)].map((part) => Math.hypot(...part));
  // Both are longer than their shares, and neither has the other's.
  expect(hidden).toBeCloseTo(1e-3 / Math.SQRT2, 8);
  expect(output).toBeCloseTo(1e-3 / Math.SQRT2, 8);
});
