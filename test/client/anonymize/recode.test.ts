import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  imageKeeper,
  readable,
  recoder,
  type ValueRecoding,
} from "../../../client/anonymize/recode.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import { bandLabels } from "../../../shared/contract/formula/band-labels.ts";
import { buildRecoding } from "../../../shared/contract/recoding-build.ts";
import type { ScenarioColumn } from "../../../shared/scenario/data-schema.ts";
import { vectorFile } from "../../support/vector-file.ts";

const NUMERIC = { integer: false, bounds: null, clip: null, missing: null, bornBeforeMs: null };
const AGE: ValueRecoding = {
  kind: "bands",
  ...NUMERIC,
  integer: true,
  bounds: [0, 120],
  edges: [18, 38, 58, 78],
  closed: false,
  labels: bandLabels([18, 38, 58, 78], false),
};
const CITY: ValueRecoding = {
  kind: "categories",
  normalise: ["nfc", "trim", "collapseSpaces", "caseFold"],
  leaves: [
    ["saint malo", 0],
    ["zürich", 1],
    ["strasse", 1],
  ],
  labels: ["sea", "hills", "other", "missing"],
  unseen: "other",
  missing: "category",
  level: 1,
  height: 2,
  above: [],
};
const INCOME: ValueRecoding = { kind: "number", ...NUMERIC, bounds: [-10, 1000], grid: null };

function recoded(recoding: ValueRecoding, cell: Cell, typed = false): Cell {
  return readable(
    recoding,
    recoder(recoding, typed)(cell, () => "people.csv, line 3, x"),
  );
}

describe("recoder", () => {
  it.each([
    ["0", "(-inf,18)"],
    ["17", "(-inf,18)"],
    ["18", "[18,38)"],
    ["37", "[18,38)"],
    ["38", "[38,58)"],
    ["77", "[58,78)"],
    ["78", "[78,inf)"],
    ["120", "[78,inf)"],
  ])("puts %s into the half-open band %s", (cell, band) => {
    expect(recoded(AGE, cell)).toBe(band);
  });

  it.each([
    ["  Saint   Malo ", "sea"],
    ["ZU\u0308RICH", "hills"],
    ["Straße", "hills"],
    ["Atlantis", "other"],
    ["constructor", "other"],
    ["", "missing"],
    ["   ", "missing"],
    [null, "missing"],
  ])("takes %j to %s", (cell, value) => {
    expect(recoded(CITY, cell)).toBe(value);
  });

  it("keeps a number within its bounds as it is", () => {
    expect(recoded(INCOME, "-10")).toBe(-10);
    expect(recoded(INCOME, "12.75")).toBe(12.75);
    expect(recoded(INCOME, 12.75, true)).toBe(12.75);
  });

  it("codes top and bottom after the bounds, and puts a number where none stands", () => {
    const coded: ValueRecoding = { ...INCOME, clip: [0, 99], missing: 500 };
    expect(["-3", "40", "99", "100"].map((cell) => recoded(coded, cell))).toEqual([0, 40, 99, 99]);
    expect([recoded(coded, ""), recoded(coded, null)]).toEqual([99, 99]);
    expect(() => recoded(coded, "1001")).toThrow("data.aboveDeclaredMaximum");
    expect(recoded({ ...AGE, missing: 40 }, "")).toBe("[38,58)");
  });

  it.each([
    ["1984-06-14", 40],
    ["1984-06-15", 40],
    ["1984-06-16", 39],
    ["1984-07-01", 39],
    ["2000-02-29", 24],
    ["2024-06-15", 0],
  ])("counts the completed years of who is born on %s", (cell, age) => {
    const born: ValueRecoding = { ...INCOME, integer: true, bornBeforeMs: Date.UTC(2024, 5, 15) };
    expect(recoded(born, cell)).toBe(age);
  });

  it("ends a year of who is born on 29 February on 1 March", () => {
    const at = (day: number, month: number) =>
      recoded({ ...INCOME, bornBeforeMs: Date.UTC(2023, month, day) }, "2000-02-29");
    expect([at(28, 1), at(1, 2)]).toEqual([22, 23]);
  });

  it("makes one value of everything at the root, seen or not, there or not", () => {
    const root: ValueRecoding = {
      ...CITY,
      leaves: [["saint malo", 0]],
      labels: ["*", "other", "missing"],
      level: 2,
    };
    for (const cell of ["Saint Malo", "Atlantis", "", null]) expect(recoded(root, cell)).toBe("*");
  });

  it("keeps text as it is, its type too", () => {
    for (const cell of ["007", 7, true, null]) expect(recoded({ kind: "text" }, cell)).toBe(cell);
  });

  it.each<[string, ValueRecoding, string]>([
    ["data.belowDeclaredMinimum", AGE, "-1"],
    ["data.aboveDeclaredMaximum", AGE, "121"],
    ["data.aboveDeclaredMaximum", INCOME, "1000.5"],
    ["data.notAnInteger", AGE, "33.5"],
    ["data.notANumber", AGE, ""],
    ["data.notANumber", INCOME, "33,5"],
    ["data.nonFiniteNumber", INCOME, "9".repeat(400)],
    ["data.unseen", { ...CITY, unseen: "error" }, "Atlantis"],
    ["data.missing", { ...CITY, missing: "error" }, ""],
    ["data.belowDeclaredMinimum", { ...AGE, bounds: null, closed: true }, "17"],
  ])("refuses as %s, naming line and column but not the value", (code, recoding, cell) => {
    const read = () => recoded(recoding, cell);
    expect(read).toThrow(`${code} (people.csv, line 3, x)`);
    if (cell !== "") expect(read).not.toThrow(`got ${cell}`);
  });

  it("takes no text for a number where cells have types of their own", () => {
    expect(() => recoded(INCOME, "12", true)).toThrow("data.notANumber");
    expect(() => recoded(AGE, true, true)).toThrow("data.notANumber");
  });

  it("gives an index inside the labels for any text", () => {
    fc.assert(
      fc.property(fc.string(), (cell) => {
        expect(CITY.kind === "categories" && CITY.labels).toContain(recoded(CITY, cell));
      }),
    );
  });
});

/** The golden cases, each spec as the keys of a column for each of its levels; "*" of bands is none of ours. */
describe("golden generalizations", async () => {
  const cell = z.union([z.string(), z.number(), z.null()]);
  const { generalization_cases: cases, specs } = z
    .object({
      generalization_cases: z
        .array(
          z.object({
            id: z.string(),
            spec: z.string(),
            input: z.union([cell, z.object({ non_finite: z.string() })]),
            expected: z.unknown(),
          }),
        )
        .length(103),
      specs: z.object({
        location: z.object({ tree: z.record(z.string(), z.array(z.string())) }),
        category_other: z.object({ values: z.array(z.string()) }),
      }),
    })
    .parse(vectorFile("anonymity.json"));

  type Keys = Omit<ScenarioColumn, "role">;
  const steps: Keys["normalise"] = ["nfc", "trim", "collapseSpaces", "caseFold"];
  const number: Keys = { type: "number" };
  const place = (level: number): Keys => {
    return { hierarchy: specs.location.tree, level, unseen: "other", normalise: steps };
  };
  const LEVELS: Record<string, readonly Keys[]> = {
    age_bands: [
      number,
      { edges: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90] },
      { edges: [0, 20, 40, 60, 80] },
      { edges: [0, 40, 80] },
    ],
    age_adult_20y: [number, { bands: [18, 38, 58, 78] }],
    amount_bands: [number, { bands: [0, 10, 25, 50, 100, 250, 1000] }, { bands: [0, 50, 250] }],
    amount_floor: [{ ...number, floor: 20 }],
    amount_round: [{ ...number, round: 5 }],
    top_bottom: [{ ...number, clip: [0, 99] }],
    date_trunc: [0, 1, 2, 3, 4].map((level) => ({ type: "date", level })),
    birthdate: [
      { type: "birthDate", reference: "2024-06-30" },
      { type: "birthDate", reference: "2024-06-30", edges: [0, 20, 40, 60, 80] },
    ],
    location: [0, 1, 2, 3].map(place),
    zip5: [0, 1, 2, 3, 4, 5].map((level) => ({
      type: "code",
      length: 5,
      charset: "digits",
      level,
    })),
    postcode_alnum: [{ type: "code", level: 3 }],
    category_other: [
      { vocabulary: specs.category_other.values, unseen: "other", normalise: ["trim", "caseFold"] },
    ],
  };
  const CODES: Record<string, RegExp> = {
    non_finite: /^data\.(nonFiniteNumber|notANumber) /,
    not_a_number: /^data\.notANumber /,
    invalid_date: /^data\.(invalidDate|timestampWithoutZone) /,
    timestamp_without_zone: /^data\.timestampWithoutZone /,
    date_in_future: /^data\.dateInFuture /,
    wrong_shape: /^data\.wrongShape /,
    below_declared_minimum: /^data\.belowDeclaredMinimum /,
  };

  it.each(cases.map(({ id, ...rest }) => [id, rest] as const))("%s", async (_, golden) => {
    const { spec, expected } = golden;
    const keys = LEVELS[spec] ?? [];
    const input = z.union([cell, z.object({}).transform(() => Number.NaN)]).parse(golden.input);
    const built = await Promise.all(
      keys.map((one) =>
        buildRecoding({ role: "quasiIdentifier", ...one }, async () => "", "golden"),
      ),
    );
    const recodings = built.filter((recoding) => recoding.kind !== "image");
    const fault = z.object({ error: z.string() }).safeParse(expected);
    if (fault.success) {
      // Some faults are the bands' own: the number as it is has none.
      const last = recodings.at(-1) ?? { kind: "text" };
      expect(() => recoded(last, input, true)).toThrow(CODES[fault.data.error] ?? /^no such code/);
      return;
    }
    const got = recodings.map((recoding) => recoded(recoding, input, true));
    const wanted = flat(expected).slice(0, got.length);
    expect(got.map(String)).toEqual(wanted);
    expect(wanted.length).toBeGreaterThan(0);
  });

  /** One value, one a level, or a value with what it became. */
  function flat(expected: unknown): string[] {
    if (Array.isArray(expected)) return expected.map(String);
    if (typeof expected !== "object" || expected === null) return [String(expected)];
    const told = Object.entries(expected).filter(([key]) => key !== "coded");
    return told.map(([, value]) => String(value));
  }
});

describe("an image", () => {
  const keep = imageKeeper({ kind: "image", shape: [2, 3, 1] });

  it("of the contract's size stays as it is", () => {
    const bytes = Uint8Array.of(0, 1, 2, 3, 4, 255);
    expect(keep(bytes, "here")).toBe(bytes);
  });

  it.each([
    ["of another size", new Uint8Array(5), /data\.imageSize.*expected 2 × 3 × 1 bytes/],
    ["that is text", "0,1,2,3,4,5", /data\.notAnImage/],
  ])("%s is refused, and not quoted", (_name, cell, words) => {
    expect(() => keep(cell, "here")).toThrow(words);
    expect(() => keep(cell, "here")).not.toThrow(/0,1,2/);
  });
});
