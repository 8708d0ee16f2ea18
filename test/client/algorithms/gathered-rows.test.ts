import { expect, it } from "vitest";
import { GatheredRows } from "../../../client/algorithms/gathered-rows.ts";
import type { Examples } from "../../../shared/engine/core/engine.ts";

const examples = {
  count: 4,
  width: 2,
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  labels: Float32Array.of(10, 20, 30, 40),
};
const listed = ({ count, width, inputs, labels }: Examples) => ({
  ...{ count, width, inputs: [...inputs], labels: [...labels] },
});

it("has the rows of the slots in their order, twice where a slot is named twice", () => {
  const rows = new GatheredRows(examples);
  const some = rows.of(Int32Array.of(2, 0, 2));
  const inputs = [5, 6, 1, 2, 5, 6];
  expect(listed(some)).toEqual({ count: 3, width: 2, inputs, labels: [30, 10, 30] });
  expect(listed(rows.of(Int32Array.of()))).toEqual({ count: 0, width: 2, inputs: [], labels: [] });
  const fewer = rows.of(Int32Array.of(3));
  expect(listed(fewer)).toEqual({ count: 1, width: 2, inputs: [7, 8], labels: [40] });
});

it("has one buffer until more rows are asked for than it holds", () => {
  const rows = new GatheredRows(examples);
  const buffersOf = (...slots: number[]) => {
    const { inputs, labels } = rows.of(Int32Array.from(slots));
    return [inputs.buffer, labels.buffer];
  };
  const [inputs, labels] = buffersOf(0, 1);
  for (const again of [buffersOf(2, 3), buffersOf(1)]) {
    expect(again[0]).toBe(inputs);
    expect(again[1]).toBe(labels);
  }
  expect(buffersOf(0, 1, 2)[0]).not.toBe(inputs);
});
