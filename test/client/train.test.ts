import { describe, expect, it } from "vitest";
import { type ClientRows, train } from "../../client/train.ts";
import { fusedEngine } from "../../shared/engine/fused.ts";
import { buildModel } from "../../shared/model.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import { type Random, seededRoot, stream } from "../../shared/random.ts";
import { planWith } from "../support/plans.ts";

const model = buildModel({ kind: "logistic", activation: "tanh" }, 1);
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

const sumOf = (rows: ClientRows, plan: PrivacyPlan, own: Random) =>
  train(parameters, rows, engine, plan, plan.clipNorm, own).sum;

it("sums every record's clipped gradient when all are in", () => {
  const plan = planWith({ clipNorm: 0.125 });
  const [kernel = 1, bias = 0] = sumOf(alike(100), plan, coins());
  expect(kernel).toBe(0);
  // Clipped to 0.125 · (1 - 2^-20) each.
  expect(bias).toBeCloseTo(12.5, 3);
  expect(bias).toBeLessThan(12.5);
});

it("leaves records below the bound as they are", () => {
  const [, bias = 0] = sumOf(alike(100), planWith({ clipNorm: 3 }), coins());
  expect(bias).toBeCloseTo(50, 6);
});

it("leaves records outside the population out, in their slots", () => {
  const present = Uint8Array.from({ length: 100 }, (_, i) => Number(i % 4 !== 0));
  const plan = planWith({ clipNorm: 3 });
  const [, bias = 0] = sumOf({ ...alike(100), present }, plan, coins());
  expect(bias).toBeCloseTo(37.5, 6);
});

it("never counts more records of one client than the whole population", () => {
  const plan = planWith({ clipNorm: 3, population: 40 });
  const [, bias = 0] = sumOf(alike(100), plan, coins());
  expect(bias).toBeCloseTo(20, 6);
});

it("gives zeros for a client without rows", () => {
  expect(sumOf(alike(0), planWith(), coins())).toEqual(new Float64Array(2));
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
  const sizes = Array.from({ length: ROUNDS }, (_, round) => {
    const [, bias = 0] = sumOf(alike(RECORDS), plan, coins(round));
    return Math.round(2 * bias);
  });

  it("takes each record by a coin of its own at the plan's rate", () => {
    const mean = sizes.reduce((sum, n) => sum + n, 0) / ROUNDS;
    const variance = sizes.reduce((sum, n) => sum + (n - mean) ** 2, 0) / ROUNDS;
    const due = RECORDS * RATE * (1 - RATE);
    // Five standard errors each; a fixed-size sample would have no variance at all.
    expect(Math.abs(mean - RECORDS * RATE)).toBeLessThan(5 * Math.sqrt(due / ROUNDS));
    expect(Math.abs(variance - due)).toBeLessThan(5 * due * Math.sqrt(2 / ROUNDS));
  });

  it("draws anew in each round, and the same again for the same round", () => {
    expect(new Set(sizes).size).toBeGreaterThan(5);
    const again = sumOf(alike(RECORDS), plan, coins(4));
    expect(again).toEqual(sumOf(alike(RECORDS), plan, coins(4)));
  });
});
