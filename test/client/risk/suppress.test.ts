import fc from "fast-check";
import { expect, it } from "vitest";
import { unsuppressedColumns } from "../../../client/risk/models/coded-table.ts";
import { classesOf } from "../../../client/risk/models/equivalence-classes.ts";
import { smallestClass } from "../../../client/risk/models/k.ts";
import { suppressBelow } from "../../../client/risk/suppress.ts";

function tableOf(cells: readonly number[]) {
  const codes = Int32Array.from(cells);
  return { rows: cells.length, quasiIdentifiers: [{ name: "q", codes }], sensitive: [] };
}

function released(cells: readonly number[], k: number): number[] {
  const { quasiIdentifiers, rows } = tableOf(cells);
  const kept = suppressBelow(classesOf(quasiIdentifiers, rows), k);
  return cells.filter((_, row) => kept[row] !== 0);
}

const anyCells = fc.array(fc.nat(12), { maxLength: 60 });
const anyK = fc.integer({ min: 1, max: 8 });

it("drops the rows of classes smaller than k and no others", () => {
  expect(released([4, 7, 4, 9, 9, 9, 7], 3)).toEqual([9, 9, 9]);
  expect(released([4, 7, 4, 9, 9, 9, 7], 2)).toEqual([4, 7, 4, 9, 9, 9, 7]);
  expect(released([], 3)).toEqual([]);
});

it("reaches k, or leaves nothing", () => {
  fc.assert(
    fc.property(anyCells, anyK, (cells, k) => {
      const table = tableOf(cells);
      const kept = suppressBelow(classesOf(table.quasiIdentifiers, table.rows), k);
      const left = kept.filter((mark) => mark !== 0).length;
      const { sizes } = classesOf(unsuppressedColumns(table.quasiIdentifiers, kept), left);
      expect(left === 0 || smallestClass(sizes) >= k).toBe(true);
    }),
  );
});

/** Rows in one table and not in the other, copies counted. */
function symmetricDifference(one: readonly number[], other: readonly number[]): number {
  const balance = new Map<number, number>();
  for (const cell of one) balance.set(cell, (balance.get(cell) ?? 0) + 1);
  for (const cell of other) balance.set(cell, (balance.get(cell) ?? 0) - 1);
  return [...balance.values()].reduce((rows, count) => rows + Math.abs(count), 0);
}

it("keeps neighbours within k rows of each other: what groupPrivacy charges for", () => {
  let furthest = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 20 }), fc.nat(3), (cells, added) => {
      const apart = symmetricDifference(released(cells, 4), released([...cells, added], 4));
      furthest = Math.max(furthest, apart);
      expect(apart).toBeLessThanOrEqual(4);
    }),
  );
  expect(furthest).toBe(4);
});

it("keeps tables with one row replaced within 2k", () => {
  // A class of k loses a row and goes; another gains one and comes.
  const before = released([1, 1, 1, 2, 2], 3);
  const after = released([1, 1, 2, 2, 2], 3);
  expect(symmetricDifference(before, after)).toBe(6);
});
