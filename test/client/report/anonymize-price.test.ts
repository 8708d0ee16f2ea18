/** What an ε against the anonymized table is worth against the raw one: at the δ that is said, by a closed form. */
import { expect, it } from "vitest";
import { priceOf } from "../../../client/report/anonymize-price.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const suppress = (k: number) => ({ mode: "suppress", k, unsafe: false, sensitive: [] }) as const;
const guarantee = { unit: "record", adjacency: "zeroOut", epsilon: 1, delta: 1e-5 } as const;

/** mu of the Gaussian mechanism that has exactly that epsilon. */
function muOf(epsilon: number, delta: number): number {
  let [low, high] = [0, 10];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (exactGaussianEpsilon(middle, delta) < epsilon) low = middle;
    else high = middle;
  }
  return high;
}

it.each([
  ["zeroOut", 5, 1, 1e-5],
  ["replaceOne", 10, 1, 1e-5],
  ["replaceOne", 2, 0.25, 1e-6],
] as const)(
  "is under %s, with k = %i, that of k times the sensitivity",
  (adjacency, k, epsilon, delta) => {
    const { raw, factor } = priceOf({ ...guarantee, adjacency, epsilon, delta }, suppress(k));
    const due = exactGaussianEpsilon(k * muOf(epsilon, delta), delta);
    expect(raw?.epsilon).toBeCloseTo(due, 4);
    expect([raw?.delta, factor]).toEqual([delta, k]);
  },
);

it("is 6.17 for k = 5 and 14.43 for k = 10, at ε 1 and δ 1e-5", () => {
  const priced = [5, 10].map((k) => priceOf(guarantee, suppress(k)).raw?.epsilon ?? 0);
  expect(priced.map((epsilon) => epsilon.toFixed(2))).toEqual(["6.17", "14.43"]);
});

it("is of persons with N rows 1 + N (k - 1) times that of one", () => {
  const { raw, factor } = priceOf({ ...guarantee, rowsPerPerson: 3 }, suppress(2));
  expect(factor).toBe(4);
  expect(raw?.epsilon).toBeCloseTo(exactGaussianEpsilon(4 * muOf(1, 1e-5), 1e-5), 4);
});

it("is the same where each row is recoded alone, and none where rows decide together", () => {
  const { raw } = priceOf(guarantee, { ...suppress(5), mode: "report" });
  expect(raw).toEqual({ epsilon: 1, delta: 1e-5 });
  expect(priceOf(guarantee, { ...suppress(5), mode: "mondrian" }).raw).toBeNull();
  expect(priceOf(guarantee, { ...suppress(5), unsafe: true }).raw).toBeNull();
  expect(priceOf({ ...guarantee, unit: "client" }, suppress(5)).raw?.epsilon).toBe(1);
});
