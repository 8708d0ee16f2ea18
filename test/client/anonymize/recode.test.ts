import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readable, recoder } from "../../../client/anonymize/recode.ts";
import type { Recoding } from "../../../shared/contract/contract.ts";
import { bandLabels } from "../../../shared/contract/contract-check.ts";

const AGE: Recoding = {
  kind: "bands",
  integer: true,
  bounds: [0, 120],
  edges: [18, 38, 58, 78],
  labels: bandLabels([18, 38, 58, 78]),
};
const CITY: Recoding = {
  kind: "categories",
  normalise: ["nfc", "trim", "collapseSpaces", "caseFold"],
  leaves: [
    ["saint malo", 0],
    ["zürich", 1],
    ["strasse", 1],
  ],
  labels: ["sea", "hills", "other", "missing"],
  unseen: "other",
};
const INCOME: Recoding = { kind: "number", integer: false, bounds: [-10, 1000] };

function recoded(recoding: Recoding, cell: string): string | number {
  const recode = recoder({ name: "x", from: "x", role: "quasiIdentifier", take: null, recoding });
  return readable(recoding, recode(cell, "people.csv, line 3, x"));
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
  ])("takes %j to %s", (cell, value) => {
    expect(recoded(CITY, cell)).toBe(value);
  });

  it("keeps a number within its bounds as it is", () => {
    expect(recoded(INCOME, "-10")).toBe(-10);
    expect(recoded(INCOME, "12.75")).toBe(12.75);
  });

  it.each<[string, Recoding, string]>([
    ["data.belowDeclaredMinimum", AGE, "-1"],
    ["data.aboveDeclaredMaximum", AGE, "121"],
    ["data.aboveDeclaredMaximum", INCOME, "1000.5"],
    ["data.notAnInteger", AGE, "33.5"],
    ["data.notANumber", AGE, ""],
    ["data.notANumber", INCOME, "33,5"],
    ["data.unseen", { ...CITY, unseen: "error" }, "Atlantis"],
  ])("refuses as %s, naming line and column but not the value", (code, recoding, cell) => {
    const read = () => recoded(recoding, cell);
    expect(read).toThrow(`${code} (people.csv, line 3, x)`);
    if (cell !== "") expect(read).not.toThrow(cell);
  });

  it("gives an index inside the labels for any text", () => {
    fc.assert(
      fc.property(fc.string(), (cell) => {
        expect(CITY.kind === "categories" && CITY.labels).toContain(recoded(CITY, cell));
      }),
    );
  });
});
