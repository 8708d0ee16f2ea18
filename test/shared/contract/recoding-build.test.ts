import { describe, expect, it } from "vitest";
import type { Recoding } from "../../../shared/contract/recoding.ts";
import { buildRecoding, vocabularyRecoding } from "../../../shared/contract/recoding-build.ts";
import type { ScenarioColumn } from "../../../shared/scenario/data-schema.ts";

type Keys = Omit<ScenarioColumn, "role">;

function built(keys: Keys, text = ""): Promise<Recoding> {
  const column: ScenarioColumn = { role: "quasiIdentifier", ...keys };
  return buildRecoding(column, async () => text, "people.yaml, data.columns.x");
}

const NUMERIC = { integer: false, bounds: null, clip: null, missing: null, bornBeforeMs: null };

describe("buildRecoding", () => {
  it.each<[string, Keys, Recoding]>([
    [
      "inner edges, the first band open",
      { type: "integer", bounds: [0, 120], bands: [18, 38] },
      {
        kind: "bands",
        ...NUMERIC,
        integer: true,
        bounds: [0, 120],
        edges: [18, 38],
        closed: false,
        labels: ["(-inf,18)", "[18,38)", "[38,inf)"],
      },
    ],
    [
      "edges, the first band closed",
      { edges: [0, 18], missing: 3 },
      {
        kind: "bands",
        ...NUMERIC,
        missing: 3,
        edges: [0, 18],
        closed: true,
        labels: ["[0,18)", "[18,inf)"],
      },
    ],
    [
      "top and bottom coding",
      { type: "number", clip: [0, 99] },
      { kind: "number", ...NUMERIC, clip: [0, 99], grid: null },
    ],
    [
      "rounding",
      { type: "number", bounds: [0, 9], round: 5 },
      { kind: "number", ...NUMERIC, bounds: [0, 9], grid: { rule: "round", width: 5 } },
    ],
    [
      "a floor",
      { type: "number", bounds: [0, 9], floor: 2 },
      { kind: "number", ...NUMERIC, bounds: [0, 9], grid: { rule: "floor", width: 2 } },
    ],
    [
      "a birth date's age in bands",
      { type: "birthDate", reference: "2024-06-30", bands: [40] },
      {
        kind: "bands",
        ...NUMERIC,
        integer: true,
        bornBeforeMs: Date.UTC(2024, 5, 30),
        edges: [40],
        closed: false,
        labels: ["(-inf,40)", "[40,inf)"],
      },
    ],
    [
      "a date by the number of its level",
      { type: "date", level: 2, reference: "2024-06-30", bounds: ["2020-01-01", "2024-06-29"] },
      {
        kind: "date",
        level: "quarter",
        referenceMs: Date.UTC(2024, 5, 30),
        boundsMs: [Date.UTC(2020, 0, 1), Date.UTC(2024, 5, 29)],
      },
    ],
    [
      "a date by its day",
      { type: "date" },
      { kind: "date", level: "day", referenceMs: 0, boundsMs: null },
    ],
    [
      "a code",
      { type: "code", length: 5, charset: "digits", level: 2 },
      { kind: "code", length: 5, charset: "digits", masked: 2 },
    ],
    ["text as it is", { type: "text" }, { kind: "text" }],
  ])("reads %s", async (_, keys, recoding) => {
    await expect(built(keys)).resolves.toEqual(recoding);
  });

  it("reads a hierarchy's file by the path that the column gives", async () => {
    const column = { role: "quasiIdentifier", hierarchy: "data/h.csv", level: 1 } as const;
    const paths: string[] = [];
    const read = async (path: string) => {
      paths.push(path);
      return "a;x;*\nb;x;*\n";
    };
    const recoding = await buildRecoding(column, read, "here");
    expect(paths).toEqual(["data/h.csv"]);
    expect(recoding).toMatchObject({ labels: ["x", "other", "missing"], unseen: "error" });
  });

  it.each<[string, Keys, string]>([
    ["bands on text", { type: "text", bands: [3] }, "data.columns.x.bands"],
    ["bands on categories", { type: "category", bands: [3] }, "data.columns.x.bands"],
    ["bands on a date", { type: "date", bands: [3] }, "data.columns.x.bands"],
    ["bands beside a hierarchy", { hierarchy: { a: ["b"] }, level: 1, bands: [3] }, "x.bands"],
    ["a vocabulary of numbers", { type: "integer", vocabulary: ["1"] }, "data.columns.x"],
    [
      "both a hierarchy and a vocabulary",
      { hierarchy: { a: ["b"] }, level: 1, vocabulary: ["a"] },
      "x.vocabulary",
    ],
    ["bands and a floor", { bands: [3], floor: 2 }, "data.columns.x"],
    ["round and floor", { type: "number", round: 3, floor: 2 }, "data.columns.x"],
    ["bands and edges", { bands: [3], edges: [3] }, "data.columns.x"],
    ["a birth date without its reference", { type: "birthDate", bands: [3] }, "x.reference"],
    ["a reference of a number", { type: "number", reference: "2024-06-30" }, "x.reference"],
    ["a reference that no calendar has", { type: "date", reference: "2024-06-31" }, "x.reference"],
    [
      "date bounds that no calendar has",
      { type: "date", reference: "2024-06-30", bounds: ["2024-02-30", "2024-03-01"] },
      "x.bounds",
    ],
    [
      "date bounds that count to no day",
      { type: "date", bounds: ["2024-02-03", "2024-03-01"] },
      "x.reference",
    ],
    ["a level that no date has", { type: "date", level: "week" }, "x.level"],
    [
      "bounds in days of a number",
      { type: "number", bounds: ["2024-02-03", "2024-03-01"] },
      "x.bounds",
    ],
    ["a code's level by name", { type: "code", level: "two" }, "x.level"],
    ["a hierarchy without its level", { hierarchy: { a: ["b"] } }, "x.level"],
    [
      "a number for a missing category",
      { hierarchy: { a: ["b"] }, level: 1, missing: 3 },
      "x.missing",
    ],
    ["a category for a missing number", { type: "number", missing: "category" }, "x.missing"],
    ["an odd key beside text", { type: "text", normalise: ["trim"] }, "x.normalise"],
  ])("refuses %s", async (_, keys, place) => {
    await expect(built(keys)).rejects.toThrow(new RegExp(`^\\w+ \\(people.yaml, .*${place}\\)`));
  });

  it.each<[string, Keys]>([
    ["bounds", { type: "number", bounds: "auto" }],
    ["bands", { bands: { quantiles: 4 } }],
    ["vocabulary", { vocabulary: "auto" }],
  ])("refuses %s that are learned from the rows", async (key, keys) => {
    await expect(built(keys)).rejects.toThrow(
      `learnedParameter (people.yaml, data.columns.x.${key})`,
    );
  });
});

describe("vocabularyRecoding", () => {
  it("keeps the order given, other and missing last, whether or not they are named", () => {
    expect(vocabularyRecoding(["b", "a"], {}).labels).toEqual(["b", "a", "other", "missing"]);
    const named = vocabularyRecoding(["other", "b", "missing", "a"], { unseen: "other" });
    expect(named.labels).toEqual(["b", "a", "other", "missing"]);
    expect(named.leaves).toEqual([
      ["other", 2],
      ["b", 0],
      ["missing", 3],
      ["a", 1],
    ]);
  });

  it("normalises what cells are compared with, not the labels", () => {
    const { labels, leaves } = vocabularyRecoding(["Ab "], { normalise: ["trim", "caseFold"] });
    expect(labels[0]).toBe("Ab ");
    expect(leaves).toEqual([["ab", 0]]);
  });
});
