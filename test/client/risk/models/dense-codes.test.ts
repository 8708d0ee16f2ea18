import fc from "fast-check";
import { expect, it } from "vitest";
import { denseCodes } from "../../../../client/risk/models/dense-codes.ts";

const dense = (codes: Int32Array | Float64Array) =>
  denseCodes({ name: "column", codes }, codes.length);

it("takes small whole numbers as they stand, without a copy", () => {
  const codes = Int32Array.of(5, 0, 5, 2);
  expect(dense(codes).ids).toBe(codes);
  expect([...dense(codes).codes]).toEqual([0, 1, 2, 3, 4, 5]);
});

it("numbers all others upwards, so that no order of rows shows", () => {
  expect(dense(Int32Array.of(-1, 2 ** 30, 7, -1))).toEqual({
    ids: Int32Array.of(0, 2, 1, 0),
    codes: Int32Array.of(-1, 7, 2 ** 30),
  });
  expect(dense(Float64Array.of(0.5, -3, 0.5, 0))).toEqual({
    ids: Int32Array.of(2, 0, 2, 1),
    codes: Float64Array.of(-3, 0, 0.5),
  });
});

it("takes NaN for one value, above the infinities, and -0 for 0", () => {
  const { ids, codes } = dense(Float64Array.of(NaN, 1, -0, NaN, 0, Infinity, -Infinity));
  expect([...ids]).toEqual([4, 2, 1, 4, 1, 3, 0]);
  expect(codes).toHaveLength(5);
  expect([...dense(Float64Array.of(3, -0, 0)).ids]).toEqual([3, 0, 0]);
  expect([...dense(Float64Array.of(NaN, NaN)).ids]).toEqual([0, 0]);
});

it("keeps equal codes equal and others apart", () => {
  const anyCodes = fc.array(
    fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.1, 5000, 1e9, NaN, Infinity)),
  );
  fc.assert(
    fc.property(anyCodes, (cells) => {
      const { ids, codes } = dense(Float64Array.from(cells));
      expect([...ids].map((id) => codes[id])).toEqual(cells.map((cell) => cell + 0));
      const distinct = new Set(cells).size;
      expect(new Set(ids).size).toBe(distinct);
    }),
  );
});

it("refuses a column of another length", () => {
  const codes = Int32Array.of(1, 2);
  expect(() => denseCodes({ name: "age", codes }, 3)).toThrow("column age: 2 codes for 3 rows");
});

it("has no codes without rows", () => {
  expect(dense(new Int32Array())).toEqual({ ids: new Int32Array(), codes: new Int32Array() });
});
