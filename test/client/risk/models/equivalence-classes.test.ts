import fc from "fast-check";
import { expect, it } from "vitest";
import { classesOf, rowsByClass } from "../../../../client/risk/models/equivalence-classes.ts";
import { codedColumn } from "../../../support/risk-tables.ts";

type Rows = readonly (readonly number[])[];

function classes(rows: Rows) {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) =>
    codedColumn(
      `q${index}`,
      rows.map((row) => row[index] ?? NaN),
    ),
  );
  return classesOf(columns, rows.length);
}

it("puts rows together that are equal in every column", () => {
  const rows = [
    [1, 2],
    [1, 2],
    [12, 0],
    [1, 2],
    [12, 0],
    [1, 20],
  ];
  const { classOf, sizes } = classes(rows);
  expect([...grouped([...classOf]).values()]).toEqual([[0, 1, 3], [2, 4], [5]]);
  expect([0, 2, 5].map((row) => sizes[classOf[row] ?? -1])).toEqual([3, 2, 1]);
});

it("does not run two values together", () => {
  expect(
    classes([
      [1, 11],
      [11, 1],
    ]).sizes,
  ).toHaveLength(2);
});

it("leaves the table whole without a column, and has no class without rows", () => {
  expect(classes([[], [], []]).sizes).toEqual(Int32Array.of(3));
  expect(classesOf([codedColumn("q", [])], 0)).toEqual({
    classOf: new Int32Array(),
    sizes: new Int32Array(),
  });
});

it("refuses columns that are not the rows'", () => {
  expect(() => classesOf([codedColumn("q", [1, 2])], 3)).toThrow(RangeError);
});

const anyRows = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(
      fc.array(fc.constantFrom(0, 1, 2, -1, 0.5, 70_000), { minLength: width, maxLength: width }),
      { maxLength: 50 },
    ),
  );

/** Places of equal keys together. */
function grouped<Key>(keys: readonly Key[]): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (const [place, key] of keys.entries()) groups.set(key, [...(groups.get(key) ?? []), place]);
  return groups;
}

it("agrees with grouping by text", () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { classOf, sizes } = classes(rows);
      const byText = grouped(rows.map((row) => JSON.stringify(row)));
      const byClass = grouped([...classOf]);
      expect(new Set([...byClass.values()].map(String))).toEqual(
        new Set([...byText.values()].map(String)),
      );
      for (const [id, members] of byClass) expect(sizes[id]).toBe(members.length);
      expect(sizes).toHaveLength(byText.size);
    }),
  );
});

it("lists all rows class by class, in their order", () => {
  const { rows, starts } = rowsByClass({
    classOf: Int32Array.of(2, 0, 1, 0, 2, 2),
    sizes: Int32Array.of(2, 1, 3),
  });
  expect(starts).toEqual(Int32Array.of(0, 2, 3, 6));
  expect(rows).toEqual(Int32Array.of(1, 3, 2, 0, 4, 5));
});
