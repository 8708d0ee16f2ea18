import { expect, it } from "vitest";
import { kRisk } from "../../../client/risk/k.ts";

const people = (...rows: readonly (readonly number[])[]) =>
  rows.map((row) => ({
    values: new Map(row.map((value, i) => [`column${i}`, value])),
    logs: new Map(),
  }));

it("counts classes by equality on all quasi-identifiers", () => {
  const rows = [
    [1, 2],
    [1, 2],
    [1, 2],
    [12, 0],
    [12, 0],
    [1, 20],
  ];
  expect(kRisk(people(...rows), 3)).toEqual({ k: 1, classes: 3, recordsBelow: 3 });
  expect(kRisk(people(...rows), 2)).toEqual({ k: 1, classes: 3, recordsBelow: 1 });
});

it("does not run two values together", () => {
  expect(kRisk(people([1, 11], [11, 1]), 2).classes).toBe(2);
});

it("puts all into one class where nothing is told apart", () => {
  expect(kRisk(people([], [], []), 5)).toEqual({ k: 3, classes: 1, recordsBelow: 3 });
});

it("gives zeros for no rows", () => {
  expect(kRisk([], 5)).toEqual({ k: 0, classes: 0, recordsBelow: 0 });
});
