import { describe, expect, it } from "vitest";
import { type Recoding, recoding } from "../../../shared/contract/recoding.ts";
import { checkRecoding } from "../../../shared/contract/recoding-check.ts";

const NUMERIC = { integer: false, bounds: [0, 100], clip: null, missing: null, bornBeforeMs: null };
const BANDS = {
  ...NUMERIC,
  kind: "bands",
  edges: [20, 40],
  closed: false,
  labels: ["(-inf,20)", "[20,40)", "[40,inf)"],
};
const NUMBER = { ...NUMERIC, kind: "number", grid: null };
const CATEGORIES = {
  kind: "categories",
  normalise: [],
  leaves: [
    ["a", 0],
    ["b", 1],
  ],
  labels: ["x", "y", "other", "missing"],
  unseen: "other",
  missing: "category",
  level: 1,
  height: 2,
  above: [["*"], ["*"]],
};
const DATE = { kind: "date", level: "month", referenceMs: 0, boundsMs: [0, 86_400_000] };
const CODE = { kind: "code", length: 5, charset: "digits", masked: 2 };

const check = (value: unknown) =>
  checkRecoding(recoding.parse(value), "people.yaml, data.columns.x");

describe("checkRecoding", () => {
  it("takes recodings whose parts fit together", () => {
    const closed = { closed: true, edges: [0, 20], labels: ["[0,20)", "[20,inf)"] };
    const all = [BANDS, { ...BANDS, ...closed }, NUMBER, CATEGORIES, DATE, CODE, { kind: "text" }];
    for (const one of all) expect(() => check(one), JSON.stringify(one)).not.toThrow();
    expect(() => check({ ...NUMBER, bounds: null, clip: [0, 1] })).not.toThrow();
    expect(() => check({ ...CATEGORIES, above: [] })).not.toThrow();
    expect(() => check({ ...NUMBER, missing: 100 })).not.toThrow();
    expect(() => check({ ...NUMBER, bounds: null, missing: -7 })).not.toThrow();
  });

  it.each<[string, object, Record<string, unknown>, string]>([
    ["bounds the wrong way round", NUMBER, { bounds: [3, 2] }, "bounds"],
    ["bounds of no width", NUMBER, { bounds: [3, 3] }, "bounds"],
    ["a clip of no width", NUMBER, { clip: [3, 3] }, "clip"],
    ["a stand-in below the bounds", NUMBER, { missing: -1 }, "missing"],
    ["a stand-in above the bounds", BANDS, { missing: 101 }, "missing"],
    ["a stand-in that is no whole number", NUMBER, { integer: true, missing: 0.5 }, "missing"],
    ["a stand-in above all numbers", NUMBER, { bounds: null, missing: 1e16 }, "missing"],
    ["a step too small to count", NUMBER, { grid: { rule: "floor", width: 1e-300 } }, "floor"],
    ["an age in fractions", NUMBER, { bornBeforeMs: 0 }, "type"],
    ["edges that fall: bands that overlap", BANDS, { edges: [40, 20] }, "bands"],
    ["an edge twice: a band that is empty", BANDS, { edges: [20, 20] }, "bands"],
    ["an edge above the bounds", BANDS, { edges: [20, 140] }, "bands"],
    ["an edge at the lower bound", BANDS, { edges: [0, 40] }, "bands"],
    ["an edge above the clip", BANDS, { clip: [0, 30] }, "bands"],
    ["labels that do not follow", BANDS, { labels: ["young", "middle", "old"] }, "labels"],
    [
      "a stand-in below all bands",
      BANDS,
      { closed: true, labels: ["[20,40)", "[40,inf)"], missing: 3 },
      "missing",
    ],
    ["a domain without other", CATEGORIES, { labels: ["x", "y", "z", "missing"] }, "labels"],
    [
      "a domain that ends otherwise",
      CATEGORIES,
      { labels: ["x", "y", "missing", "other"] },
      "labels",
    ],
    ["a label twice", CATEGORIES, { labels: ["x", "x", "other", "missing"] }, "labels"],
    ["a leaf beyond the labels", CATEGORIES, { leaves: [["a", 4]] }, "leaves"],
    [
      "a leaf twice",
      CATEGORIES,
      {
        leaves: [
          ["a", 0],
          ["a", 1],
        ],
      },
      "leaves",
    ],
    ["a level above the root", CATEGORIES, { level: 3 }, "level"],
    ["what lies above one value alone", CATEGORIES, { above: [["*"]] }, "above"],
    ["days the wrong way round", DATE, { boundsMs: [86_400_000, 0] }, "bounds"],
    ["more masked than there is", CODE, { masked: 6 }, "level"],
  ])("refuses %s", (_, whole, part, key) => {
    const expected = new RegExp(`^\\w+ \\(people.yaml, data.columns.x.${key}\\): got `);
    expect(() => check({ ...whole, ...part })).toThrow(expected);
  });

  it("refuses what is no recoding by its shape", () => {
    const odd: object[] = [
      { ...BANDS, edges: [] },
      { ...NUMBER, grid: { rule: "round", width: 0 } },
      { ...CATEGORIES, above: [["*"], 3] },
      { ...DATE, level: "week" },
      { ...CODE, charset: "any" },
      { kind: "text", extra: 1 },
      { kind: "quantiles" },
    ];
    for (const one of odd) expect(recoding.safeParse(one).success, JSON.stringify(one)).toBe(false);
    const whole: Recoding = recoding.parse(BANDS);
    expect(whole).toEqual(BANDS);
  });
});
