import { describe, expect, it } from "vitest";
import {
  type AggregationTerms,
  aggregationFault,
  trimmedOf,
} from "../../../shared/training/aggregation.ts";

const terms: AggregationTerms = {
  trust: "none",
  algorithm: "dpSgd",
  adapts: false,
  clients: 1_024,
  minCohort: 8,
};
const MEDIAN = { kind: "median" } as const;
const placeOf = (change: Partial<AggregationTerms>) =>
  aggregationFault(MEDIAN, { ...terms, ...change })?.[0];

describe("a median", () => {
  it("has a place where updates may be looked at one by one, and each is whole", () => {
    expect(placeOf({})).toBeUndefined();
    expect(placeOf({ trust: "local" })).toBeUndefined();
    expect(placeOf({ trust: "central" })).toBe("aggregation");
    expect(placeOf({ algorithm: "scaffold" })).toBe("aggregation");
    expect(placeOf({ adapts: true })).toBe("aggregation");
  });

  it("is refused where all updates take more than 1 GiB", () => {
    expect(placeOf({ parameters: 262_144 })).toBeUndefined();
    expect(placeOf({ parameters: 262_145 })).toBe("aggregation");
  });
});

it("a sum has its place everywhere", () => {
  const worst = { ...terms, trust: "central", algorithm: "scaffold", parameters: 1e9 } as const;
  expect(aggregationFault({ kind: "sum" }, worst)).toBeUndefined();
  expect(aggregationFault(undefined, worst)).toBeUndefined();
});

it("a trimmed mean must trim somebody of the fewest that stand", () => {
  const faultOf = (trim: number) => aggregationFault({ kind: "trimmedMean", trim }, terms)?.[0];
  expect(faultOf(0.125)).toBeUndefined();
  expect(faultOf(0.124)).toBe("aggregation.trim");
});

it("trims whole updates, not one fewer where a product falls short of them", () => {
  // In doubles 0.29 * 100 is 28.999999999999996.
  expect(trimmedOf(100, 0.29)).toBe(29);
  expect(trimmedOf(10, 0.19)).toBe(1);
  for (let count = 1; count < 50; count++) expect(2 * trimmedOf(count, 0.4999)).toBeLessThan(count);
});
