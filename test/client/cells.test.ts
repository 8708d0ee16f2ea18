import { describe, expect, it } from "vitest";
import { numberCell, timeCell } from "../../client/cells.ts";

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

  it.each(["", "1,5", "NaN", "Infinity", " 7", "7 ", "0x1F", "1_000", "12 €", "1e", "--1", "7\n"])(
    "refuses %j and does not quote it",
    (cell) => {
      const read = () => numberCell(cell, "line 3, income");
      expect(read).toThrow("data.notANumber (line 3, income): got a cell that is none, expected");
    },
  );

  it.each(["1e999", "-1e16", "1e400"])("refuses %s as too large to add up", (cell) => {
    expect(() => numberCell(cell, "line 3, income")).toThrow("data.nonFiniteNumber");
  });
});

describe("timeCell", () => {
  it.each([
    ["2024-06-30", Date.UTC(2024, 5, 30)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2024-06-30T10:15:00Z", Date.UTC(2024, 5, 30, 10, 15)],
    ["2024-06-30T01:15:00+02:00", Date.UTC(2024, 5, 29, 23, 15)],
    ["2024-06-30T10:15:07.250Z", Date.UTC(2024, 5, 30, 10, 15, 7, 250)],
    ["2024-06-30T10:15Z", Date.UTC(2024, 5, 30, 10, 15)],
  ])("reads %s", (cell, time) => {
    expect(timeCell(cell, "line 3, date")).toBe(time);
  });

  it.each([
    "",
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-06-00",
    "30.06.2024",
    "1719705600",
    "2024-6-3",
    "0024-06-30",
    "2024-06-30T24:00:00Z",
    "2024-06-30T10:61:00Z",
    "2024-06-30 10:15:00Z",
    "2024-06-30T10:15:00+25:00",
    "2024-06-30T10:15:00z",
    "today",
  ])("refuses %j and does not quote it", (cell) => {
    expect(() => timeCell(cell, "line 3, date")).toThrow(
      "data.invalidDate (line 3, date): got another cell, expected",
    );
  });

  it("refuses a timestamp without its zone", () => {
    expect(() => timeCell("2024-06-30T10:15:00", "line 3, date")).toThrow(
      "data.timestampWithoutZone",
    );
  });
});
