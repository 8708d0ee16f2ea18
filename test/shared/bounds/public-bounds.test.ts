import { expect, it } from "vitest";
import { publicBounds } from "../../../shared/bounds/public-bounds.ts";

const OUTER = { scale: "linear", bounds: [-1_000, 1_000] } as const;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

it("takes the quantiles 0.1 and 0.9, and half their distance beyond", () => {
  // Of 1 … 100 in any order the 10th and the 91st, 81 apart.
  const shuffled = upTo(100).sort((a, b) => ((a * 37) % 101) - ((b * 37) % 101));
  expect(publicBounds(shuffled, OUTER)).toEqual([10 - 40.5, 91 + 40.5]);
  // One outlier in a hundred moves neither.
  expect(publicBounds([...upTo(99), 1e9], OUTER)).toEqual([10 - 40.5, 91 + 40.5]);
});

it("goes no further than the outer bounds", () => {
  expect(publicBounds(upTo(100), { scale: "linear", bounds: [0, 100] })).toEqual([0, 100]);
});

it("widens by the logarithm where the feature is scaled by it", () => {
  // e^0 - 1 … e^9 - 1: the first and the last, 9 apart by log1p.
  const values = Array.from({ length: 10 }, (_, i) => Math.expm1(i));
  const [low, high] = publicBounds(values, { scale: "log", bounds: [-0.999, 1e9] });
  expect(low).toBeCloseTo(Math.expm1(-4.5), 12);
  expect(high / Math.expm1(13.5)).toBeCloseTo(1, 12);
});

it("takes the ends of all values where most are one, and the outer bounds where all are", () => {
  const zeros = Array.from({ length: 99 }, () => 0);
  expect(publicBounds([...zeros, 7], OUTER)).toEqual([0, 7]);
  expect(publicBounds([...zeros, 0], OUTER)).toEqual([-1_000, 1_000]);
  expect(publicBounds([], OUTER)).toEqual([-1_000, 1_000]);
});
