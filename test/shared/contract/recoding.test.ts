import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bandLabels } from "../../../shared/contract/formula/band-labels.ts";
import { bandOf, onGrid } from "../../../shared/contract/recoding.ts";

const edges = fc
  .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 })
  .map((list) => list.sort((a, b) => a - b));

describe("bandLabels", () => {
  it("opens the first band below, unless its lower end is an edge itself", () => {
    expect(bandLabels([18, 38.5], false)).toEqual(["(-inf,18)", "[18,38.5)", "[38.5,inf)"]);
    expect(bandLabels([0, 18], true)).toEqual(["[0,18)", "[18,inf)"]);
  });
});

describe("bandOf", () => {
  it("finds the one band whose label holds the number", () => {
    fc.assert(
      fc.property(
        edges,
        fc.boolean(),
        fc.integer({ min: -104, max: 104 }),
        (list, closed, half) => {
          const value = half / 2;
          const holds = bandLabels(list, closed).map((label) => {
            const [low = "", high = ""] = label.slice(1, -1).split(",");
            const from = low === "-inf" ? -Infinity : Number(low);
            return value >= from && value < (high === "inf" ? Infinity : Number(high));
          });
          expect(holds.filter(Boolean).length).toBe(Number(!closed || value >= (list[0] ?? 0)));
          expect(bandOf(value, list, closed)).toBe(holds.indexOf(true));
        },
      ),
    );
  });
});

describe("onGrid", () => {
  it.each([
    [2.5, 5],
    [7.5, 10],
    [-2.5, -5],
    [-2.4, 0],
    [97.6, 100],
    [0, 0],
  ])("rounds %d to %d, half away from zero and never to -0", (value, rounded) => {
    expect(onGrid(value, { rule: "round", width: 5 })).toBe(rounded);
  });

  it.each([
    [0, 0],
    [-0.01, -20],
    [-20, -20],
    [39, 20],
    [119.999, 100],
  ])("takes %d down to %d", (value, floor) => {
    expect(onGrid(value, { rule: "floor", width: 20 })).toBe(floor);
  });

  it("takes whole numbers to the multiple that is nearest, or next below", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 999 }), (value, width) => {
        const floor = onGrid(value, { rule: "floor", width });
        const round = onGrid(value, { rule: "round", width });
        expect([Math.abs(floor % width), Math.abs(round % width)]).toEqual([0, 0]);
        expect(value - floor).toBeGreaterThanOrEqual(0);
        expect(value - floor).toBeLessThan(width);
        expect(Math.abs(value - round)).toBeLessThanOrEqual(width / 2);
        if (Math.abs(value - round) === width / 2)
          expect(Math.abs(round)).toBeGreaterThan(Math.abs(value));
      }),
    );
  });

  it("keeps order, leaves what is on the grid, and everything where there is none", () => {
    const grid = fc.record({
      rule: fc.constantFrom("round" as const, "floor" as const),
      width: fc.constantFrom(0.1, 1, 5, 0.25),
    });
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(grid, number, number, (rule, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(onGrid(low, rule)).toBeLessThanOrEqual(onGrid(high, rule));
        const once = onGrid(a, rule);
        if (rule.width !== 0.1) expect(onGrid(once, rule)).toBe(once);
        expect(onGrid(a, null)).toBe(a);
      }),
    );
  });
});
