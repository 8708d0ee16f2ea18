import fc from "fast-check";
import { expect, it } from "vitest";
import { largestClass, rowsBelow, smallestClass } from "../../../../client/risk/models/k.ts";

const sizes = Int32Array.of(4, 1, 7, 3, 3);

it("is the size of the smallest class", () => {
  expect(smallestClass(sizes)).toBe(1);
  expect(smallestClass(Int32Array.of(9, 5))).toBe(5);
  expect(largestClass(sizes)).toBe(7);
});

it("counts the rows of classes smaller than k, not those of k", () => {
  expect([1, 2, 3, 4, 5, 8].map((k) => rowsBelow(sizes, k))).toEqual([0, 1, 1, 7, 11, 18]);
});

it("gives zeros without rows", () => {
  const none = new Int32Array();
  expect([smallestClass(none), largestClass(none), rowsBelow(none, 5)]).toEqual([0, 0, 0]);
});

it("agrees with sorting", () => {
  const anySizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  fc.assert(
    fc.property(anySizes, fc.integer({ min: 1, max: 22 }), (list, k) => {
      const sorted = [...list].sort((a, b) => a - b);
      const firstKept = sorted.findIndex((size) => size >= k);
      const below = sorted.slice(0, firstKept < 0 ? sorted.length : firstKept);
      expect(smallestClass(Int32Array.from(list))).toBe(sorted[0]);
      expect(largestClass(Int32Array.from(list))).toBe(sorted.at(-1));
      expect(rowsBelow(Int32Array.from(list), k)).toBe(below.reduce((a, b) => a + b, 0));
    }),
  );
});
