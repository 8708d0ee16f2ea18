import fc from "fast-check";
import { expect, it } from "vitest";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

it("counts the values of each class, and ranks their counts", () => {
  const counts = countsOf([3, 1, 3, 3], [0, 1]);
  expect(counts).toMatchObject({
    rows: 6,
    sizes: Int32Array.of(4, 2),
    totals: Int32Array.of(1, 2, 0, 3),
    starts: Int32Array.of(0, 2, 4),
    values: Int32Array.of(1, 3, 0, 1),
    counts: Int32Array.of(1, 3, 1, 1),
    ranked: Int32Array.of(1, 3, 1, 1),
  });
});

it("ranks by count where values are not", () => {
  const { counts, ranked } = countsOf([0, 0, 0, 1, 2, 2]);
  expect(counts).toEqual(Int32Array.of(3, 1, 2));
  expect(ranked).toEqual(Int32Array.of(1, 2, 3));
});

it("keeps the column's own codes", () => {
  const { codes, totals } = countsOf([-8, 0.5], [0.5]);
  expect([...codes]).toEqual([-8, 0.5]);
  expect([...totals]).toEqual([1, 2]);
});

it("is empty without rows", () => {
  expect(countsOf()).toMatchObject({ rows: 0, starts: Int32Array.of(0), values: new Int32Array() });
});

it("agrees with a table of all classes by all values", () => {
  fc.assert(
    fc.property(anyClasses, (classes) => {
      const { starts, values, counts, ranked, totals } = countsOf(...classes);
      for (const [id, own] of classes.entries()) {
        const wanted = tally(own, 6);
        const dense = new Array(6).fill(0);
        for (let pair = starts[id] ?? 0; pair < (starts[id + 1] ?? 0); pair++)
          dense[values[pair] ?? 0] = counts[pair];
        expect(dense).toEqual(wanted);
        const present = wanted.filter((count) => count > 0).sort((a, b) => a - b);
        expect([...ranked.slice(starts[id], starts[id + 1])]).toEqual(present);
      }
      expect([...totals]).toEqual(tally(classes.flat(), totals.length));
    }),
  );
});
