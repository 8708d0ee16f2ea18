import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { categoryTree } from "../../../../client/risk/models/category-tree.ts";
import { equalDistance, largestDistance } from "../../../../client/risk/models/t.ts";
import { hierarchicalDistance } from "../../../../client/risk/models/t-hierarchical.ts";
import { goldenTables } from "../../../support/anonymity-vectors.ts";
import { codeValues } from "../../../support/coded-values.ts";
import { transportCost } from "../../../support/earth-mover.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

describe("golden distances", () => {
  it.each(goldenTables.hierarchical_t_cases)("$id", ({ tree, classes, expected }) => {
    const { values } = codeValues(Object.keys(tree));
    const paths = new Map(values.map((value, code) => [code, tree[value] ?? []]));
    const counts = countsOf(...classes.map((own) => own.map((value) => values.indexOf(value))));
    const distance = hierarchicalDistance(counts, categoryTree(paths));
    const got = classes.map((_, id) => {
      const { top = NaN, bottom = NaN } = distance?.(id) ?? {};
      return top / bottom;
    });
    for (const [id, wanted] of expected.per_class.entries())
      expect(got[id]).toBeCloseTo(wanted, 12);
    expect(Math.max(...got)).toBeCloseTo(expected.t_hierarchical, 12);
  });
});

/** Values 0 … 5 in groups of groups: which of 3 parents, and which of 2 grandparents these have. */
const anyTree = fc.record({
  parents: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
  above: fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
});

it("moves the least mass, a unit as far as its common ancestor is high", () => {
  fc.assert(
    fc.property(anyClasses, anyTree, (classes, { parents, above }) => {
      const path = (leaf: number) => {
        const parent = parents[leaf] ?? 0;
        return [`leaf ${leaf}`, `parent ${parent}`, `above ${above[parent]}`, "*"];
      };
      const paths = new Map([0, 1, 2, 3, 4, 5].map((leaf) => [leaf, path(leaf)]));
      const apart = (a: number, b: number) =>
        path(a).findIndex((label, level) => label === path(b)[level]);
      const counts = countsOf(...classes);
      const distance = hierarchicalDistance(counts, categoryTree(paths));
      const rows = classes.flat();
      // Twice, for a class must leave nothing behind for the next.
      for (const [id, values] of [...classes.entries(), ...classes.entries()]) {
        const own = tally(values, 6).map((count) => count * rows.length);
        const all = tally(rows, 6).map((count) => count * values.length);
        const { top = NaN, bottom = NaN } = distance?.(id) ?? {};
        expect(top).toBe(transportCost(own, all, apart));
        expect(bottom).toBe(3 * rows.length * values.length);
      }
    }),
    { numRuns: 60 },
  );
});

it("is the equal distance where nothing but the root is above the values", () => {
  fc.assert(
    fc.property(anyClasses, (classes) => {
      const flat = categoryTree(new Map([0, 1, 2, 3, 4, 5].map((leaf) => [leaf, [`${leaf}`]])));
      const counts = countsOf(...classes);
      const distance = hierarchicalDistance(counts, flat) ?? (() => ({ top: NaN, bottom: 1 }));
      expect(largestDistance(counts, distance)).toEqual(
        largestDistance(counts, equalDistance(counts)),
      );
    }),
  );
});

it("is 0 for a tree of one value, and not said for a value without a leaf", () => {
  const one = categoryTree(new Map([[4, ["only"]]]));
  expect(hierarchicalDistance(countsOf([4], [4, 4]), one)?.(0).top).toBe(0);
  expect(hierarchicalDistance(countsOf([4], [3]), one)).toBeNull();
});
