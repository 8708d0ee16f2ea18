import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClassDistance,
  equalDistance,
  largestDistance,
  orderedDistance,
} from "../../../../client/risk/models/t.ts";
import { transportCost } from "../../../support/earth-mover.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

/** The class's values times all rows, and all rows' values times the class: equal masses. */
function masses(
  classes: readonly (readonly number[])[],
  id: number,
): { own: number[]; all: number[] } {
  const rows = classes.flat();
  const values = classes[id] ?? [];
  return {
    own: tally(values, 6).map((count) => count * rows.length),
    all: tally(rows, 6).map((count) => count * values.length),
  };
}

function value(distance: ClassDistance | null, id: number): number {
  const { top = NaN, bottom = NaN } = distance?.(id) ?? {};
  return top / bottom;
}

it("is the largest of all classes' distances, and 0 without rows", () => {
  const counts = countsOf([1, 1], [1, 2], [2, 2]);
  const distances = [
    { top: 1, bottom: 9 },
    { top: 2, bottom: 3 },
    { top: 3, bottom: 5 },
  ];
  expect(largestDistance(counts, (id) => distances[id] ?? { top: 9, bottom: 1 })).toBe(
    distances[1],
  );
  expect(largestDistance(countsOf(), () => ({ top: 9, bottom: 1 })).top).toBe(0);
});

describe("equal distance", () => {
  it("is what a class has too much of", () => {
    // P = 1/2, 1/4, 1/4. Q = 3/4, 1/4, 0: an excess of 1/4 of the first.
    const counts = countsOf([1, 1, 1, 2], [1, 2, 3, 3]);
    expect(value(equalDistance(counts), 0)).toBe(1 / 4);
    expect(value(equalDistance(counts), 1)).toBe(1 / 4);
  });

  it("moves the least mass, each unit as far", () => {
    fc.assert(
      fc.property(anyClasses, (classes) => {
        const distance = equalDistance(countsOf(...classes));
        for (const id of classes.keys()) {
          const { own, all } = masses(classes, id);
          expect(distance(id).top).toBe(transportCost(own, all, (a, b) => +(a !== b)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("ordered distance", () => {
  it("gives the paper's 0.375 and 0.167 for salaries of 3K to 11K", () => {
    // Li et al. 2007, section 4.3: {3K, 4K, 5K} and {6K, 8K, 11K} against 3K … 11K once each.
    const counts = countsOf([3, 4, 5], [6, 8, 11], [7, 9, 10]);
    const distance = orderedDistance(counts, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(value(distance, 0)).toBeCloseTo(0.375, 15);
    expect(value(distance, 1)).toBeCloseTo(1 / 6, 15);
  });

  it("counts declared values that never occur", () => {
    // Q = (1, 0), P = (½, ½): ½ of 1 step; with two values between, ½ × 3 of 3 steps; at an end, ½ of 2.
    const counts = countsOf([1, 1], [2, 2]);
    expect(value(orderedDistance(counts, [1, 2]), 0)).toBe(1 / 2);
    expect(value(orderedDistance(counts, [1, 8, 9, 2]), 0)).toBe(1 / 2);
    expect(value(orderedDistance(counts, [1, 2, 3]), 0)).toBe(1 / 4);
  });

  it("is 0 for an order of one value", () => {
    expect(value(orderedDistance(countsOf([4], [4, 4]), [4]), 0)).toBe(0);
  });

  it("moves the least mass along the order, whichever it is", () => {
    const orders = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    fc.assert(
      fc.property(anyClasses, orders, (classes, order) => {
        const counts = countsOf(...classes);
        const distance = orderedDistance(counts, order);
        const apart = (a: number, b: number) => Math.abs(order.indexOf(a) - order.indexOf(b));
        for (const [id, values] of classes.entries()) {
          const { own, all } = masses(classes, id);
          const { top = NaN, bottom = NaN } = distance?.(id) ?? {};
          expect(top).toBe(transportCost(own, all, apart));
          expect(bottom).toBe(5 * classes.flat().length * values.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("agrees with the sums of differences over a long order", () => {
    const long = Array.from({ length: 200 }, (_, place) => 1000 - place);
    const many = fc.array(fc.array(fc.integer({ min: 801, max: 1000 }), { minLength: 1 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(many, (classes) => {
        const distance = orderedDistance(countsOf(...classes), long);
        const rows = classes.flat();
        const share = (values: readonly number[], of: number) =>
          values.filter((other) => other === of).length / values.length;
        for (const [id, values] of classes.entries()) {
          let [sum, ahead] = [0, 0];
          for (const code of long.slice(0, -1)) {
            ahead += share(values, code) - share(rows, code);
            sum += Math.abs(ahead);
          }
          expect(value(distance, id)).toBeCloseTo(sum / 199, 10);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is not said where a value is not in the order", () => {
    expect(orderedDistance(countsOf([1, 2], [3]), [1, 2])).toBeNull();
    // Code 1 lies between those that occur, and occurs nowhere itself.
    expect(orderedDistance(countsOf([0, 2]), [2, 0])).not.toBeNull();
  });

  it("refuses an order with a value twice", () => {
    expect(() => orderedDistance(countsOf([1, 2]), [1, 2, 1])).toThrow(RangeError);
  });
});
