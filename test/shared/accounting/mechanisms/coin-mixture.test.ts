import { describe, expect, it } from "vitest";
import { coinMixture } from "../../../../shared/accounting/mechanisms/coin-mixture.ts";
import { gaussianDelta } from "../../../../shared/accounting/mechanisms/gaussian.ts";
import { pldDelta, pldEpsilon } from "../../../../shared/accounting/pld/pld.ts";
import { stepLosses } from "../../../../shared/accounting/pld/step.ts";
import { type CoinStep, groupDeltas, groupRatio } from "../../../support/coins-oracle.ts";
import { oneStepDeltas } from "../../../support/loss-oracle.ts";
import { mulberry32 } from "../../../support/mulberry32.ts";

const STEPS: readonly CoinStep[] = [
  { rate: 0.01, noiseMultiplier: 0.5, coins: 10 },
  { rate: 0.3, noiseMultiplier: 1.5, coins: 4 },
  { rate: 0.85, noiseMultiplier: 2, coins: 3 },
  { rate: 0.002, noiseMultiplier: 0.9, coins: 7 },
];

describe.each(STEPS)("of $coins coins at $rate, noise $noiseMultiplier", (step) => {
  it("has the ratio of all outcomes of the coins, and its inverse", () => {
    const { drawn, logGrowth, outputAt } = coinMixture(step);
    for (const x of [-4, -1, 0, 0.5, 2, 6]) {
      const ratio = 1 - drawn + drawn * Math.exp(logGrowth(x));
      expect(ratio / groupRatio(step)(x)).toBeCloseTo(1, 10);
      // From any start, on either side.
      for (const near of [-30, x, 40])
        expect(outputAt(Math.exp(logGrowth(x)), near)).toBeCloseTo(x, 8);
    }
  });

  it("gives one step's delta, both directions, not below the integral and a thousandth above", () => {
    for (const epsilon of [0.02, 0.3, 1, 3]) {
      const truth = groupDeltas([step], epsilon, step.noiseMultiplier / 500);
      const got = pldDelta([{ ...step, count: 1 }], epsilon);
      const most = Math.max(truth.removal, truth.addition);
      expect(got).toBeGreaterThan(most * (1 - 1e-5) - 1e-12);
      expect(got).toBeLessThan(most * 1.001 + 1e-9);
    }
  });

  it("gives two steps' delta, by a double integral", () => {
    for (const epsilon of [0.1, 1]) {
      const truth = groupDeltas([step, step], epsilon, step.noiseMultiplier / 16);
      const most = Math.max(truth.removal, truth.addition);
      const got = pldDelta([{ ...step, count: 2 }], epsilon);
      expect(got).toBeGreaterThan(most * 0.995 - 1e-9);
      expect(got).toBeLessThan(most * 1.01 + 1e-6);
    }
  });
});

it("has a ratio where noise is so little that its parts are thousands of nats apart", () => {
  const [rate, z] = [0.1, 0.05];
  const { drawn, logGrowth } = coinMixture({ rate, noiseMultiplier: z, coins: 4 });
  // Between the outputs of 1 and 3 coins that of 2 counts alone: e^((2 x j - j²) / 2z²) at j = 2.
  const chance = (6 * rate ** 2 * (1 - rate) ** 2) / drawn;
  expect(logGrowth(2)).toBeCloseTo(Math.log(chance) + 4 / (2 * z ** 2), 9);
});

it("is above what one coin at the group's noise says: ten rows at 0.5 have a delta of 0.0209, not 0.0100", () => {
  const rows = { rate: 0.01, noiseMultiplier: 0.5, coins: 10, count: 1 };
  expect(pldDelta([rows], 1)).toBeCloseTo(0.0209, 4);
  expect(pldDelta([{ rate: 0.01, noiseMultiplier: 0.05, count: 1 }], 1)).toBeCloseTo(0.01, 4);
});

it("agrees with twenty steps drawn at random, to within chance 1e-6 (Hoeffding)", () => {
  const step = { rate: 0.1, noiseMultiplier: 2, coins: 4 };
  const [samples, steps, epsilon] = [30_000, 20, 1];
  const random = mulberry32(15);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    let loss = 0;
    for (let t = 0; t < steps; t++) {
      let drawn = 0;
      for (let coin = 0; coin < step.coins; coin++) drawn += Number(random() < step.rate);
      const x = drawn + step.noiseMultiplier * normal();
      let ratio = 0;
      for (let j = 0; j <= step.coins; j++) {
        const ways = [1, 4, 6, 4, 1][j] ?? 0;
        const chance = ways * step.rate ** j * (1 - step.rate) ** (step.coins - j);
        ratio += chance * Math.exp((j * (2 * x - j)) / (2 * step.noiseMultiplier ** 2));
      }
      loss += Math.log(ratio);
    }
    sum += Math.max(0, -Math.expm1(epsilon - loss));
  }
  const off = Math.sqrt(Math.log(2e6) / (2 * samples));
  const got = pldDelta([{ ...step, count: steps }], epsilon);
  expect(Math.abs(got - sum / samples)).toBeLessThan(off);
  // What would not pass: each row alone, or the coins as one.
  const { coins, ...row } = step;
  expect(sum / samples - pldDelta([{ ...row, count: steps }], epsilon)).toBeGreaterThan(3 * off);
});

it("of one coin is the sampled Gaussian, and at rate 1 all units at once", () => {
  const one = { rate: 0.1, noiseMultiplier: 1.3, count: 9 };
  expect(pldEpsilon([{ ...one, coins: 1 }], 1e-5)).toBe(pldEpsilon([one], 1e-5));
  const truth = oneStepDeltas(one, 0.5);
  expect(pldDelta([{ ...one, count: 1 }], 0.5) / truth.removal).toBeCloseTo(1, 3);
  const all = { rate: 1, noiseMultiplier: 6, count: 4, coins: 3 };
  expect(pldDelta([all], 0.7)).toBeCloseTo(gaussianDelta(1, 0.7), 12);
});

it("costs more with more coins, and never more than without sampling", () => {
  let before = 0;
  for (const coins of [1, 2, 3, 5, 8]) {
    const epsilon = pldEpsilon([{ rate: 0.05, noiseMultiplier: 4, coins, count: 50 }], 1e-5);
    expect(epsilon).toBeGreaterThan(before * 1.1);
    before = epsilon;
  }
  const full = pldEpsilon([{ rate: 1, noiseMultiplier: 0.5, count: 50 }], 1e-5);
  expect(before).toBeLessThan(full);
});

it("counts parts that are rarer than what may be cut off as the worst, and says so in what is cut off", () => {
  const step = { rate: 0.01, noiseMultiplier: 1, coins: 50 };
  const [whole, short] = [coinMixture(step), coinMixture(step, 1e-12)];
  expect(short.means.length).toBeLessThan(whole.means.length / 2);
  expect(short.means.at(-1)).toBe(50);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  expect(sum(short.weights)).toBeCloseTo(1, 12);
  // Never less chance of more rows.
  for (const most of [1, 3, 6, 12]) {
    const above = ({ means, weights }: typeof whole) =>
      sum(means.map((mean, i) => (mean > most ? (weights[i] ?? 0) : 0)));
    expect(above(short)).toBeGreaterThanOrEqual(above(whole) * (1 - 1e-12));
  }
  const { removal } = stepLosses(step, 2 ** -8, 1e-9);
  expect(removal.infinite).toBeGreaterThan(1e-12);
});
