import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addUpdate, newSum } from "../../../server/step/gather.ts";

const PARAMETERS = 3;
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const updates = fc.array(fc.array(int32, { minLength: PARAMETERS, maxLength: PARAMETERS }), {
  maxLength: 12,
});

function gathered(all: readonly (readonly number[])[]): number[] {
  const sum = newSum(PARAMETERS);
  for (const update of all) addUpdate(sum, Int32Array.from(update));
  return [...sum];
}

describe("addUpdate", () => {
  it("adds coordinate by coordinate, in place", () => {
    const sum = newSum(PARAMETERS);
    expect([...sum]).toEqual([0, 0, 0]);
    const update = Int32Array.of(1, -2, 3);
    addUpdate(sum, update);
    addUpdate(sum, Int32Array.of(10, 20, -30));
    expect([...sum]).toEqual([11, 18, -27]);
    expect([...update]).toEqual([1, -2, 3]);
  });

  it("wraps modulo 2^32, so that masks cancel", () => {
    const sums = gathered([
      [2147483647, -2147483648, 5],
      [1, -1, -2147483648],
      [2147483647, 2147483647, -2147483648],
    ]);
    expect(sums).toEqual([-1, -2, 5]); // 2^32 - 1, -2, 5 - 2^32
  });

  it("gives the exact sum modulo 2^32, in any order", () => {
    fc.assert(
      fc.property(updates, fc.infiniteStream(fc.nat()), (all, keys) => {
        const exact = Array.from({ length: PARAMETERS }, (_, i) => {
          const total = all.reduce((sum, update) => sum + BigInt(update[i] ?? NaN), 0n);
          return Number(BigInt.asIntN(32, total));
        });
        const shuffled = all
          .map((update) => ({ update, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ update }) => update);
        expect(gathered(all)).toEqual(exact);
        expect(gathered(shuffled)).toEqual(exact);
      }),
    );
  });

  it.each([2, 4])("refuses an update of %s entries and leaves the sum as it was", (length) => {
    const sum = Int32Array.of(7, 8, 9);
    expect(() => addUpdate(sum, new Int32Array(length).fill(1))).toThrow(RangeError);
    expect([...sum]).toEqual([7, 8, 9]);
  });
});
