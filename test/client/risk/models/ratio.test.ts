import fc from "fast-check";
import { expect, it } from "vitest";
import { isLarger, largestRatio, quotient } from "../../../../client/risk/models/ratio.ts";

it("compares fractions that round to the same double", () => {
  const [below, above] = [
    { top: 2 ** 52, bottom: 2 ** 52 + 1 },
    { top: 2 ** 52 + 1, bottom: 2 ** 52 + 2 },
  ];
  expect(isLarger(above, below)).toBe(true);
  expect(isLarger(below, above)).toBe(false);
  expect(isLarger(above, above)).toBe(false);
});

it("agrees with big integers", () => {
  const whole = (min: number) =>
    fc.oneof(fc.integer({ min, max: 40 }), fc.integer({ min, max: Number.MAX_SAFE_INTEGER }));
  const anyRatio = fc.record({ top: whole(0), bottom: whole(1) });
  fc.assert(
    fc.property(anyRatio, anyRatio, (a, b) => {
      const exact = BigInt(a.top) * BigInt(b.bottom) > BigInt(b.top) * BigInt(a.bottom);
      expect(isLarger(a, b)).toBe(exact);
    }),
  );
});

it("finds the largest, and 0 where there is none", () => {
  const ratios = [
    { top: 1, bottom: 3 },
    { top: 3, bottom: 7 },
    { top: 2, bottom: 5 },
  ];
  expect(largestRatio(3, (index) => ratios[index] ?? { top: 9, bottom: 1 })).toBe(ratios[1]);
  expect(quotient(largestRatio(0, () => ({ top: 9, bottom: 1 })))).toBe(0);
});
