import { describe, expect, it } from "vitest";
import {
  distributedGaussianRdp,
  distributedGaussianRho,
  sumGap,
} from "../../../../shared/accounting/mechanisms/distributed-gaussian.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { discreteGaussian } from "../../../support/distributions.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";

describe("golden distributed_discrete_gaussian", () => {
  it.each(ofKind(goldenMechanisms.zcdp, "distributed_discrete_gaussian"))(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const { clients, sigma_per_client: sigma, dim: dimension, alpha } = inputs;
      const { l1_sensitivity: l1Sensitivity, l2_sensitivity: l2Sensitivity } = inputs;
      const sum = { clients, sigma, dimension, l2Sensitivity, l1Sensitivity };
      const pairs: [number, number][] = [
        [sumGap(clients, sigma), expected.tau],
        [distributedGaussianRdp(sum, alpha), expected.epsilon_rdp],
        [distributedGaussianRho(sum), expected.rho_zcdp],
      ];
      for (const [got, due] of pairs) {
        const [low, high] = allowed(due, tolerance);
        expect(got).toBeGreaterThanOrEqual(low);
        expect(got).toBeLessThanOrEqual(high);
      }
    },
  );
});

it("counts the difference from a discrete Gaussian: little at sigma 4, most of it at 1/2", () => {
  const rho = (sigma: number) =>
    distributedGaussianRho({ clients: 25, sigma, dimension: 300, l2Sensitivity: 40 });
  const without = (sigma: number) => 40 ** 2 / (2 * 25 * sigma ** 2);
  expect(rho(4) / without(4)).toBeCloseTo(1, 11);
  expect(rho(4)).toBeGreaterThan(without(4));
  expect(rho(0.5)).toBeGreaterThan(3 * without(0.5));
});

it("two clients: never below the divergence of the true sum, computed term by term", () => {
  for (const [sigma, shift, order] of [
    [0.5, 1, 2],
    [0.7, 1, 8],
    [1, 2, 3],
    [2, 1, 16],
  ] as const) {
    const { mass } = discreteGaussian(sigma ** 2);
    const reach = 12 + Math.ceil(12 * sigma);
    const both = (x: number) => {
      let total = 0;
      for (let y = -reach; y <= reach; y++) total += mass(y) * mass(x - y);
      return total;
    };
    // Far out, where the masses underflow, their ratio does too, to any power in question.
    let moment = 0;
    for (let x = -reach; x <= reach; x++) {
      moment += Math.exp(order * Math.log(both(x)) + (1 - order) * Math.log(both(x - shift)));
    }
    const truth = Math.log(moment) / (order - 1);
    const sum = { clients: 2, sigma, dimension: 1, l2Sensitivity: shift };
    expect(distributedGaussianRdp(sum, order)).toBeGreaterThanOrEqual(truth);
    // At sigma 2 it is a discrete Gaussian of twice the variance, but for 1e-8.
    if (sigma === 2) expect(distributedGaussianRdp(sum, order) / truth).toBeCloseTo(1, 6);
  }
});

it("takes the L1 sensitivity of integer vectors where none is stated: at most the squared L2 one", () => {
  const sum = { clients: 10, sigma: 0.8, dimension: 100 };
  const few = distributedGaussianRho({ ...sum, l2Sensitivity: 4 });
  expect(few).toBe(distributedGaussianRho({ ...sum, l2Sensitivity: 4, l1Sensitivity: 16 }));
  const many = distributedGaussianRho({ ...sum, l2Sensitivity: 40 });
  expect(many).toBe(distributedGaussianRho({ ...sum, l2Sensitivity: 40, l1Sensitivity: 400 }));
});

it("takes a stated L1 sensitivity for no more than the L2 one allows", () => {
  const sum = { clients: 10, sigma: 0.7, dimension: 9, l2Sensitivity: 4 };
  const [tau, l2] = [sumGap(10, 0.7), 4 / (Math.sqrt(10) * 0.7)];
  const rho = distributedGaussianRho({ ...sum, l1Sensitivity: 100 });
  expect(rho).toBeCloseTo((l2 + 3 * tau) ** 2 / 2, 11);
});

it.each([
  [0, 1],
  [2.5, 1],
  [3, 0.49],
  [3, Number.NaN],
])("refuses %d clients at sigma %d", (clients, sigma) => {
  expect(() => sumGap(clients, sigma)).toThrow(RangeError);
});
