/** Means, intervals and paired tests against scipy. */
import { describe, expect, it } from "vitest";
import { holm, pairedDifference, summaryOf } from "../../compare/seed-statistics.ts";
import { STATISTICS } from "../support/statistics-vectors.ts";

const bySeed = (values: readonly number[], from = 1) =>
  new Map(values.map((value, i) => [from + i, value]));

describe.each(STATISTICS.samples)("$a.length seeds", ({ a, b, mean, sd, interval, paired }) => {
  it("have scipy's mean, standard deviation and t interval", () => {
    const summary = summaryOf(a);
    expect(summary.n).toBe(a.length);
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.sd).toBeCloseTo(sd, 12);
    expect(summary.interval?.[0]).toBeCloseTo(interval[0], 10);
    expect(summary.interval?.[1]).toBeCloseTo(interval[1], 10);
  });

  it("have scipy's paired difference, its interval and its p-value", () => {
    const difference = pairedDifference(bySeed(a), bySeed(b));
    expect(difference?.mean).toBeCloseTo(paired.mean, 12);
    expect(difference?.interval?.[0]).toBeCloseTo(paired.interval[0], 10);
    expect(difference?.interval?.[1]).toBeCloseTo(paired.interval[1], 10);
    expect(Math.abs((difference?.p ?? 0) / paired.p - 1)).toBeLessThan(1e-9);
  });
});

it("pairs by seed, whatever the order, and leaves out what has no partner", () => {
  const first = new Map([
    [3, 0.9],
    [1, 0.7],
    [9, 0.1],
  ]);
  const second = new Map([
    [1, 0.6],
    [2, 0.2],
    [3, 0.6],
  ]);
  const difference = pairedDifference(first, second);
  expect(difference?.n).toBe(2);
  expect(difference?.mean).toBeCloseTo(0.2, 12);
});

it("has no spread and no test of one seed, and nothing of none", () => {
  expect(summaryOf([0.8])).toEqual({ n: 1, mean: 0.8, sd: null, interval: null });
  expect(pairedDifference(bySeed([0.8]), bySeed([0.7]))?.p).toBeNull();
  expect(pairedDifference(bySeed([0.8]), bySeed([0.7], 5))).toBeNull();
  expect(() => summaryOf([])).toThrow(RangeError);
});

it.each([
  ["by nothing", [0.5, 0.75], [0.5, 0.75], 0],
  ["by one row of 200", [0.915, 0.87], [0.91, 0.865], 0.005],
  // In float64 the two differences are not quite the same.
  ["by twenty of them", [0.3, 0.8], [0.2, 0.7], 0.1],
])("has no test and no interval of pairs that all differ alike, %s", (_, values, others, mean) => {
  const difference = pairedDifference(bySeed(values), bySeed(others));
  expect(difference?.mean).toBeCloseTo(mean, 12);
  expect(difference?.sd).toBeCloseTo(0, 12);
  expect([difference?.interval, difference?.p]).toEqual([null, null]);
});

it("tests pairs of which one differs by one row of a million", () => {
  const difference = pairedDifference(bySeed([0.500001, 0.75]), bySeed([0.5, 0.75]));
  expect(difference?.p).toBeCloseTo(0.5, 6);
});

it("adjusts p-values as Holm does, and leaves untested ones alone", () => {
  const { p, adjusted } = STATISTICS.holm;
  const got = holm([null, ...p]);
  expect(got[0]).toBeNull();
  adjusted.forEach((value, i) => {
    expect(got[i + 1]).toBeCloseTo(value, 12);
  });
});
