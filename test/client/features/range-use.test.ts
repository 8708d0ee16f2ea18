/** Which features use less than a tenth of their declared range. */
import { expect, it } from "vitest";
import { narrowFeatures } from "../../../client/features/range-use.ts";
import type { Contract } from "../../../shared/contract/contract.ts";

const number = (name: string, width = 1) => ({ kind: "number", name, width });
const FEATURES = [number("wide"), { kind: "oneHot", name: "ward", width: 2 }, number("narrow")];
const contract = (features: readonly object[]) =>
  ({ features }) as unknown as Pick<Contract, "features">;

/** @param rows each: its model inputs; null: nobody is in that slot */
function client(width: number, ...rows: readonly (readonly number[] | null)[]) {
  const inputs = Float32Array.from(rows.flatMap((row) => row ?? new Array<number>(width).fill(0)));
  const labels = new Float32Array(rows.length);
  const examples = { count: rows.length, width, inputs, labels };
  const present = Uint8Array.from(rows, (row) => (row ? 1 : 0));
  return { examples, present };
}

it("names the number whose values lie within a tenth, over all clients, and no category", () => {
  const clients = [client(4, [-1, 1, 0, 0.5], [1, 1, 0, 0.6]), client(4, [0, 1, 0, 0.62])];
  expect(narrowFeatures(contract(FEATURES), clients)).toEqual([
    { feature: "narrow", share: expect.closeTo(0.06, 6) },
  ]);
});

it("counts a tenth itself as enough, and a constant as nothing", () => {
  const rows = client(2, [0, 0.25], [0.25, 0.25]);
  expect(narrowFeatures(contract([number("tenth"), number("constant")]), [rows])).toEqual([
    { feature: "constant", share: 0 },
  ]);
  const [less] = narrowFeatures(contract([number("less")]), [client(1, [0], [0.1875])]);
  expect(less).toEqual({ feature: "less", share: 0.09375 });
});

it("leaves out slots in which nobody is, and says nothing of one row", () => {
  const features = contract([number("one")]);
  expect(narrowFeatures(features, [client(1, [0.9], null, [0.95])])).toHaveLength(1);
  expect(narrowFeatures(features, [client(1, [0.9], null)])).toEqual([]);
  expect(narrowFeatures(features, [])).toEqual([]);
});

it("goes by the widest of a feature's inputs", () => {
  const rows = client(3, [0, 0, 0.5], [0.01, 1, 0.5]);
  expect(narrowFeatures(contract([number("two", 2), number("last")]), [rows])).toEqual([
    { feature: "last", share: 0 },
  ]);
});
