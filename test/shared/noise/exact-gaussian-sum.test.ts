import { describe, expect, it } from "vitest";
import { gaussianSumFloor, gaussianSumFloors } from "../../../shared/noise/exact-gaussian-sum.ts";
import { goldenDiscreteGaussian } from "../../support/discrete-gaussian-vectors.ts";
import { discreteMassBetween, discreteTableEntry } from "../../support/discrete-table.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";

/** ⌊2^places P[|X| ≤ a]⌋, by whichever of the two sums covers sigma. */
function sumFloor(a: number, sigma: number, places = 128n): bigint {
  if (sigma >= 64) return gaussianSumFloor(a, sigma, places);
  return gaussianSumFloors(a + 1, sigma, places)[a] ?? -1n;
}

describe("golden cdt", () => {
  it.each(goldenDiscreteGaussian.cdt)("at sigma $sigma", (golden) => {
    golden.c_first8_hex.forEach((due, a) => {
      const off = sumFloor(a, golden.sigma) - due;
      expect(off <= golden.tolerance_ulp && -off <= golden.tolerance_ulp).toBe(true);
    });
  });
});

describe("golden discrete_gaussian_pmf", () => {
  const whole = ofKind(goldenMechanisms.mechanisms, "discrete_gaussian_pmf").filter(({ inputs }) =>
    Number.isInteger(Math.sqrt(inputs.sigma_squared)),
  );
  it.each(whole)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const sigma = Math.sqrt(inputs.sigma_squared);
    const upTo = (a: number) => (a < 0 ? 0n : sumFloor(a, sigma, 300n));
    inputs.x.forEach((x, i) => {
      const both = Number(upTo(Math.abs(x)) - upTo(Math.abs(x) - 1)) / 2 ** 300;
      const due = expected.pmf[i] ?? Number.NaN;
      const mass = x === 0 ? both : both / 2;
      expect(Math.abs(mass - due)).toBeLessThanOrEqual(tolerance.abs + tolerance.rel * due);
      // The tolerance lets anything pass that is as small as its `abs`.
      expect(mass / due).toBeCloseTo(1, 9);
    });
  });
});

describe.each([1, 2, 3, 8, 63])("the sum of terms, at sigma %d", (sigma) => {
  it.each([128n, 200n])("is that of the definition, to the last of %d places", (places) => {
    gaussianSumFloors(14 * sigma, sigma, places).forEach((floor, a) => {
      expect(floor).toBe(discreteTableEntry(a, sigma, places));
    });
  });
});

describe.each([64, 65, 300])("the midpoint formula, at sigma %d", (sigma) => {
  it.each([128n, 200n, 330n])(
    "is the sum of the definition, to the last of %d places",
    (places) => {
      for (let a = 0; a < 14 * sigma; a += sigma === 64 ? 5 : 61) {
        expect(gaussianSumFloor(a, sigma, places)).toBe(discreteTableEntry(a, sigma, places));
      }
      const last = 14 * sigma - 1;
      expect(gaussianSumFloor(last, sigma, places)).toBe(discreteTableEntry(last, sigma, places));
    },
  );
});

it("gives the same at sigma 64 by either sum", () => {
  gaussianSumFloors(14 * 64, 64, 128n).forEach((floor, a) => {
    if (a % 4 === 0) expect(gaussianSumFloor(a, 64, 128n)).toBe(floor);
  });
});

describe.each([4097, 1_000_000, 134_217_728])("the midpoint formula, at sigma %d", (sigma) => {
  const PLACES = 300n;
  /** Each end was rounded down, by less than a unit. */
  const expectUnit = (off: bigint) => expect(off >= -1n && off <= 1n).toBe(true);

  it("begins with the mass of 0, and rises by the masses after it", () => {
    const zero = discreteMassBetween(-1, 0, sigma) / 2n;
    expectUnit(gaussianSumFloor(0, sigma, PLACES) - (zero >> (512n - PLACES)));
  });

  it.each([0, 0.5, 1, 3, 7, 13.9])(
    "rises by the masses between, at %d deviations",
    (deviations) => {
      const from = Math.floor(deviations * sigma);
      const rise =
        gaussianSumFloor(from + 20, sigma, PLACES) - gaussianSumFloor(from, sigma, PLACES);
      expectUnit(rise - (discreteMassBetween(from, from + 20, sigma) >> (512n - PLACES)));
    },
  );
});

it("takes more bits where the first ones leave the last place open", () => {
  // 1 - P is below 2^-140 there: the first try, with 104 places, cannot tell it from 0.
  const a = 14 * 64 - 1;
  const [short, long] = [gaussianSumFloor(a, 64, 40n), gaussianSumFloor(a, 64, 400n)];
  expect(short).toBe((1n << 40n) - 1n);
  expect(long >> 360n).toBe(short);
  const sums = [40n, 400n].map((places) => gaussianSumFloors(14 * 4, 4, places));
  expect(sums[0]).toHaveLength(14 * 4);
  expect(sums[0]?.at(-1)).toBe((1n << 40n) - 1n);
  expect(sums[1]?.map((sum) => sum >> 360n)).toEqual(sums[0]);
});

it("refuses a sigma that its bounds do not cover", () => {
  for (const sigma of [0, 63, Number.NaN]) {
    expect(() => gaussianSumFloor(0, sigma, 128n)).toThrow(RangeError);
  }
  for (const sigma of [0, 65, Number.NaN]) {
    expect(() => gaussianSumFloors(1, sigma, 128n)).toThrow(RangeError);
  }
});
