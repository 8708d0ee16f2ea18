import { expect, it } from "vitest";
import {
  unsuppressedColumns,
  unsuppressedCount,
} from "../../../../client/risk/models/coded-table.ts";

const table = { rows: 4, quasiIdentifiers: [], sensitive: [] };

it("keeps the marked rows of every column, in their order", () => {
  const columns = [
    { name: "a", codes: Int32Array.of(4, 5, 6, 7), order: [1] },
    { name: "b", codes: Float64Array.of(0.5, 1.5, 2.5, 3.5) },
  ];
  const kept = Uint8Array.of(0, 1, 0, 1);
  expect([...unsuppressedColumns(columns, kept)]).toEqual([
    { name: "a", codes: Int32Array.of(5, 7), order: [1] },
    { name: "b", codes: Float64Array.of(1.5, 3.5) },
  ]);
  expect(unsuppressedCount(table, kept)).toBe(2);
  expect([...(columns[0]?.codes ?? [])]).toEqual([4, 5, 6, 7]);
});

it("keeps all without marks", () => {
  const column = { name: "a", codes: Int32Array.of(4, 5, 6, 7) };
  expect([...unsuppressedColumns([column], undefined)][0]).toBe(column);
  expect(unsuppressedCount(table, undefined)).toBe(4);
});

it("refuses marks that are not the rows'", () => {
  expect(() => unsuppressedCount(table, Uint8Array.of(1))).toThrow(RangeError);
  const column = { name: "a", codes: Int32Array.of(4, 5) };
  expect(() => [...unsuppressedColumns([column], Uint8Array.of(1, 1, 0))]).toThrow(RangeError);
});
