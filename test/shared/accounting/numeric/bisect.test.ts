import fc from "fast-check";
import { expect, it } from "vitest";
import {
  largestSatisfying,
  largestWhole,
  smallestSatisfying,
} from "../../../../shared/accounting/numeric/bisect.ts";

it("closes in on a threshold from either side, never past it", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 0.999, noNaN: true }), (threshold) => {
      const above = smallestSatisfying(0, 1, 1e-6, (x) => x >= threshold);
      const below = largestSatisfying(0, 1, 1e-6, (x) => x < threshold);
      expect(above).toBeGreaterThanOrEqual(threshold);
      expect(below).toBeLessThan(threshold);
      expect((above - below) / threshold).toBeLessThan(2.1e-6);
    }),
  );
});

it("ends at neighbouring doubles when asked for everything", () => {
  const root = smallestSatisfying(1, 2, 0, (x) => x * x >= 2);
  expect(root).toBe(Math.SQRT2);
  expect(largestSatisfying(1, 2, 0, (x) => x * x < 2)).toBeLessThan(root);
});

it("finds the largest whole number, asking about few", () => {
  for (const limit of [0, 1, 2, 63, 64, 1000]) {
    let asked = 0;
    const found = largestWhole(0, 1024, (x) => {
      asked += 1;
      return x <= limit;
    });
    expect(found).toBe(limit);
    expect(asked).toBeLessThanOrEqual(10);
  }
});
