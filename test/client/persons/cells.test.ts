import { describe, expect, it } from "vitest";
import { isEmptyCell, numberCell, refuseCell, textOf } from "../../../client/persons/cells.ts";

describe("numberCell", () => {
  it.each([
    ["7", 7],
    ["-7.50", -7.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["+2", 2],
    ["1e15", 1e15],
  ])("reads %s", (cell, value) => {
    expect(numberCell(cell, "line 3, income")).toBe(value);
  });

  it.each(["Infinity", " 7", "7 ", "0x1F", "1_000", "12 €", "1e", "--1", "7\n"])(
    "refuses %j and does not quote it",
    (cell) => {
      const read = () => numberCell(cell, "line 3, income");
      expect(read).toThrow(
        "data.notANumber (line 3, income): got text that is no number, expected",
      );
    },
  );

  it.each([
    ["", "an empty cell", "missing: 0"],
    [null, "an empty cell", "missing: 0"],
    ["NaN", '"NaN", which is text here', 'data.source.missing: "NaN"'],
    ["n/a", '"n/a", which is text here', 'data.source.missing: "n/a"'],
    ["#N/A", '"#N/A", which is text here', 'data.source.missing: "#N/A"'],
    ["<NA>", '"<NA>", which is text here', 'data.source.missing: "<NA>"'],
    ["unknown", '"unknown", which is text here', 'data.source.missing: "unknown"'],
    ["1,5", "a number with a comma", "with a point"],
    ["-1,5e3", "a number with a comma", "with a point"],
  ])("tells %j apart, and how it could be read", (cell, got, fix) => {
    const read = () => numberCell(cell, "line 3, income");
    expect(read).toThrow(`data.notANumber (line 3, income): got ${got}, expected`);
    expect(read).toThrow(fix);
  });

  it("reads numbers of a typed source, and no text or truth value for one", () => {
    expect([7, -0.5].map((cell) => numberCell(cell, "line 3", true))).toEqual([7, -0.5]);
    for (const cell of ["7", "", true, null])
      expect(() => numberCell(cell, "line 3", true)).toThrow("data.notANumber");
    for (const cell of [true, null])
      expect(() => numberCell(cell, "line 3")).toThrow("data.notANumber");
    expect(() => numberCell(1e16, "line 3", true)).toThrow("data.nonFiniteNumber");
    expect(() => numberCell(Number.POSITIVE_INFINITY, "line 3")).toThrow("data.nonFiniteNumber");
    expect(() => numberCell(Number.NaN, "line 3")).toThrow("data.notANumber");
  });

  it("is quick about 400 digits", () => {
    expect(() => numberCell("9".repeat(400), "line 3, income")).toThrow("data.nonFiniteNumber");
    expect(() => numberCell(`${"9".repeat(100_000)}x`, "line 3, income")).toThrow("notANumber");
  });

  it.each(["1e999", "-1e16", "1e400"])("refuses %s as too large to add up", (cell) => {
    expect(() => numberCell(cell, "line 3, income")).toThrow("data.nonFiniteNumber");
  });
});

describe("cells of any type", () => {
  it("are text to a vocabulary, and empty where nothing stands", () => {
    expect([null, "", " ", 0, true].map(textOf)).toEqual(["", "", " ", "0", "true"]);
    expect([null, "", " ", 0, false].map(isEmptyCell)).toEqual([true, true, false, false, false]);
  });

  it("are refused by their place, which is asked for only then", () => {
    const asked: string[] = [];
    const where = () => {
      asked.push("asked");
      return "line 3, income";
    };
    numberCell("7", where);
    expect(asked).toEqual([]);
    expect(() => refuseCell("data.x", where, "this", "that")).toThrow("data.x (line 3, income)");
    expect(asked).toEqual(["asked"]);
  });
});
