/** Information loss of real recodings, against numbers worked by hand (Iyengar 2002; Xu et al. 2006). */
import { describe, expect, it } from "vitest";
import { generalizedColumns } from "../../../client/report/generalized-columns.ts";
import { informationLoss } from "../../../client/risk/models/information-loss.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import { gathered } from "../../support/written-people.ts";

/** What one quasi-identifier's cells lost, all of them kept unless the requirement says otherwise. */
async function lossOf(column: string, cells: readonly Cell[], anonymity = "") {
  const columns = `it: { role: quasiIdentifier, ${column} }\nbought: { role: target }`;
  const features = 'one: { formula: "1", bounds: [0, 1] }';
  const rest = anonymity && `anonymity: { ${anonymity} }`;
  const people = cells.map((cell, i) => [cell, i % 2 ? "yes" : "no"]);
  const made = await gathered({ columns, features, rest }, people);
  const general = generalizedColumns(made.people, made.rows, made.required, made.contract);
  return informationLoss(general, made.required.kept).per_column.it;
}

/** generalization_intensity, lm and ncp, to 12 digits. */
async function expectLoss(
  loss: ReturnType<typeof lossOf>,
  [intensity, lm, ncp]: readonly [intensity: number, lm: number, ncp: number],
) {
  const got = await loss;
  expect(got?.generalization_intensity).toBeCloseTo(intensity, 12);
  expect(got?.lm).toBeCloseTo(lm, 12);
  expect(got?.ncp).toBeCloseTo(ncp, 12);
}

describe("numbers", () => {
  it.each([
    ["kept as they are lose nothing", "type: integer, bounds: [0, 120]", [7, 90], [0, 0, 0]],
    // Edges 10 apart, so that open ends are taken to reach 10 further: three bands of 30.
    [
      "in bands without bounds lose as if the open ends were as wide as all that is known",
      "type: integer, bands: [20, 30]",
      [7, 25, 99],
      [1 / 2, 1 / 3, 1 / 3],
    ],
    // Widths of 18, 20 and 82 years, of the 120 there are.
    [
      "in bands lose the band, an open end up to the bounds",
      "type: integer, bounds: [0, 120], bands: [18, 38]",
      [7, 18, 37, 38, 120],
      [1 / 2, (18 + 20 + 20 + 82 + 82) / 5 / 120, (18 + 20 + 20 + 82 + 82) / 5 / 120],
    ],
    [
      "between edges have no band below the first",
      "type: integer, bounds: [10, 60], edges: [10, 20, 40]",
      [10, 39, 60],
      [1 / 2, (10 + 20 + 20) / 3 / 50, (10 + 20 + 20) / 3 / 50],
    ],
    // Bottom and top coding: no number beyond the ends is told, so the column spans 80.
    [
      "in bands after clipping reach to the clip's ends",
      "type: number, clip: [10, 90], bands: [50]",
      [-5, 50, 1000],
      [1 / 2, (40 + 40 + 40) / 3 / 80, (40 + 40 + 40) / 3 / 80],
    ],
    [
      "rounded down lose the step",
      "type: number, bounds: [0, 50], floor: 5",
      [1, 26],
      [1 / 2, 5 / 50, 5 / 50],
    ],
    [
      "rounded down to one value lose all of the bounds, and no more",
      "type: number, bounds: [0, 30], floor: 50",
      [1, 26],
      [1 / 2, 1, 1],
    ],
  ] as const)("%s", (_, column, numbers, loss) =>
    expectLoss(lossOf(column, numbers.map(String)), loss),
  );
});

describe("categories", () => {
  const TREE = "hierarchy: { Rome: [south], Bari: [south], Bonn: [south], Oslo: [north] }";

  it.each([
    ["at their leaves lose nothing", `${TREE}, level: 0`, ["Rome", "Oslo"], [0, 0, 0]],
    // South stands for three of four leaves, north for its one.
    [
      "one level up lose what the group hides",
      `${TREE}, level: 1`,
      ["Rome", "Bonn", "Oslo"],
      [1 / 2, (2 / 3 + 2 / 3 + 0) / 3, (3 / 4 + 3 / 4 + 0) / 3],
    ],
    ["at the root lose everything", `${TREE}, level: 2`, ["Rome", "Oslo"], [1, 1, 1]],
    [
      "that are other or missing stand for one value each",
      `${TREE}, level: 1, unseen: other`,
      ["Lima", "", "Bari"],
      [1 / 2, 2 / 3 / 3, 3 / 4 / 3],
    ],
    ["of a vocabulary lose nothing", "vocabulary: [a, b, c]", ["a", "c"], [0, 0, 0]],
  ] as const)("%s", (_, column, cells, loss) => expectLoss(lossOf(column, cells), loss));
});

describe("dates", () => {
  const column = (level: string) =>
    `type: date, level: ${level}, reference: 2024-06-30, bounds: [2024-01-01, 2024-12-30]`;
  const CELLS = ["2024-01-15", "2024-02-29", "2024-12-30"];
  // 365 days there are; a day itself has no width, a month up to 31, a quarter 92, a year all.
  it.each([
    ["day", [0, 0, 0]],
    ["month", [1 / 4, 31 / 365, 31 / 365]],
    ["quarter", [2 / 4, 92 / 365, 92 / 365]],
    ["year", [3 / 4, 1, 1]],
    ['"*"', [1, 1, 1]],
  ] as const)("cut to the %s", (level, loss) => expectLoss(lossOf(column(level), CELLS), loss));
});

describe("open domains", () => {
  it("lose the other codes that a masked one may be, of all of its length and characters", async () => {
    const digits = lossOf("type: code, length: 5, charset: digits, level: 2", ["21385", "21387"]);
    await expectLoss(digits, [2 / 5, 99 / 99_999, 99 / 99_999]);
    const letters = lossOf("type: code, length: 3, level: 1", ["AB1", "ab2"]);
    await expectLoss(letters, [1 / 3, 35 / 46_655, 35 / 46_655]);
    await expectLoss(lossOf("type: text", ["a", "b"]), [0, 0, 0]);
  });
});

describe("under a requirement", () => {
  it("counts a suppressed row as all lost, in each measure", () =>
    // 20 stands alone: its row is gone. Two rows of a band of 20 years, of 120.
    expectLoss(
      lossOf(
        "type: integer, bounds: [0, 120], bands: [18, 38]",
        ["20", "30", "7"],
        "mode: suppress, k: 2",
      ),
      [(1 / 2 + 1 / 2 + 1) / 3, (20 / 120 + 20 / 120 + 1) / 3, (20 / 120 + 20 / 120 + 1) / 3],
    ));

  it("counts numbers as wide as the parts that mondrian cuts", () =>
    // 10, 20, 31 | 33, 34: widths 21 and 1.
    expectLoss(
      lossOf(
        "type: integer, bounds: [0, 100]",
        ["31", "10", "34", "20", "33"],
        "mode: mondrian, k: 2",
      ),
      [0, (3 * 21 + 2 * 1) / 5 / 100, (3 * 21 + 2 * 1) / 5 / 100],
    ));

  it("counts bands together that one part spans", () =>
    // Bands 0, 1 | 2, 2: 38 years of 120, then 82.
    expectLoss(
      lossOf(
        "type: integer, bounds: [0, 120], bands: [18, 38]",
        ["7", "20", "50", "60"],
        "mode: mondrian, k: 2",
      ),
      [1 / 2, (2 * 38 + 2 * 82) / 4 / 120, (2 * 38 + 2 * 82) / 4 / 120],
    ));

  it("counts the leaves of all categories that one part spans", () =>
    // south and north in one part of two rows: four leaves of four.
    expectLoss(
      lossOf(
        "hierarchy: { Rome: [south], Bari: [south], Bonn: [south], Oslo: [north] }, level: 1",
        ["Rome", "Oslo"],
        "mode: mondrian, k: 2",
      ),
      [1 / 2, 1, 1],
    ));
});
