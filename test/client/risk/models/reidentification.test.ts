import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CodedTable } from "../../../../client/risk/models/coded-table.ts";
import { classesOf } from "../../../../client/risk/models/equivalence-classes.ts";
import {
  populationSizes,
  reidentificationRisk,
  uniqueShare,
} from "../../../../client/risk/models/reidentification.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import { codedColumn } from "../../../support/risk-tables.ts";

const sizes = Int32Array.of(1, 4, 5);

describe("the prosecutor", () => {
  const risk = reidentificationRisk(sizes, sizes);

  it("finds the person at one in the class's size", () => {
    expect(risk).toMatchObject({ max: 1, min: 1 / 5, average: 3 / 10, matched: 3 / 10 });
  });

  it("counts rows above a risk, not those at it", () => {
    expect([0.1, 0.2, 0.24, 0.25, 0.99, 1].map(risk.shareAbove)).toEqual([
      1, 0.5, 0.5, 0.1, 0.1, 0,
    ]);
  });
});

describe("the journalist", () => {
  it("has as many candidates as the population has", () => {
    const risk = reidentificationRisk(sizes, Int32Array.of(10, 4, 50));
    expect(risk).toMatchObject({ max: 1 / 4, min: 1 / 50 });
    // 1/10 + 4/4 + 5/50 matches of 10 rows; 3 classes of 64 people are fewer.
    expect(risk.matched).toBeCloseTo(1.2 / 10, 15);
    expect(risk.average).toBe(risk.matched);
    expect([0.09, 0.1, 0.2].map(risk.shareAbove)).toEqual([0.5, 0.4, 0.4]);
  });

  it("is at least the classes over the people in them", () => {
    // (1/2 + 99/100) / 100 matched, against 2 classes of 102 people.
    const risk = reidentificationRisk(Int32Array.of(1, 99), Int32Array.of(2, 100));
    expect(risk.matched).toBeCloseTo(0.0149, 15);
    expect(risk.average).toBe(2 / 102);
  });
});

it("is the same to the last digit in any order of classes", () => {
  const anySizes = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })),
    { minLength: 1 },
  );
  const shuffled = anySizes.chain((pairs) =>
    fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })),
  );
  const risk = (pairs: readonly (readonly [number, number])[]) => {
    const { shareAbove, ...others } = reidentificationRisk(
      Int32Array.from(pairs, ([size]) => size),
      Int32Array.from(pairs, ([size, more]) => size + more),
    );
    return { ...others, above: [0.1, 0.2, 0.5].map(shareAbove) };
  };
  fc.assert(
    fc.property(shuffled, ([pairs, other]) => {
      expect(risk(other)).toEqual(risk(pairs));
    }),
  );
});

it("counts rows that are alone", () => {
  expect(uniqueShare(Int32Array.of(1, 2, 1, 4))).toBe(2 / 8);
  expect(uniqueShare(new Int32Array())).toBe(0);
});

describe("a population", () => {
  const table = (ages: readonly number[], zips: readonly number[]): CodedTable => ({
    rows: ages.length,
    quasiIdentifiers: [codedColumn("age", ages), codedColumn("zip", zips)],
    sensitive: [],
  });
  const rows = table([30, 40, 30], [1, 1, 1]);
  const classes = classesOf(rows.quasiIdentifiers, rows.rows);

  it("is counted by the table's classes, its columns by name", () => {
    const people = table([40, 30, 30, 30, 30, 50], [1, 1, 1, 1, 2, 1]);
    const swapped = { ...people, quasiIdentifiers: [...people.quasiIdentifiers].reverse() };
    for (const population of [people, swapped])
      expect(populationSizes(rows.quasiIdentifiers, classes, population)).toEqual(
        Int32Array.of(3, 1),
      );
  });

  it("must hold everybody, and says no more", () => {
    const refused = () =>
      populationSizes(rows.quasiIdentifiers, classes, table([30, 30, 40], [1, 1, 2]));
    expect(refused).toThrow(ScenarioError);
    expect(refused).toThrow("data.population");
    expect(refused).not.toThrow(/40/);
  });

  it("must have the columns", () => {
    const population = { rows: 1, quasiIdentifiers: [codedColumn("age", [30])], sensitive: [] };
    expect(() => populationSizes(rows.quasiIdentifiers, classes, population)).toThrow("zip");
  });
});
