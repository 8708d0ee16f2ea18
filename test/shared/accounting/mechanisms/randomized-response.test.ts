import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  responseDelta,
  responseEpsilon,
  responseOdds,
  responseRdp,
} from "../../../../shared/accounting/mechanisms/randomized-response.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

const { mechanisms } = goldenMechanisms;

describe("golden k_ary_randomized_response", () => {
  it.each(ofKind(mechanisms, "k_ary_randomized_response"))(
    "$id: $inputs",
    ({ inputs: { categories, epsilon }, expected, tolerance }) => {
      const { truth, eachOther, resample } = responseOdds(categories, epsilon);
      const pairs: [number, number][] = [
        [truth, expected.prob_truth],
        [eachOther, expected.prob_each_other],
        [resample, expected.dp_accounting_noise_parameter],
        // What an answer tells of its category, and how uncertain an estimate from answers is.
        [truth - eachOther, expected.unbias_slope],
        [
          (eachOther * (1 - eachOther)) / (truth - eachOther) ** 2,
          expected.estimator_variance_per_user_at_freq_zero,
        ],
      ];
      for (const [got, due] of pairs) {
        const [low, high] = allowed(due, tolerance);
        expect(got).toBeGreaterThanOrEqual(low);
        expect(got).toBeLessThanOrEqual(high);
      }
    },
  );
});

describe("golden randomized_response_epsilon", () => {
  it.each(ofKind(mechanisms, "randomized_response_epsilon"))(
    "$id: $inputs",
    ({ inputs: { categories, resample_probability }, expected, tolerance }) => {
      const [low, high] = allowed(expected.epsilon, tolerance);
      expect(responseEpsilon(categories, resample_probability)).toBeGreaterThanOrEqual(low);
      expect(responseEpsilon(categories, resample_probability)).toBeLessThanOrEqual(high);
    },
  );
});

it("the odds add up to one, have the ratio e^epsilon, and give the epsilon back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1000 }), logUniform(1e-6, 30), (categories, epsilon) => {
      const { truth, eachOther, resample } = responseOdds(categories, epsilon);
      expect(truth + (categories - 1) * eachOther).toBeCloseTo(1, 12);
      expect(Math.log(truth / eachOther)).toBeCloseTo(epsilon, 9);
      expect(resample / categories).toBeCloseTo(eachOther, 12);
      // Where the truth is all but certain or all but random, a digit is lost to 1 - resample.
      expect(responseEpsilon(categories, resample) / epsilon).toBeCloseTo(1, 3);
    }),
  );
});

it("RDP is the sum over the answers, and at most order × epsilon² / 2 and epsilon", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 50 }),
      logUniform(0.05, 5),
      logUniform(1.05, 40),
      (categories, epsilon, order) => {
        const { truth, eachOther } = responseOdds(categories, epsilon);
        const sum =
          truth ** order * eachOther ** (1 - order) +
          eachOther ** order * truth ** (1 - order) +
          (categories - 2) * eachOther;
        const rdp = responseRdp(categories, epsilon, order);
        expect(rdp / (Math.log(sum) / (order - 1))).toBeCloseTo(1, 7);
        expect(rdp).toBeLessThanOrEqual(Math.min(epsilon, (order * epsilon ** 2) / 2));
        // Two answers are the worst case of all mechanisms of that epsilon.
        expect(responseRdp(2, epsilon, order)).toBeGreaterThanOrEqual(rdp);
      },
    ),
  );
});

it("delta is what the odds say for the worst answer, never above 1", () => {
  const { truth, eachOther } = responseOdds(5, 1.4);
  const due = truth - Math.exp(0.6) * eachOther;
  expect(responseDelta(5, 1.4, 0.6)).toBeCloseTo(due, 11);
  expect(responseDelta(5, 1.4, 0.6)).toBeGreaterThanOrEqual(due);
  expect(responseDelta(5, 1.4, 1.5)).toBe(0);
  expect(responseDelta(5, 1e4, 0)).toBe(1);
});

it("stays finite where e^epsilon is not", () => {
  expect(responseOdds(10, 1000)).toEqual({ truth: 1, eachOther: 0, resample: 0 });
  expect(responseRdp(10, 1000, 64)).toBeCloseTo(1000, 9);
  expect(responseEpsilon(10, 0)).toBe(Infinity);
  expect(responseRdp(10, Infinity, 64)).toBe(Infinity);
  expect(responseEpsilon(10, 1)).toBe(0);
});

it.each([1, 2.5, Number.NaN])("refuses %d categories", (categories) => {
  expect(() => responseOdds(categories, 1)).toThrow(RangeError);
  expect(() => responseEpsilon(categories, 0.5)).toThrow(RangeError);
});

it.each([-0.1, 1.1, Number.NaN])("refuses a resample probability of %d", (resample) => {
  expect(() => responseEpsilon(3, resample)).toThrow(RangeError);
});
