import fc from "fast-check";
import { expect, it } from "vitest";
import {
  centredBounds,
  middleNumber,
  proposedBounds,
  wholeRange,
} from "../../../run/init/number-bounds.ts";

const sorted = (numbers: readonly number[]) => Float64Array.from(numbers).sort();
const range = (n: number, of: (i: number) => number) =>
  sorted(Array.from({ length: n }, (_, i) => of(i)));

it("bounds even numbers by two significant digits around all of them", () => {
  expect(proposedBounds(range(1001, (i) => i))).toEqual([0, 1000]);
  expect(proposedBounds(range(1001, (i) => 0.05 + i / 10_000))).toEqual([0.05, 0.15]);
  expect(proposedBounds(range(101, (i) => i - 50))).toEqual([-50, 50]);
});

it("lets outliers lie beyond", () => {
  const plain = range(1000, (i) => i % 100);
  const wild = sorted([...plain, -1e9, 1e12, 5e6]);
  // The 2 % and 98 % quantiles 2 and 97, a tenth of 96 wider, outward to tens.
  expect(proposedBounds(plain)).toEqual([0, 99]);
  expect(proposedBounds(wild)).toEqual([-10, 110]);
});

it("takes all there is where most are one number", () => {
  expect(proposedBounds(sorted([...Array(99).fill(0), 1]))).toEqual([0, 1]);
});

it("centres a feature on what is usual, its column's bounds within", () => {
  // Mean 1.6 of a pixel that is empty in nine of ten rows: 1.6 ± 14.4.
  const pixel = sorted([...Array(90).fill(0), ...Array(10).fill(16)]);
  expect(centredBounds(pixel, [0, 16])).toEqual([-12, 16]);
  expect(
    centredBounds(
      range(101, (i) => i),
      [0, 100],
    ),
  ).toEqual([0, 100]);
  // What is beyond the bounds counts as these: −2, 10 and 10, whose mean is 6.
  expect(centredBounds(sorted([-4, 1e9, 1e9]), [-2, 10])).toEqual([-2, 14]);
});

it("holds at least 95 % of any numbers between two different bounds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 40, maxLength: 200 }),
      fc.integer({ min: -6, max: 3 }),
      (whole, exponent) => {
        const numbers = whole.map((one) => one * 10 ** exponent);
        const all = sorted(numbers);
        fc.pre((all[0] ?? 0) < (all.at(-1) ?? 0));
        const [low, high] = proposedBounds(all);
        const inside = numbers.filter((x) => x >= low && x <= high).length;
        expect(low).toBeLessThan(high);
        expect(inside / numbers.length).toBeGreaterThanOrEqual(0.95);
        const [least, most] = wholeRange(all);
        expect(least).toBeLessThanOrEqual(all[0] ?? 0);
        expect(most).toBeGreaterThanOrEqual(all.at(-1) ?? 0);
        const [from, to] = centredBounds(all, [low, high]);
        expect([from <= low, to >= high, from === low || to === high]).toEqual([true, true, true]);
        const clipped = numbers.map((x) => Math.min(Math.max(x, low), high));
        const mean = clipped.reduce((sum, x) => sum + x, 0) / clipped.length;
        expect(Math.abs((from + to) / 2 - mean)).toBeLessThanOrEqual((high - low) / 10);
        const middle = middleNumber(all, [low, high]);
        expect(middle).toBeGreaterThanOrEqual(low);
        expect(middle).toBeLessThanOrEqual(high);
      },
    ),
    { seed: 18 },
  );
});
