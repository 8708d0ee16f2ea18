import fc from "fast-check";
import { expect, it } from "vitest";
import { deltaDisclosure } from "../../../../client/risk/models/delta.ts";
import { anyClasses, countsOf, tally } from "../../../support/risk-tables.ts";

it("is the furthest that a value's odds move, up or down", () => {
  // P(1) = 1/8 at 1/2: up by 4; P(2) = 7/8 at 1/2: down by 7/4.
  const up = deltaDisclosure(countsOf([1, 2], [2, 2, 2, 2, 2, 2]));
  expect(up.nats).toBeCloseTo(Math.log(4), 15);
  // P(1) = 5/8 at 1/4: down by 5/2; P(2) = 3/8 at 3/4: up by 2.
  const down = deltaDisclosure(countsOf([1, 2, 2, 2], [1, 1, 1, 1]));
  expect(down.nats).toBeCloseTo(Math.log(5 / 2), 15);
});

it("gives the same in bits", () => {
  const { nats, bits } = deltaDisclosure(countsOf([1, 1], [2, 2]));
  expect(nats).toBeCloseTo(Math.LN2, 15);
  expect(bits).toBeCloseTo(1, 15);
});

it("tells that a class lacks a value, which is infinite if read strictly", () => {
  expect(deltaDisclosure(countsOf([1, 2], [1, 2, 2])).strictInfinite).toBe(false);
  expect(deltaDisclosure(countsOf([1, 2], [2, 2, 2])).strictInfinite).toBe(true);
});

it("is 0 where every class is as the table", () => {
  expect(deltaDisclosure(countsOf([7], [7, 7]))).toEqual({
    nats: 0,
    bits: 0,
    strictInfinite: false,
  });
});

it("agrees with the definition", () => {
  fc.assert(
    fc.property(anyClasses, (classes) => {
      const rows = classes.flat().length;
      const totals = tally(classes.flat(), 6);
      const moves = classes.flatMap((values) =>
        tally(values, 6)
          .map((count, value) => (count * rows) / ((totals[value] ?? 0) * values.length))
          .filter((ratio) => ratio > 0)
          .map((ratio) => Math.abs(Math.log(ratio))),
      );
      const distinct = new Set(classes.flat()).size;
      const { nats, strictInfinite } = deltaDisclosure(countsOf(...classes));
      expect(nats).toBeCloseTo(Math.max(...moves), 12);
      expect(strictInfinite).toBe(classes.some((values) => new Set(values).size < distinct));
    }),
  );
});
