import { expect, it } from "vitest";
import { coinsCurve } from "../../../../shared/accounting/mechanisms/coin-rdp.ts";
import {
  composedCurve,
  epsilonFromRdp,
  ORDERS,
  sampledGaussianCurve,
} from "../../../../shared/accounting/mechanisms/rdp.ts";
import { pldEpsilon } from "../../../../shared/accounting/pld/pld.ts";
import { groupRatio, groupRdp } from "../../../support/coins-oracle.ts";

it.each([
  { rate: 0.01, noiseMultiplier: 0.5, coins: 6 },
  { rate: 0.3, noiseMultiplier: 1.5, coins: 4 },
  { rate: 0.9, noiseMultiplier: 2, coins: 3 },
  // There the addition is not far below the removal.
  { rate: 0.002, noiseMultiplier: 8, coins: 5 },
])("is the larger moment of both directions: %o", (step) => {
  const curve = coinsCurve(step);
  for (const order of [1.1, 1.2, 2, 3.7, 8]) {
    const truth = groupRdp(step, order, step.noiseMultiplier / 300);
    const got = curve[ORDERS.indexOf(order)] ?? Number.NaN;
    // The cells go up to all coins and nine deviations; where order 8 has its mass beyond, they fall short.
    if (order * step.coins > step.coins + 3 * step.noiseMultiplier) continue;
    expect(got / truth).toBeGreaterThan(1 - 1e-5);
    expect(got / truth).toBeLessThan(1 + 1e-5);
  }
});

it.each([
  { rate: 0.3, noiseMultiplier: 0.3, coins: 2 },
  { rate: 1e-4, noiseMultiplier: 0.3, coins: 3 },
  { rate: 1e-4, noiseMultiplier: 0.2, coins: 3 },
])("is not below the truth where little noise has the ratio's poles near: %o", (step) => {
  const curve = coinsCurve(step);
  for (const order of [1.1, 1.2]) {
    const truth = groupRdp(step, order, step.noiseMultiplier / 300);
    const got = curve[ORDERS.indexOf(order)] ?? Number.NaN;
    expect(got).toBeGreaterThan(truth);
    expect(got).toBeLessThan(truth * (1 + 1e-8));
  }
});

it("has all of a high order's moment, whose mass lies as many times as far out", () => {
  const step = { rate: 0.3, noiseMultiplier: 1.5, coins: 3 };
  const [ratio, z, order, width] = [groupRatio(step), 1.5, 8, 1 / 400];
  let moment = 0;
  for (let x = -20; x < 3 * order + 20; x += width) {
    const density = Math.exp(-(x * x) / (2 * z * z)) / (z * Math.sqrt(2 * Math.PI));
    moment += density * width * ratio(x) ** order;
  }
  const got = coinsCurve(step)[ORDERS.indexOf(order)] ?? Number.NaN;
  expect(got / (Math.log(moment) / (order - 1))).toBeCloseTo(1, 8);
});

it("is one coin's where there is one, and all coins' at rate 1 or without enough noise", () => {
  const one = { rate: 0.02, noiseMultiplier: 1.1 };
  expect(coinsCurve({ ...one, coins: 1 })).toEqual(sampledGaussianCurve(0.02, 1.1));
  const full = ORDERS.map((order) => (order * 9) / (2 * 1.1 ** 2));
  expect(coinsCurve({ rate: 1, noiseMultiplier: 1.1, coins: 3 })).toEqual(full);
  const bare = coinsCurve({ rate: 0.5, noiseMultiplier: 0.01, coins: 3 });
  expect(bare[0]).toBeCloseTo((1.1 * 9) / (2 * 0.01 ** 2), 3);
});

it("proves no less than the losses do, and no more than a full batch", () => {
  for (const coins of [2, 9]) {
    const step = { rate: 0.05, noiseMultiplier: 3, coins };
    const { epsilon } = epsilonFromRdp(
      composedCurve([{ curve: coinsCurve(step), count: 80 }]),
      1e-5,
    );
    const tight = pldEpsilon([{ ...step, count: 80 }], 1e-5);
    expect(epsilon).toBeGreaterThanOrEqual(tight);
    expect(epsilon).toBeLessThan(tight * 1.5);
  }
  const curve = coinsCurve({ rate: 0.3, noiseMultiplier: 0.06, coins: 1000 });
  curve.forEach((rdp, i) => {
    expect(rdp).toBeLessThanOrEqual(((ORDERS[i] ?? 0) * 1000 ** 2) / (2 * 0.06 ** 2));
  });
});
