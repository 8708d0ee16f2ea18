import { expect, it } from "vitest";
import { distinctL } from "../../../client/risk/l.ts";

type Row = readonly [quasi: number, sensitive: number];
const people = (rows: readonly Row[]) =>
  rows.map(([quasi, sensitive]) => ({
    values: new Map([["column", quasi]]),
    logs: new Map(),
    sensitive,
  }));
const l = (...rows: Row[]) => distinctL(people(rows), ({ sensitive }) => sensitive);

it("is the least number of sensitive values in a class", () => {
  expect(l([1, 5], [1, 6], [1, 7], [2, 5], [2, 6])).toBe(2);
  expect(l([1, 5], [1, 6], [2, 9], [2, 9], [2, 9])).toBe(1);
});

it("is all values where nothing tells people apart, and 0 without any", () => {
  expect(l([1, 5], [1, 6], [1, 5], [1, 8])).toBe(3);
  expect(l()).toBe(0);
});
