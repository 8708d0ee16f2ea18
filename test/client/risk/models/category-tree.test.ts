import { expect, it } from "vitest";
import { categoryTree } from "../../../../client/risk/models/category-tree.ts";

const PLACES = new Map([
  [7, ["Lyon", "FR", "Europe"]],
  [2, ["Paris", "FR", "Europe"]],
  [5, ["Oran", "DZ", "Africa"]],
]);

/** A leaf's way up, as heights. */
function wayUp(paths: ReadonlyMap<number, readonly string[]>, code: number): number[] {
  const { parents, heights, leafOf } = categoryTree(paths);
  const way: number[] = [];
  for (let node = leafOf.get(code) ?? -1; node >= 0; node = parents[node] ?? -1)
    way.push(heights[node] ?? NaN);
  return way;
}

it("joins what has a label in common, under a root that comes last", () => {
  const { parents, heights, leafOf } = categoryTree(PLACES);
  const parent = (node: number | undefined) => parents[node ?? -1] ?? NaN;
  const [lyon, paris, oran] = [7, 2, 5].map((code) => leafOf.get(code));
  expect(new Set([lyon, paris, oran]).size).toBe(3);
  expect(parent(lyon)).toBe(parent(paris));
  expect(parent(lyon)).not.toBe(parent(oran));
  const top = (node: number | undefined) => parent(parent(parent(node)));
  expect(top(lyon)).toBe(parents.length - 1);
  expect(top(oran)).toBe(parents.length - 1);
  expect(parents.at(-1)).toBe(-1);
  expect(heights.at(-1)).toBe(3);
  for (const [node, above] of [...parents].slice(0, -1).entries())
    expect(above).toBeGreaterThan(node);
});

it("adds a root only above several labels", () => {
  expect(wayUp(PLACES, 7)).toEqual([0, 1, 2, 3]);
  const rooted = new Map([...PLACES].map(([code, path]) => [code, [...path, "*"]]));
  expect(wayUp(rooted, 7)).toEqual([0, 1, 2, 3]);
  expect(wayUp(new Map([[1, ["a"]]]), 1)).toEqual([0]);
  const two = new Map([1, 2].map((code) => [code, [`leaf ${code}`]]));
  expect(wayUp(two, 1)).toEqual([0, 1]);
});

it("tells labels apart by level", () => {
  const paths = new Map([
    [1, ["South", "South", "*"]],
    [2, ["East", "South", "*"]],
  ]);
  expect(categoryTree(paths).parents).toHaveLength(4);
});

it("refuses what is no tree", () => {
  const twoParents = new Map([...PLACES, [9, ["Rome", "FR", "Africa"]]]);
  expect(() => categoryTree(twoParents)).toThrow("two parents");
  const uneven = new Map([...PLACES, [9, ["Rome", "Europe"]]]);
  expect(() => categoryTree(uneven)).toThrow("different lengths");
  expect(() => categoryTree(new Map([[1, []]]))).toThrow(RangeError);
});
