import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gumbelScale,
  selectionEpsilon,
  selectionOdds,
  selectionRdp,
  selectionRho,
} from "../../../../shared/accounting/mechanisms/exponential-mechanism.ts";
import { allowed } from "../../../support/accounting-vectors.ts";
import { noisyMaxOdds } from "../../../support/distributions.ts";
import { goldenMechanisms, ofKind } from "../../../support/mechanism-vectors.ts";

describe("golden exponential_mechanism", () => {
  it.each(ofKind(goldenMechanisms.mechanisms, "exponential_mechanism"))(
    "$id: $inputs",
    ({ inputs: { utilities, sensitivity, epsilon }, expected, tolerance }) => {
      expect(gumbelScale(sensitivity, epsilon) / expected.gumbel_scale).toBeCloseTo(1, 10);
      const odds = selectionOdds(utilities, sensitivity, epsilon);
      expect(odds).toHaveLength(expected.probabilities.length);
      odds.forEach((chance, i) => {
        const [low, high] = allowed(expected.probabilities[i] ?? Number.NaN, tolerance);
        expect(chance).toBeGreaterThanOrEqual(low);
        expect(chance).toBeLessThanOrEqual(high);
      });
    },
  );
});

it("is the largest utility under Gumbel noise of its scale", () => {
  const utilities = [3, 1, 2.5];
  const scale = gumbelScale(0.7, 1.1);
  const cdf = (x: number) => Math.exp(-Math.exp(-x / scale));
  const density = (x: number) => (Math.exp(-x / scale) * cdf(x)) / scale;
  const odds = noisyMaxOdds(utilities, density, cdf, [-6 * scale, 40 * scale]);
  selectionOdds(utilities, 0.7, 1.1).forEach((chance, i) => {
    expect(chance).toBeCloseTo(odds[i] ?? Number.NaN, 9);
  });
});

it("RDP bounds the true divergence of any two neighbouring tables, and that by epsilon² / 8 per order", () => {
  const utilities = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  });
  const move = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      utilities,
      move,
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.constantFrom(1.5, 2, 8, 40),
      (before, change, epsilon, order) => {
        const one = selectionOdds(before, 1, epsilon);
        const after = before.map((utility, i) => utility + (change[i] ?? 0));
        const other = selectionOdds(after, 1, epsilon);
        const moment = one.reduce(
          (sum, p, i) => sum + p ** order * (other[i] ?? Number.NaN) ** (1 - order),
          0,
        );
        const rdp = selectionRdp(epsilon, order);
        expect(rdp).toBeGreaterThan(Math.log(moment) / (order - 1) - 1e-12);
        expect(rdp).toBeLessThanOrEqual(epsilon);
      },
    ),
  );
});

it("costs a quarter of the rho of any pure mechanism, and gives its epsilon back from the scale", () => {
  expect(selectionRho(2)).toBeCloseTo(0.5, 14);
  expect(selectionRho(2)).toBeGreaterThanOrEqual(0.5);
  expect(selectionRdp(2, 1.5)).toBeCloseTo(0.75, 14);
  expect(selectionRdp(2, 30)).toBe(2);
  expect(selectionEpsilon(0.7, gumbelScale(0.7, 1.1))).toBeCloseTo(1.1, 14);
  expect(selectionEpsilon(0.7, 0)).toBe(Infinity);
});

it("stays finite for utilities whose weights would overflow", () => {
  expect(selectionOdds([1e6, 1e6, 0], 1, 5)).toEqual([0.5, 0.5, 0]);
});
