import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type GeneralizedColumn,
  informationLoss,
} from "../../../../client/risk/models/information-loss.ts";
import { adultTable, recodedAdult } from "../../../support/adult.ts";
import { differences, goldenTables } from "../../../support/anonymity-vectors.ts";

/** A column that was raised to `level`, its leaves counted plainly. */
function generalized(
  name: string,
  raw: readonly string[],
  level: number,
  paths: ReadonlyMap<string, readonly string[]>,
): GeneralizedColumn {
  const all = [...paths.values()];
  const under = new Map<string, number>();
  for (const path of all) under.set(path[level] ?? "", (under.get(path[level] ?? "") ?? 0) + 1);
  return {
    name,
    kind: "categories",
    level,
    height: (all[0]?.length ?? 1) - 1,
    domain: all.length,
    // At the top a cell that is no leaf stands for all of them like any other.
    leaves: Int32Array.from(raw, (cell) => under.get(paths.get(cell)?.[level] ?? "*") ?? NaN),
  };
}

it.each(goldenTables.recoding_cases)("gives the golden losses of recoding $id", (golden) => {
  const columns = golden.columns
    .filter((name) => golden.roles[name] === "quasi_identifier")
    .map((name) => {
      const raw = golden.raw_rows.map((row) => String(row[golden.columns.indexOf(name)]));
      const paths = new Map(Object.entries(golden.hierarchies[name] ?? {}));
      return generalized(name, raw, golden.levels[name] ?? 0, paths);
    });
  const kept = new Uint8Array(golden.raw_rows.length).fill(1);
  for (const row of golden.expected_suppressed_row_indexes) kept[row] = 0;
  const { information_loss: expected } = golden.expected;
  expect(differences(informationLoss(columns, kept), expected)).toEqual([]);
});

describe("on Adult", () => {
  const tables = { "adult.data": adultTable("adult"), "adult.test": adultTable("adult-test") };
  const withLoss = goldenTables.adult_cases.filter(({ expected }) => expected.information_loss);

  it.each(withLoss)("gives the golden losses of $id", (golden) => {
    const { columns } = recodedAdult(golden, tables[golden.dataset]);
    const losses = informationLoss(
      columns.map(({ name, raw, level, paths }) => generalized(name, raw, level, paths)),
    );
    expect(differences(losses, golden.expected.information_loss)).toEqual([]);
    const { precision_loss: printed = 1 - losses.precision } = golden.published;
    expect(1 - losses.precision).toBeCloseTo(Number(printed), 12);
  });

  it("has cases with losses", () => {
    expect(withLoss.length).toBeGreaterThan(25);
  });
});

describe("of intervals", () => {
  const column = {
    name: "age",
    kind: "intervals",
    level: 1,
    height: 4,
    domain: 80,
    widths: Float64Array.of(20, 20, 0, 40),
  } as const;

  it("is the mean width over the domain's", () => {
    const loss = { generalization_intensity: 1 / 4, lm: 1 / 4, ncp: 1 / 4 };
    expect(informationLoss([column])).toEqual({
      per_column: { age: loss },
      precision: 3 / 4,
      lm: 1 / 4,
      gcp_ncp: 1 / 4,
    });
  });

  it("counts a suppressed cell as 1", () => {
    const { per_column: losses, precision } = informationLoss([column], Uint8Array.of(0, 1, 1, 1));
    // (1 + 20/80 + 0 + 40/80) / 4, and (1 + 3/4) / 4.
    expect(losses.age).toEqual({ generalization_intensity: 7 / 16, lm: 7 / 16, ncp: 7 / 16 });
    expect(precision).toBe(9 / 16);
  });

  it("loses nothing of a domain that is one point", () => {
    const point = { ...column, domain: 0, widths: Float64Array.of(0, 0) };
    expect(informationLoss([point]).gcp_ncp).toBe(0);
  });
});

it("loses nothing without columns or without rows", () => {
  const nothing = { precision: 1, lm: 0, gcp_ncp: 0 };
  expect(informationLoss([])).toMatchObject(nothing);
  const empty = { name: "a", kind: "categories", level: 1, height: 2, domain: 3 } as const;
  expect(informationLoss([{ ...empty, leaves: new Int32Array() }])).toMatchObject(nothing);
});

it("refuses rows that are not the column's", () => {
  const column = { name: "a", kind: "categories", level: 1, height: 2, domain: 3 } as const;
  expect(() =>
    informationLoss([{ ...column, leaves: Int32Array.of(1, 1) }], Uint8Array.of(1)),
  ).toThrow(RangeError);
});

it("is the same to the last digit in any order of rows", () => {
  const cells = fc.array(fc.tuple(fc.double({ min: 0, max: 9 }), fc.nat(5), fc.nat(2)), {
    minLength: 1,
    maxLength: 30,
  });
  const shuffled = cells.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  const losses = (rows: readonly (readonly [number, number, number])[]) => {
    const widths = Float64Array.from(rows, ([width]) => width);
    const kept = Uint8Array.from(rows, ([, , mark]) => mark);
    const leaves = Int32Array.from(rows, ([, code]) => code + 1);
    const raised = { level: 1, height: 2 } as const;
    return informationLoss(
      [
        { ...raised, name: "x", kind: "intervals", domain: 9, widths },
        { ...raised, name: "c", kind: "categories", domain: 6, leaves },
      ],
      kept,
    );
  };
  fc.assert(
    fc.property(shuffled, ([rows, other]) => {
      expect(losses(other)).toEqual(losses(rows));
    }),
  );
});
