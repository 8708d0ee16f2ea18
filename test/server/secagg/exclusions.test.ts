import { expect, it } from "vitest";
import { type Complaint, leftOut } from "../../../server/secagg/exclusions.ts";

const out = (complaints: readonly (readonly [by: number, of: number])[], colluders: number) =>
  [
    ...leftOut(
      complaints.map(([by, of]): Complaint => ({ by, of })),
      colluders,
    ),
  ].toSorted();

it("leaves out both, where either may lie", () => {
  expect(out([[4, 7]], 1)).toEqual([4, 7]);
  expect(
    out(
      [
        [4, 7],
        [1, 2],
      ],
      1,
    ),
  ).toEqual([1, 2, 4, 7]);
  expect(out([], 1)).toEqual([]);
});

it("leaves out the accused alone, once one at least of those who complain must be honest", () => {
  expect(
    out(
      [
        [4, 7],
        [5, 7],
      ],
      1,
    ),
  ).toEqual([7]);
  expect(
    out(
      [
        [4, 7],
        [5, 7],
      ],
      2,
    ),
  ).toEqual([4, 7]);
  expect(
    out(
      [
        [4, 7],
        [5, 7],
        [6, 7],
      ],
      2,
    ),
  ).toEqual([7]);
  // Said three times by one it is said once.
  expect(
    out(
      [
        [4, 7],
        [4, 7],
        [4, 7],
      ],
      2,
    ),
  ).toEqual([4, 7]);
});

it("lets whoever lies take one other along at most", () => {
  expect(
    out(
      [
        [0, 1],
        [0, 2],
        [0, 3],
      ],
      2,
    ),
  ).toEqual([0, 1]);
  // One that sends nothing that opens, and can open nothing: all complain, and it of one of them.
  expect(
    out(
      [
        [7, 0],
        [0, 7],
        [1, 7],
        [2, 7],
      ],
      1,
    ),
  ).toEqual([7]);
});
