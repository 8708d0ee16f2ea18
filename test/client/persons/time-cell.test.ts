/** Dates and times of cells, in each way of writing that a column may name. */
import { describe, expect, it } from "vitest";
import { formatsOf, timeCell } from "../../../client/persons/time-cell.ts";
import { DATE_FORMATS, type DateFormat } from "../../../shared/scenario/date-format.ts";

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

/** Three-letter months as the platform's own locale data have them. */
const month = new Intl.DateTimeFormat("en-US", { month: "short", timeZone: "UTC" });

function spelled(date: Date, format: DateFormat): string {
  const iso = date.toISOString();
  const [y, m, d] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
  const spellings: Record<DateFormat, string> = {
    "YYYY-MM-DD": `${y}-${m}-${d}`,
    "YYYY-MM-DD hh:mm:ss": `${y}-${m}-${d} 00:00:00`,
    "DD.MM.YYYY": `${d}.${m}.${y}`,
    "DD/MM/YYYY": `${d}/${m}/${y}`,
    "MM/DD/YYYY": `${m}/${d}/${y}`,
    "DD Mon YYYY": `${d} ${month.format(date)} ${y}`,
  };
  return spellings[format];
}

describe("timeCell of a named format", () => {
  it.each(DATE_FORMATS)("reads every day of three years in %s", (format) => {
    for (let ms = Date.UTC(1999, 0, 1); ms < Date.UTC(2002, 0, 1); ms += 86_400_000)
      expect(timeCell(spelled(new Date(ms), format), "line 3, born", format)).toBe(ms);
  });

  it.each([
    ["5.1.2020", "DD.MM.YYYY", Date.UTC(2020, 0, 5)],
    ["1/5/2020", "MM/DD/YYYY", Date.UTC(2020, 0, 5)],
    ["29-FEB-2020", "DD Mon YYYY", Date.UTC(2020, 1, 29)],
    ["2020-12-31 23:59:59.9999", "YYYY-MM-DD hh:mm:ss", Date.UTC(2020, 11, 31, 23, 59, 59, 999)],
    ["2020-12-31T07:05", "YYYY-MM-DD hh:mm:ss", Date.UTC(2020, 11, 31, 7, 5)],
  ] as const)("reads %s as %s", (cell, format, time) => {
    expect(timeCell(cell, "line 3, born", format)).toBe(time);
  });

  it.each([
    ["31.02.2020", "DD.MM.YYYY"],
    ["2020-12-31", "DD.MM.YYYY"],
    ["31.12.20", "DD.MM.YYYY"],
    ["31/12/2020", "MM/DD/YYYY"],
    ["12/31/2020", "DD/MM/YYYY"],
    ["0/1/2020", "DD/MM/YYYY"],
    ["31 Dez 2020", "DD Mon YYYY"],
    ["31 Dec-2020", "DD Mon YYYY"],
    ["31 Dec 2020 ", "DD Mon YYYY"],
    ["2020-12-31", "YYYY-MM-DD hh:mm:ss"],
    ["2020-12-31 24:00:00", "YYYY-MM-DD hh:mm:ss"],
    ["2020-02-30 10:00:00", "YYYY-MM-DD hh:mm:ss"],
    ["", "MM/DD/YYYY"],
  ] as const)("refuses %j as %s and does not quote it", (cell, format) => {
    expect(() => timeCell(cell, "line 3, born", format)).toThrow(
      `data.invalidDate (line 3, born): got another cell, expected ${format}, as its format says`,
    );
  });

  it("says which format a cell of another would need", () => {
    const read = (cell: string) => () => timeCell(cell, "line 3, born");
    expect(read("31.12.2020")).toThrow("Say of the column format: DD.MM.YYYY.");
    expect(read("01/02/2020")).toThrow("format: DD/MM/YYYY, or MM/DD/YYYY.");
    expect(read("2020-12-31T10:00:00")).toThrow('format: "YYYY-MM-DD hh:mm:ss"');
    expect(read("tomorrow")).toThrow("Correct that cell");
  });
});

describe("formatsOf", () => {
  it("finds one format, but two where day and month might be either", () => {
    const day = new Date(Date.UTC(2020, 11, 31));
    for (const format of DATE_FORMATS) expect(formatsOf(spelled(day, format))).toEqual([format]);
    expect(formatsOf("01/02/2020")).toEqual(["DD/MM/YYYY", "MM/DD/YYYY"]);
    expect(formatsOf("01/02/2020", ["MM/DD/YYYY", "DD.MM.YYYY"])).toEqual(["MM/DD/YYYY"]);
    expect([formatsOf("x"), formatsOf(null), formatsOf(new Uint8Array(3))]).toEqual([[], [], []]);
  });
});
